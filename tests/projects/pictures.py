"""Files that people upload, good and evil, made by the tests themselves."""

import io
import random
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image


def picture(width: int = 40, height: int = 20, kind: str = "PNG", mode: str = "RGB", **save: Any) -> bytes:
    """A small picture of noise; `seed` makes another."""
    noise = random.Random(save.pop("seed", 1))
    image = Image.frombytes("RGB", (width, height), noise.randbytes(width * height * 3))
    buffer = io.BytesIO()
    (image if mode == "RGB" else image.convert(mode)).save(buffer, kind, **save)
    return buffer.getvalue()


def plain(mode: str, value: Any, kind: str = "PNG", size: tuple[int, int] = (8, 8)) -> bytes:
    """One colour in a mode of Pillow's."""
    buffer = io.BytesIO()
    Image.new(mode, size, value).save(buffer, kind)
    return buffer.getvalue()


def turned(orientation: int, width: int = 40, height: int = 20) -> bytes:
    """A JPEG whose EXIF says how it lies, and where it was taken. Its left half is white, its right half black."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 0.0)})
    image = Image.new("RGB", (width, height), "black")
    image.paste("white", (0, 0, width // 2, height))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def png_bomb(side: int, rows: int | None = None) -> bytes:
    """A 1-bit PNG of zeros: a few kilobytes for hundreds of megapixels; cut off after some rows."""
    row = b"\0" + bytes((side + 7) // 8)
    compressor = zlib.compressobj(9)
    packed = b"".join(compressor.compress(row) for _ in range(rows or side)) + compressor.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def png_with_text_bomb() -> bytes:
    """A good PNG with a comment that unpacks to 100 MB."""
    good = picture()
    text = _chunk(b"zTXt", b"c\0\0" + zlib.compress(bytes(100_000_000), 9))
    return good[:33] + text + good[33:]


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], packed: bool = False) -> bytes:
    """An archive of files, by name or by whatever a ZipInfo claims."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    """A symbolic link as a member."""
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = 0o120777 << 16
    return entry, target.encode()


def with_flag(archive: bytes, flag: int) -> bytes:
    """The same with a general-purpose flag set on every member, in both of its places."""
    changed = bytearray(archive)
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(magic)
        while at >= 0:
            changed[at + offset] |= flag
            at = changed.find(magic, at + 4)
    return bytes(changed)


def with_stated_size(archive: bytes, size: int) -> bytes:
    """The same with another size stated for every member in the directory."""
    changed = bytearray(archive)
    at = changed.find(b"PK\x01\x02")
    while at >= 0:
        changed[at + 24 : at + 28] = struct.pack("<I", size)
        at = changed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def with_entries_on_one_spot(archive: bytes) -> bytes:
    """The same with every member said to begin where the first does."""
    changed = bytearray(archive)
    at = changed.find(b"PK\x01\x02")
    while at >= 0:
        changed[at + 42 : at + 46] = struct.pack("<I", 0)
        at = changed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)
