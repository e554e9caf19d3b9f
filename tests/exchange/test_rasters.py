"""Run lengths, held against the pixels that they mean."""

from math import cos, pi, sin

import pytest

from apps.exchange.services.rasters import run_lengths


def pixels_of(counts: list[int]) -> str:
    return "".join("01"[number % 2] * length for number, length in enumerate(counts))


@pytest.mark.parametrize(
    ("outer", "columns"),
    [
        ([[0, 0], [4, 0], [4, 3], [0, 3]], ["111", "111", "111", "111"]),
        ([[1, 1], [3, 1], [3, 3], [1, 3]], ["000", "011", "011", "000"]),
    ],
)
def test_columns_run_from_the_left_zeros_first(outer: list[list[float]], columns: list[str]) -> None:
    encoded = run_lengths([[outer]], 4, 3)
    assert encoded["size"] == [3, 4]
    assert pixels_of(encoded["counts"]) == "".join(columns)


@pytest.mark.parametrize("side", [1, 2, 10])
def test_a_hole_is_as_large_as_it_was_drawn(side: int) -> None:
    hole = [[2, 2], [2 + side, 2], [2 + side, 2 + side], [2, 2 + side]]
    pixels = pixels_of(run_lengths([[[[0, 0], [14, 0], [14, 14], [0, 14]], hole]], 14, 14)["counts"])
    empty = {divmod(at, 14) for at, pixel in enumerate(pixels) if pixel == "0"}
    assert empty == {(x, y) for x in range(2, 2 + side) for y in range(2, 2 + side)}


def test_parts_that_overlap_are_counted_once() -> None:
    parts = [[[[0, 0], [3, 0], [3, 3], [0, 3]]], [[[1, 1], [4, 1], [4, 4], [1, 4]]], [[[1, 1], [2, 1], [2, 2], [1, 2]]]]
    counts = run_lengths(parts, 5, 5)["counts"]
    assert (sum(counts), sum(counts[1::2])) == (25, 14)


def test_a_round_shape_has_the_area_that_it_should() -> None:
    turns = [2 * pi * step / 40 for step in range(40)]
    ring = [[50 + 40 * cos(turn), 50 + 40 * sin(turn)] for turn in turns]
    drawn = sum(run_lengths([[ring]], 100, 100)["counts"][1::2])
    assert drawn == pytest.approx(0.5 * 40 * 40**2 * sin(2 * pi / 40), rel=0.005)


def test_what_lies_outside_the_picture_is_left_out() -> None:
    assert run_lengths([[[[-5, -5], [-1, -5], [-1, -1], [-5, -1]]]], 2, 2)["counts"] == [4]
    assert run_lengths([[[[-5, -5], [9, -5], [9, 9], [-5, 9]]]], 2, 2)["counts"] == [0, 4]
