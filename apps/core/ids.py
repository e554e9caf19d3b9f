"""Identifiers: UUIDv7 for rows (they sort by time, so indexes grow at one end), random 128 bits for secrets."""

import os
import secrets
import time
import uuid


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, 12 of their fraction (§6.2, method 3), 62 random bits.

    The fraction keeps rows that one process makes one after another in that order.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    random = int.from_bytes(os.urandom(8))
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80
    value |= 0x7 << 76
    value |= (nanoseconds * 4096 // 1_000_000) << 64
    value |= 0b10 << 62
    value |= random & 0x3FFFFFFFFFFFFFFF
    return uuid.UUID(int=value)


def new_secret() -> str:
    """128 random bits as URL-safe text: tokens, tickets, invitations."""
    return secrets.token_urlsafe(16)
