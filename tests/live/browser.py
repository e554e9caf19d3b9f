"""A browser's live socket, as far as frames go."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.conf import settings
from django.test import Client

from apps.accounts.selectors import Member
from apps.live import consumers
from config.routing import sockets

HOST = "localhost:8000"
PATIENCE = 6


class Socket(ApplicationCommunicator):
    """One connection; channels' own communicator would want daphne."""

    def __init__(self, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        path, _, query = path.partition("?")
        scope = {"type": "websocket", "path": path, "query_string": query.encode(), "headers": headers}
        super().__init__(sockets, {**scope, "subprotocols": []})

    async def open(self) -> None:
        """Shake hands."""
        await self.send_input({"type": "websocket.connect"})
        assert (await self.receive_output(PATIENCE))["type"] == "websocket.accept"

    async def leave(self) -> None:
        """Close, and let the server end its side."""
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(PATIENCE)
        await readers_at_rest()

    async def send_text(self, text: str) -> None:
        """Anything at all."""
        await self.send_input({"type": "websocket.receive", "text": text})

    async def send_bytes(self, sent: bytes) -> None:
        """A binary frame."""
        await self.send_input({"type": "websocket.receive", "bytes": sent})

    async def say(self, type_: str, **fields: Any) -> None:
        """A frame of the contract."""
        await self.send_text(json.dumps({"type": type_, **fields}))

    async def next(self, type_: str = "", patience: float = PATIENCE) -> dict[str, Any]:
        """The next frame, or the next of a type."""
        while True:
            message = await self.receive_output(patience)
            assert message["type"] == "websocket.send", message
            frame: dict[str, Any] = json.loads(message["text"])
            if type_ in {"", frame["type"]}:
                return frame

    async def close_code(self, patience: float = PATIENCE) -> int:
        """Read on until the server closes."""
        while True:
            message = await self.receive_output(patience)
            if message["type"] == "websocket.close":
                return int(message["code"])

    async def follow(self, topic: str, id_: Any, **fields: Any) -> dict[str, Any]:
        """Subscribe; gives the first answer about the topic."""
        await self.say("subscribe", topic=topic, id=str(id_), **fields)
        while (frame := await self.next()).get("topic") != topic:
            pass
        return frame


def cookie_of(member: Member) -> str:
    """A signed-in session's cookie."""
    client = Client()
    client.force_login(member.user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


@asynccontextmanager
async def socket(
    org: str, cookie: str = "", *, origin: str = f"http://{HOST}", query: str = ""
) -> AsyncIterator[Socket]:
    """An opened socket, closed at the end."""
    headers = [(b"host", HOST.encode())]
    headers += [(b"origin", origin.encode())] if origin else []
    headers += [(b"cookie", cookie.encode())] if cookie else []
    browser = Socket(f"/ws/orgs/{org}/live{query}", headers)
    await browser.open()
    try:
        yield browser
    finally:
        await browser.leave()


async def meanwhile(act: Callable[..., Any], *values: Any) -> Any:
    """Something that happens elsewhere, in a transaction of its own."""
    return await database_sync_to_async(act, thread_sensitive=False)(*values)


async def silence(browser: Socket, seconds: float = 0.5) -> bool:
    """Whether nothing comes for a while."""
    return await asyncio.wait_for(browser.receive_nothing(timeout=seconds), seconds + 1)


async def readers_at_rest() -> None:
    """A read outlives the socket that asked for it; the tables must not be emptied under it."""
    threads = consumers.readers._max_workers
    barrier = threading.Barrier(threads)
    await asyncio.gather(
        *(asyncio.wrap_future(consumers.readers.submit(barrier.wait, PATIENCE)) for _ in range(threads))
    )
