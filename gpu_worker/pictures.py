"""Pictures as arrays: fetched, decoded, turned upright, and kept a while, since people ask again for what they see."""

import threading
from collections import OrderedDict
from uuid import UUID

import numpy as np

from apps.core import files
from apps.projects.pictures.decoding import header_of, upright_rgb
from apps.projects.pictures.rules import PictureRefused
from gpu_worker.runners.base import Picture

CACHE_BYTES = 512 * 1024 * 1024


class BadPicture(Exception):
    """The bytes in storage are not a picture that can be decoded."""


class Pictures:
    """A cache of decoded pictures by organization and digest, least recently used first to leave."""

    def __init__(self, budget: int = CACHE_BYTES) -> None:
        self._budget = budget
        self._kept: OrderedDict[tuple[UUID, str], Picture] = OrderedDict()
        self._lock = threading.Lock()
        self._decoding: dict[tuple[UUID, str], threading.Lock] = {}

    def of(self, org_id: UUID, sha256: str) -> Picture:
        """The upright picture. Raises BadPicture, or OSError when storage does not answer."""
        key = (org_id, sha256)
        with self._lock:
            one_decode = self._decoding.setdefault(key, threading.Lock())
        with one_decode:
            picture = self._remembered(key)
            if picture is None:
                picture = _decode(f"org/{org_id}/blob/{sha256[:2]}/{sha256}")
                self._remember(key, picture)
        with self._lock:
            self._decoding.pop(key, None)
        return picture

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
    with files.work_folder() as folder, files.local_copy(path, folder) as file:
        try:
            return np.asarray(upright_rgb(file, header_of(file)))
        except PictureRefused as refused:
            raise BadPicture(f"The picture cannot be decoded. {refused}") from refused
