"""What people get to see of a picture: upright, re-encoded, without EXIF. All of it can be made again."""

from pathlib import Path
from typing import Any

import pyvips

from .decoding import Header, fits_in_memory, header_of, upright_rgb, upright_stream, vips_of
from .rules import CorruptImage

TILE = 512
THUMB_SIDE = 256
PREVIEW_SIDE = 2048
TILE_OPTIONS = ".jpg[Q=90,keep=none]"


def levels_of(width: int, height: int) -> int:
    """How many levels the pyramid has: level 0 is one tile, each next twice as fine, the last full resolution."""
    side, levels = max(width, height), 1
    while side > TILE:
        side, levels = (side + 1) // 2, levels + 1
    return levels


def tile_grid(width: int, height: int, level: int) -> tuple[int, int]:
    """Columns and rows of a level."""
    scale = 2 ** (levels_of(width, height) - 1 - level)
    across, down = -(-width // scale), -(-height // scale)
    return -(-across // TILE), -(-down // TILE)


def make_derived(path: Path, folder: Path, *, full: bool = False) -> Header:
    """Decode all of a file and write `thumb.jpg`, `preview.jpg` and `tiles/{z}/{x}_{y}.jpg`; or `full.jpg` alone.

    Raises a PictureRefused.
    """
    header = header_of(path)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if fits_in_memory(header):
            picture = vips_of(upright_rgb(path, header))
            _write_from(lambda: picture, folder, full=full)
        else:
            # Each pass reads the file from its top again: nothing holds a gigapixel in memory.
            _write_from(lambda: upright_stream(path, header), folder, full=full)
    except pyvips.Error as error:
        raise CorruptImage from error
    return header


def _write_from(opened: Any, folder: Path, *, full: bool) -> None:
    if full:
        opened().jpegsave(str(folder / "full.jpg"), Q=90, keep="none")
        return
    # The pyramid comes first: it reads every pixel, so a damaged file is found before anything is kept.
    opened().dzsave(str(folder / "tiles"), tile_size=TILE, overlap=0, depth="onetile", suffix=TILE_OPTIONS)
    (folder / "tiles.dzi").unlink()
    (folder / "tiles_files").rename(folder / "tiles")
    preview = _shrunk(opened(), PREVIEW_SIDE).copy_memory()
    preview.jpegsave(str(folder / "preview.jpg"), Q=85, keep="none")
    _shrunk(preview, THUMB_SIDE).jpegsave(str(folder / "thumb.jpg"), Q=80, keep="none")


def _shrunk(image: Any, side: int) -> Any:
    if max(image.width, image.height) <= side:
        return image
    return image.thumbnail_image(side, height=side, size="down")
