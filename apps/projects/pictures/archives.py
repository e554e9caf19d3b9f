"""Zip archives, read without trust: nothing is extracted by name, and nothing past its stated size."""

import stat
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path

from .rules import (
    ArchiveTooLarge,
    CorruptArchive,
    EncryptedArchive,
    PictureRefused,
    UnsafeEntry,
    UnsafePath,
)

MOST_MEMBERS = 10_000
MOST_BYTES = 20 * 1024**3
# Pictures hardly shrink; what unpacks to far more than its size was packed to do harm.
MOST_RATIO = 100
RATIO_MATTERS_ABOVE = 50 * 1024**2
LARGEST_DIRECTORY = 16 * 1024**2
END = b"PK\x05\x06"
END_SEARCHED = 65_557
CHUNK = 1024**2
ENCRYPTED = 0x1
# What systems put into archives without being asked.
LITTER = {"Thumbs.db", "desktop.ini", ".DS_Store"}


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside an archive; `error` is the code of why it will not be opened."""

    index: int
    name: str
    error: str = ""


def members_of(path: Path) -> list[Member]:
    """The archive's files in order. Raises CorruptArchive or ArchiveTooLarge; single bad entries are marked."""
    _require_small_directory(path)
    with _opened(path) as archive:
        entries = archive.infolist()
        _require_harmless(entries, path.stat().st_size)
        return [
            Member(index, entry.filename, _error_of(entry))
            for index, entry in enumerate(entries)
            if not entry.is_dir() and not _is_litter(entry.filename)
        ]


def extract(path: Path, index: int, to: Path) -> None:
    """Write one member to a file. Raises CorruptArchive when it is longer than it says or fails its checksum."""
    with _opened(path) as archive:
        entry = archive.infolist()[index]
        if code := _error_of(entry):
            raise next(kind for kind in PictureRefused.__subclasses__() if kind.code == code)
        left = entry.file_size
        try:
            with archive.open(entry) as source, to.open("wb") as target:
                while chunk := source.read(CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise CorruptArchive
                    target.write(chunk)
        except PictureRefused:
            raise
        except Exception as error:  # zipfile and zlib raise whatever they meet
            raise CorruptArchive from error
        if left:
            raise CorruptArchive


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except Exception as error:  # as above
        raise CorruptArchive from error


def _require_small_directory(path: Path) -> None:
    """Before zipfile reads the directory into memory."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - END_SEARCHED))
        tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) < at + 22:
        raise CorruptArchive
    entries, directory = struct.unpack("<HI", tail[at + 10 : at + 16])
    if entries > MOST_MEMBERS or directory > LARGEST_DIRECTORY:
        raise ArchiveTooLarge


def _require_harmless(entries: list[zipfile.ZipInfo], packed: int) -> None:
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_MEMBERS or total > MOST_BYTES:
        raise ArchiveTooLarge
    if total > RATIO_MATTERS_ABOVE and total > MOST_RATIO * packed:
        raise ArchiveTooLarge
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:  # overlapping entries: one stretch of bytes unpacked many times
            raise ArchiveTooLarge
        end = entry.header_offset + entry.compress_size


def _error_of(entry: zipfile.ZipInfo) -> str:
    if _leads_outside(entry.filename) or _leads_outside(entry.orig_filename):
        return UnsafePath.code
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        return UnsafeEntry.code
    if entry.flag_bits & ENCRYPTED:
        return EncryptedArchive.code
    return ""


def _leads_outside(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or "\0" in name or (len(name) > 1 and name[1] == ":")


def _is_litter(name: str) -> bool:
    parts = name.split("/")
    return "__MACOSX" in parts[:-1] or parts[-1] in LITTER
