"""The parent's side of the decoding child: one order at a time, a time limit on each, a new child after a death."""

import json
import os
import select
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .archives import Member
from .decoding import Header
from .rules import REFUSALS, CorruptImage, ImageTooLarge, PictureRefused

ROOT = Path(__file__).resolve().parents[3]
# A gigapixel takes about a minute; what takes longer was made to.
SECONDS_AN_ORDER = 240
TIME_TO_DIE = 5


class Workshop:
    """Used as a context; every method raises a PictureRefused for what the child refuses or dies of."""

    def __init__(self, folder: Path, *, seconds: float = SECONDS_AN_ORDER) -> None:
        self._folder, self._seconds = folder, seconds
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def kind_of(self, path: Path) -> str:
        """A picture's format, or "ZIP"."""
        return str(self._order(do="kind", path=str(path))["kind"])

    def members_of(self, path: Path) -> list[Member]:
        """The files inside an archive."""
        return [Member(**member) for member in self._order(do="list", path=str(path))["members"]]

    def extract(self, path: Path, index: int, to: Path) -> None:
        """Unpack one member to a file of our naming."""
        self._order(do="extract", path=str(path), index=index, to=str(to))

    def derive(self, path: Path, to: Path, *, full: bool = False) -> Header:
        """Decode a picture in full and write what is made from it."""
        return Header(**self._order(do="derive", path=str(path), to=str(to), full=full))

    def _order(self, **order: Any) -> dict[str, Any]:
        child = self._child or self._start()
        assert child.stdin is not None  # noqa: S101 - for mypy: both are pipes
        try:
            child.stdin.write(json.dumps(order).encode() + b"\n")
            child.stdin.flush()
            line = self._line(child)
        except BrokenPipeError:
            line = b""
        if not line:
            self._stop()
            raise CorruptImage("Reading this file broke the decoder. Export it again, then upload it.")
        answer: dict[str, Any] = json.loads(line)
        if "refused" in answer:
            raise REFUSALS.get(answer["refused"], PictureRefused)(answer["message"])
        return answer

    def _line(self, child: subprocess.Popen[bytes]) -> bytes:
        assert child.stdout is not None  # noqa: S101 - for mypy: both are pipes
        until = time.monotonic() + self._seconds
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([child.stdout], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                self._stop()
                raise ImageTooLarge("Reading this file took too long. Split it, or save it in another format.")
            part = os.read(child.stdout.fileno(), 1 << 20)
            if not part:
                return b""
            line += part
        return line

    def _start(self) -> subprocess.Popen[bytes]:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "apps.projects.pictures.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            # Nothing of our environment: it holds the passwords of database and storage.
            env={"PATH": os.defpath, "TMPDIR": str(self._folder), "VIPS_CONCURRENCY": "2", "LANG": "C.UTF-8"},
        )
        return self._child

    def _stop(self) -> None:
        if self._child is None:
            return
        self._child.kill()
        self._child.wait(TIME_TO_DIE)
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # an order that was still on its way dies with the child
                    pipe.close()
        self._child = None
