"""What is taken for a picture, how large it may be, and the refusals that an upload's report shows."""

from pathlib import Path

MEGAPIXEL = 1_000_000
MOST_PIXELS = 1_000 * MEGAPIXEL
# A JPEG, which people get to see, has at most 65,535 pixels a side; decoders stop a little earlier.
LONGEST_SIDE = 65_500
# Above this, only decoders that read from top to bottom are used, and the file must have earned its size.
IN_MEMORY_PIXELS = 50 * MEGAPIXEL
MOST_DECODED_PER_ENCODED = 200

# Pillow's name of a format -> media type. `formats=` keeps it from trying EPS, PSD, FITS and the like.
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
    "GIF": "image/gif",
}
SEQUENTIAL = {"JPEG", "PNG", "TIFF", "WEBP"}
MAGIC = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"RIFF": "WEBP",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"II+\x00": "TIFF",
    b"MM\x00+": "TIFF",
    b"BM": "BMP",
    b"GIF8": "GIF",
}
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


class PictureRefused(Exception):
    """A file that does not become an item: `code` for programs, the message for people."""

    code = "refused"
    message = "This file cannot be used."

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.message)


class EmptyFile(PictureRefused):
    code = "empty_file"
    message = "This file is empty."


class UnsupportedImageType(PictureRefused):
    code = "unsupported_image_type"
    message = "This is not a JPEG, PNG, WebP, TIFF, BMP or GIF picture."


class CorruptImage(PictureRefused):
    code = "corrupt_image"
    message = "This picture is damaged or was cut off. Export it again, then upload it."


class ImageTooLarge(PictureRefused):
    code = "image_too_large"
    message = "This picture is larger than 1 gigapixel, or far larger than its file warrants."


class UnsupportedPixelFormat(PictureRefused):
    code = "unsupported_pixel_format"
    message = "The pixels are stored in a way that cannot be shown. Save the picture with 8 or 16 bits a channel."


class UnsafePath(PictureRefused):
    code = "unsafe_path"
    message = "This entry's path leads outside the archive."


class UnsafeEntry(PictureRefused):
    code = "unsafe_entry"
    message = "Links, devices and archives inside an archive are not opened."


class EncryptedArchive(PictureRefused):
    code = "encrypted_archive"
    message = "This entry is encrypted. Make the archive without a password."


class CorruptArchive(PictureRefused):
    code = "corrupt_archive"
    message = "This archive is damaged, or its entries are not what it says they are."


class ArchiveTooLarge(PictureRefused):
    code = "archive_too_large"
    message = "This archive holds more than 10,000 entries or 20 GB, or is packed suspiciously tightly. Split it."


REFUSALS = {kind.code: kind for kind in PictureRefused.__subclasses__()}


def kind_of(path: Path) -> str:
    """A Pillow format or "ZIP", by the first bytes and never by the name. Raises EmptyFile, UnsupportedImageType."""
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise EmptyFile
    if head.startswith(ZIP):
        return "ZIP"
    for magic, name in MAGIC.items():
        if head.startswith(magic) and (name != "WEBP" or head[8:12] == b"WEBP"):
            return name
    raise UnsupportedImageType


def require_size(width: int, height: int, kind: str, encoded: int) -> None:
    """Raise ImageTooLarge before anything is decoded."""
    pixels = width * height
    if pixels > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise ImageTooLarge
    if pixels > IN_MEMORY_PIXELS and (kind not in SEQUENTIAL or pixels * 3 > MOST_DECODED_PER_ENCODED * encoded):
        raise ImageTooLarge
