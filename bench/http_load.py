"""A closed loop of people over plain sockets: as little client as may be, since it shares the server's machine."""

import asyncio
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec


@dataclass
class Load:
    """What one run measured."""

    pairs: int = 0
    seconds: float = 0.0
    claim_ms: list[float] = field(default_factory=list)
    submit_ms: list[float] = field(default_factory=list)


class _Lease(msgspec.Struct):
    token: str


class _Task(msgspec.Struct):
    id: str
    lease: _Lease


class _Claimed(msgspec.Struct):
    tasks: list[_Task]


def shapes() -> list[dict[str, object]]:
    """Five shapes as an annotator sends them: four boxes and a polygon of twelve points."""
    boxes = [
        {"id": str(uuid.uuid4()), "label": "car", "type": "box", "x": 100.0 * n, "y": 50.0, "width": 80, "height": 60}
        for n in range(4)
    ]
    ring = [[900, 900], [940, 890], [980, 900], [1010, 930], [1020, 970], [1010, 1010], [980, 1040], [940, 1050],
            [900, 1040], [870, 1010], [860, 970], [870, 930]]  # fmt: skip
    return [*boxes, {"id": str(uuid.uuid4()), "label": "tree", "type": "polygon", "parts": [[ring]]}]


def run(port: int, seed: dict[str, object], *, clients: int, pairs: int, keys: bool) -> Load:
    """`clients` people claim and submit until `pairs` were done; with `keys`, under an Idempotency-Key each time."""
    return asyncio.run(_run(port, seed, clients, pairs, keys))


async def _run(port: int, seed: dict[str, object], clients: int, pairs: int, keys: bool) -> Load:
    load, left = Load(), iter(range(pairs))
    started = time.perf_counter()
    tokens: list[str] = seed["tokens"]  # type: ignore[assignment]
    # Other people each time: one may claim 600 times a minute.
    people, tokens[:clients] = tokens[:clients], []
    await asyncio.gather(*(_person(port, seed, token, keys, left, load) for token in people))
    load.seconds = time.perf_counter() - started
    return load


async def _person(port: int, seed: dict[str, object], token: str, keys: bool, left: Iterator[int], load: Load) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    base = f"/api/v1/orgs/{seed['org']}"
    claim = json.dumps({"stage": seed["stage"]}).encode()

    async def ask(path: str, body: bytes, *headers: str) -> tuple[int, bytes]:
        extra = [*headers, f"Idempotency-Key: {uuid.uuid4()}"] if keys else headers
        head = "\r\n".join(
            [
                f"POST {base}/{path} HTTP/1.1",
                f"Host: 127.0.0.1:{port}",
                f"Authorization: Bearer {token}",
                "Content-Type: application/json",
                f"Content-Length: {len(body)}",
                *extra,
            ]
        )
        writer.write(head.encode() + b"\r\n\r\n" + body)
        return await _answer(reader)

    for _ in left:
        before = time.perf_counter()
        status, answer = await ask(f"projects/{seed['project']}/claims", claim)
        claimed = time.perf_counter()
        if status != 201:
            raise RuntimeError(f"claim: {status} {answer[:300]!r}")
        (task,) = msgspec.json.decode(answer, type=_Claimed).tasks
        body = json.dumps({"annotations": shapes()}).encode()
        sent = time.perf_counter()
        status, answer = await ask(f"tasks/{task.id}/submission", body, f"Lease-Token: {task.lease.token}")
        if status != 201:
            raise RuntimeError(f"submission: {status} {answer[:300]!r}")
        load.pairs += 1
        load.claim_ms.append((claimed - before) * 1000)
        load.submit_ms.append((time.perf_counter() - sent) * 1000)
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return status, await reader.readexactly(int(line[15:]))
        if line.lower().startswith(b"transfer-encoding:"):
            raise RuntimeError("The answer came in chunks.")
    return status, b""
