"""Bodies in and out. msgspec decodes straight into typed structs; what it lets through is refused here."""

import json
import re
from typing import Any, TypeVar

import msgspec

from .errors import DuplicateKey, Invalid, InvalidJson, InvalidText, JsonTooDeep, UnknownField

T = TypeVar("T")

# An escaped NUL or lone surrogate: valid JSON, but PostgreSQL cannot store it.
UNSTORABLE = re.compile(rb"(?<!\\)(?:\\\\)*\\u(?:0000|[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F]))")
UNKNOWN = re.compile(r"unknown field `(?P<name>[^`]*)`")
PLACE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`")
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
# A whole number of 20 digits or more does not fit 64 bits; with 309 it fits no float either.
DIGITS = re.compile(rb"\d{20}")
HUGE = re.compile(rb"(?<![\d.eE+-])-?\d{20,}(?![\d.eE])")
MOST_LEVELS = 64
ROUND_AS_SQUARE = bytes.maketrans(b"{}", b"[]")
NOT_A_BRACKET = bytes(set(range(256)) - set(b"[]{}"))


class Struct(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A body of the API: unknown fields are refused, so that a typing error is never silently ignored."""


class Answer(msgspec.Struct, kw_only=True, omit_defaults=False):
    """A body that the API sends."""


class InvalidValue(Invalid):
    code = "invalid_value"
    message = "A field has a value of the wrong kind."


def decode(body: bytes, into: type[T]) -> T:
    """Read a body. Raises a Refusal that names the field.

    Never lets through NaN, NUL, lone surrogates, twin keys, whole numbers past 64 bits or more than 64 levels.
    """
    if b"\\u" in body and UNSTORABLE.search(body):
        raise InvalidText
    value, wrong = None, None
    try:
        value = msgspec.json.decode(body or b"{}", type=into)
    except msgspec.ValidationError as error:
        wrong = error
    except (msgspec.DecodeError, RecursionError, ValueError):
        _require_json(body)
        raise InvalidJson from None  # stricter than Python
    _require_json(body)
    if wrong:
        raise _refusal(str(wrong)) from wrong
    return value  # type: ignore[return-value]


def encode(value: Any) -> bytes:
    """Write a body: structs, dicts, UUIDs and datetimes."""
    return msgspec.json.encode(value)


def convert(values: dict[str, str], into: type[T]) -> T:
    """Read a query string's values into a struct, turning text into numbers; raises the same refusals."""
    if any("\0" in value for value in values.values()):
        raise InvalidText
    try:
        return msgspec.convert(values, type=into, strict=False)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from error


def _require_json(body: bytes) -> None:
    """What makes the whole of it unreadable is told before what is wrong with one field."""
    try:
        json.loads(body or b"{}", object_pairs_hook=_refuse_twins)
    except RecursionError as error:
        raise JsonTooDeep from error
    except ValueError as error:
        raise InvalidJson from error
    _refuse_extremes(body)


def _refuse_extremes(body: bytes) -> None:
    """Of valid JSON. Most bodies are seen to be harmless without a look past their strings."""
    long, nested = DIGITS.search(body), body.count(b"[") + body.count(b"{") > MOST_LEVELS
    if not (long or nested):
        return
    bare = STRING.sub(b"", body)
    if long and HUGE.search(bare):
        raise InvalidValue("Number out of range.")
    if nested and _levels(bare) > MOST_LEVELS:
        raise JsonTooDeep


def _levels(bare: bytes) -> int:
    """How deep it goes, or one more than may be. Each round takes the innermost brackets away, at the speed of C."""
    left = bare.translate(ROUND_AS_SQUARE, NOT_A_BRACKET)
    levels = 0
    while left and levels <= MOST_LEVELS:
        left, levels = left.replace(b"[]", b""), levels + 1
    return levels


def _refuse_twins(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise DuplicateKey


def _refusal(message: str) -> UnknownField | InvalidValue:
    place = PLACE.search(message)
    path = place["path"] if place else ""
    if unknown := UNKNOWN.search(message):
        name = unknown["name"]
        return UnknownField(f"The field {name} is not known here.", field=f"{path}.{name}".strip("."))
    return InvalidValue(PLACE.sub("", message) + ".", field=path or None)
