"""One topic that a socket follows, and how far it has been told."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

Frame = dict[str, Any]


@dataclass(slots=True)
class Subscription:
    """`seq` is the last number told; None where the topic keeps no feed."""

    topic: str
    id: UUID
    seq: int | None = None
    counts: Frame | None = None
    quiet_until: float = 0.0

    @property
    def key(self) -> str:
        """The topic's name in feeds and hints."""
        return f"{self.topic}:{self.id}"

    def frame(self, frame: Frame, seq: int | None = None) -> Frame:
        """A frame addressed to the topic's readers."""
        number = {} if seq is None else {"seq": seq}
        return {**frame, "topic": self.topic, "id": str(self.id), **number}
