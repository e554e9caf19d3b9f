"""Files in the configured storage, by names that we make; people's file names are text in the database only."""

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

CHUNK = 1024**2


class _Movable(File):  # type: ignore[type-arg]
    """A local file that a local storage may rename into place, so that nobody ever reads half of it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        """Where it lies; Django's file storage moves it from there."""
        return str(self._path)


def store(path: Path, name: str) -> None:
    """Move a finished local file to its name in the storage; what stood there is replaced by the same."""
    with _Movable(path) as file:
        default_storage.save(name, file)
    path.unlink(missing_ok=True)


def store_copy(path: Path, name: str) -> None:
    """Keep a copy under a name that says what the file holds: stored once, then left alone."""
    if default_storage.exists(name):
        return
    with work_folder() as folder:
        store(Path(shutil.copyfile(path, folder / "copy")), name)


def clear(*paths: Path) -> None:
    """Remove local files and folders, as far as they are there."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def opened(name: str) -> IO[bytes] | None:
    """A stored file for reading, or None."""
    try:
        file: IO[bytes] = default_storage.open(name, "rb")
    except FileNotFoundError:
        return None
    return file


def remove(name: str) -> None:
    """Delete a stored file, if it is there."""
    default_storage.delete(name)


@contextmanager
def work_folder() -> Iterator[Path]:
    """A folder for the time of one piece of work; inside a local storage, so that files can be renamed into place."""
    try:
        parent = Path(default_storage.path("tmp"))
    except NotImplementedError:
        parent = settings.VAR / "tmp"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def local_copy(name: str, folder: Path) -> Iterator[Path]:
    """A stored file as a path: itself where the storage is a folder, else a download. Raises FileNotFoundError."""
    try:
        own = Path(default_storage.path(name))
    except NotImplementedError:
        copy = folder / "copy"
        with default_storage.open(name, "rb") as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target, CHUNK)
        yield copy
        copy.unlink()
    else:
        if not own.is_file():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        yield own


def sha256_of(path: Path) -> str:
    """The digest of a local file, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
