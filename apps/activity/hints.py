"""Doorbells: `{topic, seq}`, no data. One long-lived loop a process: a loop a call would open a connection a call."""

import asyncio
import logging
import os
import threading
from functools import cache
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer

PATIENCE = 2.0

logger = logging.getLogger(__name__)


def send(topic: str, seq: int | None) -> None:
    """Ring for a topic's subscribers, after commit. A lost hint costs a poll, so failures are logged and swallowed.

    Topics without rows (`project:{id}`, `queue:{id}`) have no number: their figures are read anew.
    """
    asyncio.run_coroutine_threadsafe(_send(topic, seq), _loop())


def recall(party: UUID) -> None:
    """Have the sockets of a person or an organization ask again who they are, and what they may hear: after commit.

    A lost recall costs what is left of the four seconds after which they ask anyway.
    """
    asyncio.run_coroutine_threadsafe(_tell(callers_of(party), {"type": "recalled"}), _loop())


def callers_of(party: UUID) -> str:
    """The channel layer's name of the sockets that a person has, or that act for an organization."""
    return f"callers.{party}"


def group_of(topic: str) -> str:
    """The channel layer's name of a topic; group names allow no colon."""
    return topic.replace(":", ".")


async def _send(topic: str, seq: int | None) -> None:
    await _tell(group_of(topic), {"type": "hint", "topic": topic, "seq": seq})


async def _tell(group: str, message: dict[str, Any]) -> None:
    try:
        async with asyncio.timeout(PATIENCE):  # a cache that hangs must not collect waiting hints
            await get_channel_layer().group_send(group, message)
    except Exception:  # whatever the layer's client raises: subscribers poll
        logger.warning("hint to %s was not sent", group, exc_info=True)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="hints", daemon=True).start()
    return loop


# A forked process has the loop but not its thread.
os.register_at_fork(after_in_child=_loop.cache_clear)
