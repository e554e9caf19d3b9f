"""Identifiers: UUIDv7 for rows (they sort by time, so indexes grow at one end), random 128 bits for secrets."""

import os
import secrets
import time
import uuid


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562 §5.7, method 3 of §6.2): milliseconds, then their fraction in 12 bits, then 62 random bits."""
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80
    value |= 0x7 << 76
    value |= (rest * 4096 // 1_000_000) << 64
    value |= 0b10 << 62
    value |= int.from_bytes(os.urandom(8)) & 0x3FFFFFFFFFFFFFFF
    return uuid.UUID(int=value)


def new_secret() -> str:
    """128 random bits as URL-safe text: tokens, tickets, invitations."""
    return secrets.token_urlsafe(16)


def as_id(text: str) -> uuid.UUID | None:
    """What a form or an address says an id is, or None."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
