"""Photographs of every page, empty and in full swing, into var/shots, to be looked at: `make shots`.

Each at 1440 px in both themes, at 768 and 390 px, and at 200 % zoom. `ONLY=review make shots` takes those alone in
whose address the word stands. No test of the suite, since nothing can fail: pytest runs it when it is named.
"""

import os
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import SHOTS

from .kept import Kept
from .looking import complaints

pytestmark = pytest.mark.browser

ONLY = os.environ.get("ONLY", "")
# The last is 1440 × 900 at 200 % zoom: half as many CSS pixels.
VIEWS = ((1440, 900, "light"), (1440, 900, "dark"), (768, 1024, "light"), (390, 844, "dark"), (720, 450, "light"))
IDS = re.compile(r"[0-9a-f-]{36}|^https?://[^/]+/|[?&]page=|\W+")


def test_full_pages_are_photographed(full: Kept) -> None:
    _take("full", full)


def test_empty_pages_are_photographed(empty: Kept) -> None:
    _take("empty", empty)


def _take(world: str, kept: Kept) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    wanted = {address: answer for address, answer in kept.pages.items() if ONLY in address}
    said = complaints(Kept(wanted, kept.fetched), _photographer(world), reduced_motion="reduce")
    assert said == ""


def _photographer(world: str) -> Callable[[Page], Iterator[str]]:
    def photograph(page: Page) -> Iterator[str]:
        name = f"{world}-{IDS.sub('-', page.url).strip('-')}"
        for width, height, theme in VIEWS:
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.screenshot(path=SHOTS / f"{re.sub('-+', '-', name)}-{width}-{theme}.png", full_page=True)
        yield from ()

    return photograph
