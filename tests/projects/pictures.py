"""Files that people upload, good and evil, made by the tests themselves."""

import io
import random
import zipfile
from typing import Any

from PIL import Image


def picture(
    width: int = 40, height: int = 20, kind: str = "PNG", mode: str = "RGB", seed: int = 1, **save: Any
) -> bytes:
    """A small picture of noise, so that no two seeds give the same file."""
    noise = random.Random(seed)
    image = Image.frombytes("RGB", (width, height), noise.randbytes(width * height * 3))
    buffer = io.BytesIO()
    (image if mode == "RGB" else image.convert(mode)).save(buffer, kind, **save)
    return buffer.getvalue()


def turned(orientation: int, width: int = 40, height: int = 20) -> bytes:
    """A JPEG whose EXIF says that it lies on its side, with a place in it."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[1] = "N"
    return picture(width, height, "JPEG", exif=exif)


def zipped(members: dict[str, bytes], **options: Any) -> bytes:
    """An archive of files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", options.get("compression", zipfile.ZIP_STORED)) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()
