"""The whole walk with the real worker: sign in, claim, see tiles stream in, commit, draw, submit, review, export."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.installation import Installation, wait_until

from .work import begin

pytestmark = pytest.mark.browser
PROJECT = "Objects in large pictures"  # the demo may hold others: the quick start of the docs makes one
READING = re.compile(r"Reading (\d+) of (\d+)")
SECONDS = 1000


def shown(page: Page) -> int:
    """How many suggestions are on the picture."""
    return int(page.locator("#shown").inner_text().split()[0].replace(",", ""))


def objects(page: Page) -> int:
    """How many objects the person has."""
    return int(page.locator("#objects-count").inner_text().replace(",", ""))


def leaves(page: Page, address: str) -> None:
    """Wait until the page is somewhere else."""
    page.wait_for_function("before => location.href !== before", arg=address, timeout=10 * SECONDS)


def open_mosaic(page: Page) -> None:
    """Claim, and hand on what is before the mosaic, without a page load between tasks."""
    begin(page, "Label")
    page.evaluate("window.sameDocument = true")
    title = page.locator("#crumb-item")
    for _ in range(12):
        expect(title).not_to_be_empty(timeout=10 * SECONDS)
        if title.inner_text() == "mosaic.jpg":
            break
        before = page.url
        page.keyboard.press("Control+Enter")
        leaves(page, before)
    assert title.inner_text() == "mosaic.jpg"
    assert page.evaluate("window.sameDocument"), "the page was loaded anew between two tasks"


def draw_box(page: Page) -> None:
    """By drag, with the box tool."""
    at = page.locator("#canvas").bounding_box()
    assert at is not None
    x, y = at["x"] + at["width"] * 0.4, at["y"] + at["height"] * 0.4
    page.keyboard.press("b")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 30, steps=4)
    page.mouse.up()
    page.keyboard.press("v")


def see_tiles_stream_in(page: Page, shot: Callable[[Page, str], Path]) -> None:
    """Ask the model; its tiles arrive one by one, and a reload in the middle shows what had arrived."""
    pill = page.locator("#model-pill")
    page.keyboard.press("m")
    expect(pill).to_have_text(READING, timeout=10 * SECONDS)
    first = tiles(pill)
    shot(page, "2-tiles-stream-in")
    expect(pill).not_to_have_text(re.compile(rf"Reading {first} of"), timeout=10 * SECONDS)
    seen = tiles(pill)
    page.reload()
    expect(pill).to_have_text(READING, timeout=10 * SECONDS)
    assert tiles(pill) >= seen > first
    expect(pill).to_have_text("Up to date", timeout=60 * SECONDS)


def tiles(pill: Locator) -> int:
    """How many parts the model has read."""
    reading = READING.search(pill.inner_text())
    assert reading, pill.inner_text()
    return int(reading[1])


def ready_to_label(installation: Installation) -> int:
    """Label tasks of the project that wait for somebody."""
    ((count,),) = installation.rows(
        "SELECT count(*) FROM task t JOIN stage s ON s.id = t.stage_id JOIN project p ON p.id = t.project_id"
        f" WHERE p.name = '{PROJECT}' AND s.kind = 'label' AND t.state = 'ready'"
    )
    return int(count)


def accepted(installation: Installation) -> int:
    """Units of the project that have come through."""
    ((count,),) = installation.rows(
        "SELECT count(*) FROM unit u JOIN project p ON p.id = u.project_id"
        f" WHERE p.name = '{PROJECT}' AND u.state = 'accepted'"
    )
    return int(count)


def annotated(installation: Installation) -> tuple[int, float]:
    """Annotations of the project, and their area in px²."""
    ((count, area),) = installation.rows(
        "SELECT count(*), coalesce(sum(a.area), 0) FROM annotation a JOIN project p ON p.id = a.project_id"
        f" WHERE p.name = '{PROJECT}'"
    )
    return int(count), float(area)


def test_a_picture_goes_the_whole_way(
    installation: Installation,
    signed_in_page: Callable[..., Page],
    shot: Callable[[Page, str], Path],
    tmp_path: Path,
) -> None:
    wait_until(lambda: ready_to_label(installation) == 9, 120)

    ada = signed_in_page("ada@meadow.example")
    shot(ada, "1-my-work")
    open_mosaic(ada)
    expect(ada.locator("#commit-all-text")).to_contain_text(re.compile(r"\d"), timeout=20 * SECONDS)

    see_tiles_stream_in(ada, shot)
    suggested = shown(ada)
    assert suggested > 100
    ada.keyboard.press("Shift+Enter")
    expect(ada.locator("#objects-count")).to_have_text(re.compile(str(suggested)), timeout=10 * SECONDS)
    draw_box(ada)
    expect(ada.locator("#objects-count")).to_have_text(re.compile(str(suggested + 1)))
    shot(ada, "3-committed-and-drawn")

    ada.keyboard.press("Control+Enter")
    expect(ada.locator("#done")).to_be_visible(timeout=20 * SECONDS)
    wait_until(lambda: annotated(installation)[0] > suggested, 20)
    shot(ada, "4-nothing-more-to-do")

    review_all(signed_in_page("rita@meadow.example"), shot)
    wait_until(lambda: accepted(installation) == 9, 20)

    coco = export(signed_in_page("noor@northlot.example"), shot, tmp_path)
    rows, area = annotated(installation)
    assert (len(coco["images"]), len(coco["annotations"])) == (9, rows)
    assert sum(one["area"] for one in coco["annotations"]) == pytest.approx(area)


def review_all(rita: Page, shot: Callable[[Page, str], Path]) -> None:
    """Accept all that waits, by key."""
    rita.goto("/o/meadow/projects/")
    rita.get_by_role("link", name=PROJECT).first.click()
    rita.get_by_role("link", name="Review").first.click()
    expect(rita.get_by_role("heading", name="Review")).to_be_visible()
    shot(rita, "5-review-queue")
    rita.keyboard.press("n")
    rita.wait_for_url("**/work/**")
    for number in range(9):
        expect(rita.locator("#crumb-item")).not_to_be_empty(timeout=10 * SECONDS)
        if rita.locator("#crumb-item").inner_text() == "mosaic.jpg":
            rita.wait_for_timeout(1500)  # the tiles of the large picture, for the eyes that look at the screenshot
            shot(rita, "6-review")
        before = rita.url
        rita.keyboard.press("a")
        if number < 8:
            leaves(rita, before)
    expect(rita.locator("#done")).to_be_visible(timeout=10 * SECONDS)


def export(noor: Page, shot: Callable[[Page, str], Path], folder: Path) -> dict[str, list[dict[str, float]]]:
    """By the page, to the file."""
    noor.goto("/o/northlot/projects/")
    noor.get_by_role("link", name=PROJECT).first.click()
    noor.get_by_role("link", name="Exports").first.click()
    noor.get_by_role("button", name=re.compile("Export 9 pictures")).click()
    link = noor.get_by_role("link", name="Download").first
    expect(link).to_be_visible(timeout=30 * SECONDS)
    shot(noor, "7-export")
    with noor.expect_download() as started:
        link.click()
    path = folder / "coco.json"
    started.value.save_as(path)
    document: dict[str, list[dict[str, float]]] = json.loads(path.read_text())
    return document
