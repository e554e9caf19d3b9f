"""Bodies: what msgspec would let through and the database or a later reader would choke on."""

from typing import Any

import pytest

from apps.core.errors import InvalidJson, InvalidText, JsonTooDeep
from apps.core.json import InvalidValue, decode


def nested(levels: int) -> bytes:
    """Objects and lists in turn."""
    opened = (b'{"a":[' * levels)[: 5 * levels + levels]
    return opened + b"1" + b"]}" * levels


def test_sixty_four_levels_are_read_and_sixty_five_are_not() -> None:
    decode(b"[" * 64 + b"]" * 64, Any)
    decode(nested(32), Any)
    with pytest.raises(JsonTooDeep):
        decode(b"[" * 65 + b"]" * 65, Any)
    with pytest.raises(JsonTooDeep):
        decode(b"[" + nested(32) + b"]", Any)


@pytest.mark.parametrize("levels", [900, 100_000])
def test_depth_is_refused_before_it_can_break_whoever_writes_it_again(levels: int) -> None:
    with pytest.raises(JsonTooDeep):
        decode(b"[" * levels + b"]" * levels, Any)


def test_brackets_in_texts_are_no_levels() -> None:
    assert decode(b'["' + b"[" * 500 + b'\\"]"]', list[str]) == ["[" * 500 + '"]']


@pytest.mark.parametrize("number", [b"1" + b"0" * 19, b"-" + b"9" * 400, b"1" + b"0" * 4200])
def test_whole_numbers_past_64_bits_are_refused(number: bytes) -> None:
    with pytest.raises(InvalidValue):
        decode(b'{"a":[1,' + number + b"]}", Any)


@pytest.mark.parametrize("number", [b"9223372036854775807", b"0.12345678901234567890123", b"123456789012345678901.5"])
def test_other_long_numbers_are_read(number: bytes) -> None:
    assert decode(number, Any) == pytest.approx(float(number))


def test_long_digits_in_a_text_are_text() -> None:
    assert decode(b'{"phone":"12345678901234567890123"}', dict[str, str]) == {"phone": "12345678901234567890123"}


@pytest.mark.parametrize(
    ("body", "refusal"),
    [(b'"\\u0000"', InvalidText), (b'"\\ud800"', InvalidText), (b'"\\udc00"', InvalidJson), (b"NaN", InvalidJson)],
)
def test_what_cannot_be_stored_is_refused(body: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        decode(body, Any)
