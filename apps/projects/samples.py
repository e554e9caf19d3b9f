"""Pictures to try with: photographs out of installed packages, or drawn ones where none is installed.

Only pictures whose note in their package names a free licence are used. The notes, as read in scikit-image 0.26
(`skimage/data/_fetchers.py`) and scikit-learn 1.9 (`sklearn/datasets/images/README.txt`):

- coffee, cat, cameraman, horse: CC0 by their authors; astronaut: NASA, public domain; rocket: SpaceX, public domain;
  gravel: CC0 (used as a background by the demo).
- china: danielbuechele, CC BY 2.0; flower: vultilion, CC BY 2.0. Both are shown unchanged, with this credit.

The motorcycle of the same wheel is left out: its note names no licence.
"""

import io
import random
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageDraw


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture inside an installed wheel."""

    name: str
    package: str
    file: str
    licence: str
    credit: str

    @property
    def path(self) -> Path:
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise ModuleNotFoundError(f"The demo's pictures need the package {self.package}: pip install .[demo]")
        return Path(spec.submodule_search_locations[0]) / self.file

    @property
    def file_name(self) -> str:
        return f"{self.name}{Path(self.file).suffix}"

    def open(self) -> Image.Image:
        with Image.open(self.path) as picture:
            return picture.convert("RGB")


PHOTOGRAPHS = {
    photograph.name: photograph
    for photograph in (
        Photograph("coffee", "skimage", "data/coffee.png", "CC0", "Rachel Michetti, Pikolo Espresso Bar"),
        Photograph("astronaut", "skimage", "data/astronaut.png", "public domain", "NASA"),
        Photograph("cat", "skimage", "data/chelsea.png", "CC0", "Stefan van der Walt"),
        Photograph("cameraman", "skimage", "data/camera.png", "CC0", "Lav Varshney"),
        Photograph("horse", "skimage", "data/horse.png", "CC0", "Andreas Preuss (marauder)"),
        Photograph("rocket", "skimage", "data/rocket.jpg", "public domain", "SpaceX"),
        Photograph("china", "sklearn", "datasets/images/china.jpg", "CC BY 2.0", "danielbuechele"),
        Photograph("flower", "sklearn", "datasets/images/flower.jpg", "CC BY 2.0", "vultilion"),
    )
}
GRAVEL = Photograph("gravel", "skimage", "data/gravel.png", "CC0", "CC0Textures")
MAKE_SAMPLE = "project.sample"  # the job that makes a project of them; its id is the project's
# Of these a person has something to find in each.
SAMPLES = ("coffee", "cat", "horse", "astronaut", "cameraman")
DRAWN = 5
WIDTH, HEIGHT = 960, 640
COLOURS = ("#d1495b", "#30638e", "#edae49", "#00798c", "#8d6a9f", "#4f772d")


def has_photographs() -> bool:
    """Whether the samples are photographs of things, not drawings of shapes."""
    return bool(_installed(SAMPLES))


def sample_files() -> "list[UploadedFile[bytes]]":
    """Three to five pictures as if somebody had sent them: photographs where they are installed, else drawings."""
    found = [(one.file_name, one.path.read_bytes()) for one in _installed(SAMPLES)]
    return [_file(name, content) for name, content in found or _drawings()]


def _installed(names: Iterable[str]) -> list[Photograph]:
    found = []
    for name in names:
        photograph = PHOTOGRAPHS[name]
        if find_spec(photograph.package) is not None and photograph.path.is_file():
            found.append(photograph)
    return found


def _drawings() -> list[tuple[str, bytes]]:
    return [(f"shapes-{number}.png", _drawing(number)) for number in range(1, DRAWN + 1)]


def _drawing(seed: int) -> bytes:
    """Boxes, discs and triangles on a pale ground: the same for the same seed."""
    chance = random.Random(seed)
    picture = Image.new("RGB", (WIDTH, HEIGHT), "#e9e7e2")
    pen = ImageDraw.Draw(picture)
    for _ in range(chance.randint(6, 12)):
        side = chance.randint(50, 150)
        x, y = chance.randint(0, WIDTH - side), chance.randint(0, HEIGHT - side)
        colour = chance.choice(COLOURS)
        match chance.randint(0, 2):
            case 0:
                pen.rectangle((x, y, x + side, y + side), fill=colour)
            case 1:
                pen.ellipse((x, y, x + side, y + side), fill=colour)
            case _:
                pen.polygon(((x, y + side), (x + side, y + side), (x + side // 2, y)), fill=colour)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _file(name: str, content: bytes) -> "UploadedFile[bytes]":
    return UploadedFile(ContentFile(content), name=name, size=len(content))
