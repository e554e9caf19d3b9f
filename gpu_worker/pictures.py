"""Pictures as arrays: fetched, decoded, turned upright, and kept a while, since people ask again for what they see."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

import numpy as np
import pyvips

from apps.core import files
from apps.projects.pictures.decoding import fits_in_memory, header_of, upright_rgb, upright_stream
from apps.projects.pictures.rules import CorruptImage, PictureRefused
from gpu_worker.runners.base import Picture
from gpu_worker.storage import answering

CACHE_BYTES = 512 * 1024 * 1024
LENT_BYTES = 4 * 1024**3  # decoded pictures in use at once: an item may have a gigapixel, and many threads want one
PIXEL_BYTES = 3 + 4  # as it lies here, and as Pillow holds it while the whole is shrunk for the model


class BadPicture(Exception):
    """The bytes in storage are not a picture that can be decoded."""


class Pictures:
    """A cache of decoded pictures by organization and digest, least recently used first to leave."""

    def __init__(self, budget: int = CACHE_BYTES, *, at_once: int = LENT_BYTES) -> None:
        self._budget = budget
        self._at_once = at_once
        self._lent = 0
        self._returned = threading.Condition()
        self._kept: OrderedDict[tuple[UUID, str], Picture] = OrderedDict()
        self._lock = threading.Lock()
        self._decoding: dict[tuple[UUID, str], threading.Lock] = {}

    @contextmanager
    def lent(self, org_id: UUID, sha256: str, *, pixels: int) -> Iterator[Picture]:
        """The upright picture for as long as the block runs; waits while others use too much memory. Raises as `of`."""
        size = pixels * PIXEL_BYTES
        with self._returned:
            self._returned.wait_for(lambda: not self._lent or self._lent + size <= self._at_once)
            self._lent += size
        try:
            yield self.of(org_id, sha256)
        finally:
            with self._returned:
                self._lent -= size
                self._returned.notify_all()

    def of(self, org_id: UUID, sha256: str) -> Picture:
        """The upright picture. Raises BadPicture, or OSError when storage does not answer."""
        key = (org_id, sha256)
        with self._lock:
            one_decode = self._decoding.setdefault(key, threading.Lock())
        try:
            with one_decode:
                picture = self._remembered(key)
                if picture is None:
                    picture = _decode(f"org/{org_id}/blob/{sha256[:2]}/{sha256}")
                    self._remember(key, picture)
                return picture
        finally:
            with self._lock:
                self._decoding.pop(key, None)

    def _remembered(self, key: tuple[UUID, str]) -> Picture | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _remember(self, key: tuple[UUID, str], picture: Picture) -> None:
        with self._lock:
            self._kept[key] = picture
            while len(self._kept) > 1 and sum(kept.nbytes for kept in self._kept.values()) > self._budget:
                self._kept.popitem(last=False)


def _decode(path: str) -> Picture:
    # The same pixels that people see: decoded by the same rules, after those rules let the file in.
    with files.work_folder() as folder, ExitStack() as fetched:
        with answering():
            file = fetched.enter_context(files.local_copy(path, folder))
        try:
            return _pixels(file)
        except PictureRefused as refused:
            if isinstance(refused.__cause__, MemoryError):
                raise refused.__cause__ from refused
            raise BadPicture(f"The picture cannot be decoded. {refused}") from refused


def _pixels(file: Path) -> Picture:
    header = header_of(file)
    if fits_in_memory(header):
        return np.asarray(upright_rgb(file, header))
    try:
        pixels: Picture = upright_stream(file, header).numpy()  # Pillow would hold three times as much meanwhile
    except pyvips.Error as error:
        raise CorruptImage from error
    return pixels
