"""Hints from synchronous threads: one connection, across processes, and never in anybody's way."""

import asyncio
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from channels.layers import channel_layers, get_channel_layer
from django.conf import settings

from apps.activity import hints


async def heard(topic: str, ring: Any, number: int = 1) -> list[dict[str, Any]]:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(hints.group_of(topic), channel)
    await asyncio.to_thread(ring)
    return [await asyncio.wait_for(layer.receive(channel), 10) for _ in range(number)]


async def test_a_hint_from_a_thread_reaches_the_group() -> None:
    assert await heard("item:1", lambda: hints.send("item:1", 7)) == [{"type": "hint", "topic": "item:1", "seq": 7}]


async def test_a_hint_crosses_processes() -> None:
    code = (
        "import django, time; django.setup(); from apps.activity import hints;hints.send('item:2', 1); time.sleep(0.5)"
    )

    def ring() -> None:
        subprocess.run([sys.executable, "-c", code], check=True, cwd=settings.ROOT)

    assert (await heard("item:2", ring))[0]["seq"] == 1


async def test_many_hints_share_one_connection() -> None:
    server = redis.Redis.from_url(settings.CACHE_URL)

    def ring() -> None:
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda number: hints.send("item:3", number), range(200)))

    hints.send("item:3", 0)
    await asyncio.sleep(0.2)
    before = int(server.info("stats")["total_connections_received"])
    assert len(await heard("item:3", ring, 200)) == 200
    opened = int(server.info("stats")["total_connections_received"]) - before
    server.close()
    assert opened <= 4, "the listener's own, none for a hint"


def test_a_cache_that_is_away_hinders_nobody(
    settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    away = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": ["redis://127.0.0.1:1"]}}
    settings.CHANNEL_LAYERS = {"default": away}
    monkeypatch.setattr(channel_layers, "backends", {})
    began = time.monotonic()
    hints.send("item:4", 1)
    assert time.monotonic() - began < 2  # as long as a busy machine may take to start a thread
    deadline = time.monotonic() + 5
    while "hint to item.4 was not sent" not in caplog.text:
        assert time.monotonic() < deadline
        time.sleep(0.05)
