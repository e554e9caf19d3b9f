import csv
import io

import pytest

from apps.core.spreadsheets import csv_answer, inert


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_text_never_begins_a_formula(text: str) -> None:
    assert inert(text) == f"'{text}"


def test_numbers_and_plain_texts_stay_as_they_are() -> None:
    assert [inert(cell) for cell in (-1.5, 3, None, "car", "a=b")] == [-1.5, 3, None, "car", "a=b"]


def test_a_file_reads_back_as_it_was_written() -> None:
    answer = csv_answer("classes", ["Class", "n"], [["=car", 3], ['a, b\n"c"', None]])
    assert answer["Content-Disposition"] == 'attachment; filename="classes.csv"'
    assert answer["Cache-Control"] == "private, no-store"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows == [["Class", "n"], ["'=car", "3"], ['a, b\n"c"', ""]]
