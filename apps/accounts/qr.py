"""A text as a QR code: the one `d` of an SVG path, drawn here, since the policy lets no foreign picture in."""

from dataclasses import dataclass

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

QUIET = 4  # modules of white around it, as readers want


@dataclass(frozen=True, slots=True)
class Picture:
    """A square of so many modules, and the path of its black ones."""

    size: int
    path: str


def path_of(text: str) -> Picture:
    """The code of a text."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(text)
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, black in enumerate(row) if black)
    return Picture(len(rows), path)
