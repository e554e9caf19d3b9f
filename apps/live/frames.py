"""What a browser may send: subscribe, unsubscribe, pong; nothing else is written here."""

from uuid import UUID

import msgspec

LARGEST = 64 * 1024


class Subscribe(msgspec.Struct, tag="subscribe", forbid_unknown_fields=True):
    """Follow a topic; `after` is the last number already known."""

    topic: str
    id: UUID
    after: int | None = None


class Unsubscribe(msgspec.Struct, tag="unsubscribe", forbid_unknown_fields=True):
    """Follow it no longer."""

    topic: str
    id: UUID


class Pong(msgspec.Struct, tag="pong"):
    """An answer to a ping."""


Asked = Subscribe | Unsubscribe | Pong

_decoder = msgspec.json.Decoder(Asked)


def read(text: str) -> Asked | None:
    """The frame, or None for one that cannot be understood."""
    try:
        asked: Asked = _decoder.decode(text)
    except msgspec.DecodeError:
        return None
    return asked
