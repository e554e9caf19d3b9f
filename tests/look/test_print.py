"""The quality page on paper: the figures and tables alone, all of them, no wider than the sheet."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page as Tab

from tests.people import World

from .filled import fill
from .kept import Kept, arguments_of, browsers_of
from .looking import complaints
from .places import PROJECT, Page, address_of

pytestmark = pytest.mark.browser

# A4 and its long side less the margins, at 96 pixels an inch.
SHEETS = ((1017, 688), (688, 1017))
FOR_SCREENS = (".nav", ".bar", ".filters", ".page-head .actions", ".card-head .actions")
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_quality_prints_its_figures_and_nothing_of_the_screen(world: World) -> None:
    fill(world)
    kept, page = Kept(), Page(PROJECT + "quality/", ("noor",), "goal=90")
    address = address_of(page, "parking", arguments_of(world))
    assert address
    kept.keep(browsers_of(world)["noor"], page, address)
    assert complaints(kept, on_paper) == ""


def on_paper(tab: Tab) -> Iterator[str]:
    """What is wrong with the printed page."""
    shown = tab.locator("main tbody tr").count()
    tab.emulate_media(media="print")
    for width, height in SHEETS:
        tab.set_viewport_size({"width": width, "height": height})
        yield from (f"{one} is printed" for one in FOR_SCREENS if tab.locator(one).locator("visible=true").count())
        if (wider := tab.evaluate(WIDER)) > 0:
            yield f"{wider} px wider than the sheet"
        if shown == 0 or tab.locator("main tbody tr").locator("visible=true").count() != shown:
            yield "a row is missing"
        yield from _drawn(tab.screenshot(full_page=True))


def _drawn(screenshot: bytes) -> Iterator[str]:
    """Figures begin at the sheet's edge, on its ground, and the drawings have their colours."""
    picture = Image.open(BytesIO(screenshot)).convert("RGB")
    colours: Any = picture.getcolors(picture.width * picture.height)
    inked = sum(number for number, colour in colours if max(colour) < 90)
    coloured = sum(number for number, colour in colours if max(colour) - min(colour) > 60)
    if inked < 2000 or coloured < 100:
        yield f"the sheet is empty: {inked} dark and {coloured} coloured pixels"
