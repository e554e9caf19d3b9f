"""From a file to upright 8-bit RGB pixels. Untrusted files are only decoded in the child process.

Conversions: 1-bit, grey, palette and YCbCr become RGB; CMYK by Pillow's plain formula; transparency is laid on white;
16 bits keep the upper 8; of several frames or pages the first is taken. Float, 32-bit and Lab pixels are refused.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyvips
from PIL import Image

from .rules import (
    IN_MEMORY_PIXELS,
    MEDIA_TYPES,
    CorruptImage,
    PictureRefused,
    UnsupportedImageType,
    UnsupportedPixelFormat,
    kind_of,
    require_size,
)

# Our own limits stand in `rules`; Pillow's would refuse to say how large a picture is.
Image.MAX_IMAGE_PIXELS = None

ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
PLAIN = {"RGB", "L", "1", "CMYK", "YCbCr", "RGBX"}
SEE_THROUGH = {"P", "PA", "LA", "La", "RGBA", "RGBa"}
DEEP = {"I;16", "I;16L", "I;16B", "I;16N"}
UPPER_BITS = [value >> 8 for value in range(65_536)]
LOADERS = {"JPEG": "jpegload", "PNG": "pngload", "TIFF": "tiffload", "WEBP": "webpload"}


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself; `width` and `height` are upright."""

    kind: str
    media_type: str
    width: int
    height: int
    orientation: int


def header_of(path: Path) -> Header:
    """Read the header and hold it against the rules; decodes nothing. Raises a PictureRefused."""
    kind = kind_of(path)
    if kind == "ZIP":
        raise UnsupportedImageType
    try:
        with Image.open(path, formats=[kind]) as image:
            width, height, orientation = *image.size, _orientation(image)
    except Exception as error:  # decoders raise whatever they meet: struct, zlib, value, index and EOF errors
        raise CorruptImage from error
    if width < 1 or height < 1:
        raise CorruptImage
    require_size(width, height, kind, path.stat().st_size)
    if orientation >= 5:
        width, height = height, width
    return Header(kind, MEDIA_TYPES[kind], width, height, orientation)


def upright_rgb(path: Path, header: Header) -> Image.Image:
    """All pixels in memory. Raises CorruptImage when any is missing, UnsupportedPixelFormat."""
    try:
        with Image.open(path, formats=[header.kind]) as image:
            image.load()
            turn = TURNS.get(header.orientation)
            return _rgb(image.transpose(turn) if turn is not None else image)
    except PictureRefused:
        raise
    except Exception as error:  # as above
        raise CorruptImage from error


def upright_stream(path: Path, header: Header) -> Any:
    """A libvips image that reads from top to bottom, or, where it must be turned, by way of a file on disk."""
    try:
        access = "sequential" if header.orientation == 1 else "random"
        load = getattr(pyvips.Image, LOADERS[header.kind])
        image = load(str(path), access=access, fail_on="error")
        if image.format not in {"uchar", "ushort"} or image.interpretation in {"lab", "labs", "xyz", "scrgb"}:
            raise UnsupportedPixelFormat
        image = image.colourspace("srgb")
        if image.hasalpha():
            image = image.flatten(background=[255, 255, 255])
        image = image.cast("uchar").copy()
        # Pillow's reading of the orientation holds for both decoders, or tiles would not fit width and height.
        image.set_type(pyvips.GValue.gint_type, "orientation", header.orientation)
        return image.autorot()
    except pyvips.Error as error:
        raise CorruptImage from error


def vips_of(image: Image.Image) -> Any:
    """The same pixels for libvips, without a second decoding."""
    return pyvips.Image.new_from_memory(image.tobytes(), image.width, image.height, 3, "uchar").copy(
        interpretation="srgb"
    )


def fits_in_memory(header: Header) -> bool:
    """Whether a picture is decoded as a whole."""
    return header.width * header.height <= IN_MEMORY_PIXELS


def _orientation(image: Image.Image) -> int:
    try:
        found = image.getexif().get(ORIENTATION, 1)
    except Exception:  # a broken EXIF block makes a picture unturned, not unreadable
        return 1
    return found if found in TURNS else 1


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in DEEP:
        return image.convert("I").point(UPPER_BITS, "L").convert("RGB")
    if image.mode in SEE_THROUGH or (image.mode in PLAIN and "transparency" in image.info):
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("RGB")
    if image.mode in PLAIN:
        return image.convert("RGB")
    raise UnsupportedPixelFormat
