"""The one live socket. A push is a hint: the consumer then reads the feed, under the caller's own context."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

import msgspec
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import InterfaceError, OperationalError

from apps.accounts.selectors import Member
from apps.activity.hints import callers_of, group_of
from apps.core.errors import NotAllowed, NotFound, NotSignedIn

from . import frames, selectors
from .callers import Caller, caller_of
from .subscription import Frame, Subscription

NOT_SIGNED_IN, NOT_ALLOWED, TOO_SLOW, SUPERSEDED = 4401, 4403, 4408, 4409
TOO_BIG, TOO_OFTEN = 1009, 1008
LOOK_EVERY = 4.0  # who lost their place is out within 5 s
POLL_EVERY = 15.0  # what a lost hint costs at most
MOST_TOPICS = 50
MOST_A_SECOND = 20.0
BURST = 80.0  # a page that comes back asks for all its topics at once
PATIENCE = 20.0
COUNTS_EVERY = 1.0

logger = logging.getLogger(__name__)
# Bounds the database connections of all sockets of this process; each read takes a few milliseconds.
readers = ThreadPoolExecutor(4, thread_name_prefix="live")

Value = TypeVar("Value")


async def in_database(read: Callable[..., Value], *values: Any) -> Value:
    """Run a selector in a thread, with a connection that it gives back."""
    return await database_sync_to_async(read, thread_sensitive=False, executor=readers)(*values)


class Live(AsyncWebsocketConsumer):
    """Reads what it is asked and hinted in one task, so that each topic's frames go out in order, each once."""

    caller: Caller
    member: Member

    async def connect(self) -> None:
        """Accept, so that the reason for a refusal reaches the browser as a close code."""
        self.topics: dict[str, Subscription] = {}
        self.asked: deque[frames.Asked | None] = deque()
        self.dirty: set[str] = set()
        self.awake, self.called = asyncio.Event(), asyncio.Event()
        self.groups: list[str] = []
        self.allowance, self.counted_at = BURST, time.monotonic()
        self.tasks: list[asyncio.Task[None]] = []
        await self.accept()
        try:
            self.caller = await in_database(caller_of, self.scope)
            self.member = await in_database(self.caller.member)
        except NotSignedIn:
            await self.close(NOT_SIGNED_IN)
        except NotAllowed:
            await self.close(NOT_ALLOWED)
        else:
            self.groups = [callers_of(self.member.id), callers_of(self.member.context.org_id)]
            for group in self.groups:
                await self.channel_layer.group_add(group, self.channel_name)
            self.tasks = [asyncio.create_task(self._lasting(work)) for work in (self._serve, self._look, self._poll)]

    async def disconnect(self, code: int) -> None:
        """Leave the groups and end the tasks."""
        for task in self.tasks:
            task.cancel()
        for subscription in list(self.topics.values()):
            await self._forget(subscription)
        for group in self.groups:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Note what was asked; the serving task answers."""
        if not self._has_allowance():
            return await self.close(TOO_OFTEN)
        if len(text_data or bytes_data or "") > frames.LARGEST:
            return await self.close(TOO_BIG)
        self.asked.append(frames.read(text_data) if text_data else None)
        self.awake.set()
        return None

    async def hint(self, message: dict[str, Any]) -> None:
        """A topic has news, or may have."""
        subscription = self.topics.get(message["topic"])
        seq = message["seq"]
        if subscription is None or (seq is not None and subscription.seq is not None and seq <= subscription.seq):
            return
        wait = subscription.quiet_until - time.monotonic()
        if wait > 0:  # counts change many times a second; nobody reads them that fast
            asyncio.get_running_loop().call_later(wait, self._mark, subscription.key)
        else:
            self._mark(subscription.key)

    async def recalled(self, message: dict[str, Any]) -> None:
        """What the caller is or may do has changed: look now."""
        self.called.set()

    async def superseded(self, message: dict[str, Any]) -> None:
        """The same person follows the same task in a newer tab."""
        if message["by"] != self.channel_name:
            await self.close(SUPERSEDED)

    async def ended(self, message: dict[str, Any]) -> None:
        """The client reads nothing, not even the close frame: let go of it."""
        raise StopConsumer

    def _has_allowance(self) -> bool:
        now = time.monotonic()
        self.allowance = min(BURST, self.allowance + (now - self.counted_at) * MOST_A_SECOND) - 1
        self.counted_at = now
        return self.allowance >= 0

    def _mark(self, key: str) -> None:
        self.dirty.add(key)
        self.awake.set()

    async def _lasting(self, work: Callable[[], Any]) -> None:
        """A task of this socket: an unforeseen error closes the socket, and the browser comes back."""
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except TimeoutError:
            await self._drop(TOO_SLOW)
        except OSError:  # the client left without a word, as the server says on the next frame
            await self._drop(1011)
        except Exception:
            logger.exception("a live socket broke")
            await self._drop(1011)

    async def _serve(self) -> None:
        await self._say({"type": "hello"})
        while True:
            await self.awake.wait()
            self.awake.clear()
            while self.asked:
                await self._answer(self.asked.popleft())
            dirty, self.dirty = self.dirty, set()
            for key in dirty:
                if subscription := self.topics.get(key):
                    await self._catch_up(subscription)

    async def _look(self) -> None:
        """Ask again, every few seconds and when called, whether the caller is still who they were."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self.called.wait()
            self.called.clear()
            with suppress(OperationalError, InterfaceError):  # a database that restarts dismisses nobody
                try:
                    member = await in_database(self.caller.member)
                    if member.context != self.member.context:
                        self.member = member
                        await self._follow_still()
                except NotSignedIn:
                    return await self._drop(NOT_SIGNED_IN)
                except (NotAllowed, NotFound):
                    return await self._drop(NOT_ALLOWED)

    async def _follow_still(self) -> None:
        for subscription in list(self.topics.values()):
            await in_database(selectors.may_follow, self.member.context, subscription.topic, subscription.id)

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_EVERY)
            for key in self.topics:
                self._mark(key)
            for subscription in list(self.topics.values()):
                await self._say(subscription.frame({"type": "ping"}, subscription.seq))
            if not self.topics:
                await self._say({"type": "ping"})

    async def _answer(self, asked: frames.Asked | None) -> None:
        if isinstance(asked, frames.Subscribe):
            await self._subscribe(asked)
        elif isinstance(asked, frames.Unsubscribe):
            if subscription := self.topics.get(f"{asked.topic}:{asked.id}"):
                await self._forget(subscription)
        elif asked is None:
            await self._say({"type": "refused", "code": "invalid_frame"})

    async def _subscribe(self, asked: frames.Subscribe) -> None:
        wanted = Subscription(asked.topic, asked.id)
        refusal = "too_many_topics" if len(self.topics) >= MOST_TOPICS and wanted.key not in self.topics else ""
        try:
            await in_database(selectors.may_follow, self.member.context, asked.topic, asked.id)
        except NotFound:
            refusal = "not_found"
        if refusal:
            return await self._say(wanted.frame({"type": "refused", "code": refusal}))
        # Listen before reading: what is published in between is then heard.
        await self.channel_layer.group_add(group_of(wanted.key), self.channel_name)
        if asked.topic == "task":
            await self._take_over(wanted)
        if selectors.keeps_feed(asked.topic):
            head = await in_database(selectors.head_of, self.member.context, wanted.key)
            wanted.seq = head if asked.after is None else asked.after
        self.topics[wanted.key] = wanted
        await self._say(wanted.frame({"type": "hello"}, wanted.seq))
        return await self._catch_up(wanted)

    async def _take_over(self, subscription: Subscription) -> None:
        tabs = self._tabs(subscription)
        await self.channel_layer.group_send(tabs, {"type": "superseded", "by": self.channel_name})
        await self.channel_layer.group_add(tabs, self.channel_name)

    async def _forget(self, subscription: Subscription) -> None:
        self.topics.pop(subscription.key, None)
        await self.channel_layer.group_discard(group_of(subscription.key), self.channel_name)
        if subscription.topic == "task":
            await self.channel_layer.group_discard(self._tabs(subscription), self.channel_name)

    async def _catch_up(self, subscription: Subscription) -> None:
        with suppress(OperationalError, InterfaceError):  # read at the next poll
            if subscription.seq is not None:
                await self._read(subscription, subscription.seq)
            elif not await self._count(subscription):
                await self._forget(subscription)
                await self._say(subscription.frame({"type": "refused", "code": "not_found"}))

    async def _count(self, subscription: Subscription) -> bool:
        subscription.quiet_until = time.monotonic() + COUNTS_EVERY
        try:
            counts = await in_database(selectors.counts_now, self.member.context, subscription.topic, subscription.id)
        except NotFound:
            return False
        if counts != subscription.counts:
            subscription.counts = counts
            await self._say(subscription.frame(counts))
        return True

    async def _read(self, subscription: Subscription, after: int) -> None:
        reading = await in_database(selectors.read_after, self.member.context, subscription.key, after)
        if reading.lost:
            subscription.seq = reading.head
            return await self._say(subscription.frame({"type": "resync"}, reading.head))
        for seq, frame in reading.frames:
            await self._say(subscription.frame(frame, seq))
            subscription.seq = seq
        if len(reading.frames) == selectors.MOST_FRAMES:
            self._mark(subscription.key)
        return None

    def _tabs(self, subscription: Subscription) -> str:
        return f"tabs.{self.member.id}.{subscription.id}"

    async def _say(self, frame: Frame) -> None:
        # The server waits here while the client does not read; beyond our patience it is too slow.
        async with asyncio.timeout(PATIENCE):
            await self.send(text_data=msgspec.json.encode(frame).decode())

    async def _drop(self, code: int) -> None:
        with suppress(OSError):  # which a timeout is too
            async with asyncio.timeout(1):
                await self.close(code)
        if code == TOO_SLOW:
            await self.channel_layer.send(self.channel_name, {"type": "ended"})
