"""Tables as CSV files that a spreadsheet program reads as what they say: a text never becomes a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

Cell = str | int | float | None
# What makes a spreadsheet program compute a cell, or look past its first character.
BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_answer(name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """A file to keep: UTF-8 with a mark, since spreadsheet programs else take it for something older."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([inert(head) for head in heads])
    writer.writerows([inert(cell) for cell in row] for row in rows)
    answer = HttpResponse("\ufeff" + written.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def inert(cell: Cell) -> Cell:
    """A text with an apostrophe before what would begin a formula; numbers as they are."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(BEGINS_FORMULA) else cell
