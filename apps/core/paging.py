"""Keyset pages: no COUNT, no OFFSET, the same cost on the last page as on the first."""

import base64
import binascii
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from django.db import models

from .errors import InvalidPage

LARGEST_PAGE = 200


class Page(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The query of every list; lists with filters add fields to it."""

    limit: int = 50
    cursor: str = ""


def page_of(
    rows: "models.QuerySet[Any]", page: Page, show: Callable[[Any], Any], *, newest_first: bool = False
) -> dict[str, Any]:
    """`{results, next, previous}` by id, which sorts by time. Raises InvalidPage.

    The page's ids are chosen by themselves: with the conditions of row-level security PostgreSQL expects fewer rows
    than there are, and would join and sort all of them for one page (measured by `python -m bench walls`).
    """
    if not 1 <= page.limit <= LARGEST_PAGE:
        raise InvalidPage(field="limit")
    backwards, key = _read(page.cursor)
    descending = newest_first is not backwards
    rows = rows.order_by("-id" if descending else "id")
    if key:
        rows = rows.filter(**{"id__lt" if descending else "id__gt": key})
    found = list(rows.filter(pk__in=rows.values("pk")[: page.limit + 1]))
    more, found = len(found) > page.limit, found[: page.limit]
    if backwards:
        found.reverse()
    after = found[-1].pk if found and (more or backwards) else None
    before = found[0].pk if found and key and (more or not backwards) else None
    return {
        "results": [show(row) for row in found],
        "next": _write("n", after) if after else None,
        "previous": _write("p", before) if before else None,
    }


def _write(way: str, key: UUID) -> str:
    return base64.urlsafe_b64encode(way.encode() + key.bytes).decode().rstrip("=")


def _read(cursor: str) -> tuple[bool, UUID | None]:
    if not cursor:
        return False, None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        way, key = raw[:1], UUID(bytes=raw[1:])
    except (binascii.Error, ValueError) as error:
        raise InvalidPage(field="cursor") from error
    if way not in {b"n", b"p"}:
        raise InvalidPage(field="cursor")
    return way == b"p", key
