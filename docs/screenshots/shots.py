"""Which pictures the guides show: of whom, of which page, and what is done there first."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from .work import Line

SECONDS = 1000


@dataclass(frozen=True, slots=True)
class Shot:
    """`who` signs in and opens `path` ({project} is the project's page); `pose` brings the page into view."""

    who: str
    path: str
    pose: Callable[[Page], None] = lambda page: None


def take_a_task(page: Page) -> None:
    """The next task, with the whole picture, a vehicle taken over and one chosen."""
    page.keyboard.press("n")
    page.wait_for_url("**/work/**")
    expect(page.locator("#crumb-item")).not_to_be_empty(timeout=20 * SECONDS)
    page.wait_for_timeout(2500)
    for _ in range(6):
        page.keyboard.press("n")
        page.keyboard.press("Space")
    page.keyboard.press("n")
    page.wait_for_timeout(800)


def take_a_review(page: Page) -> None:
    """The next submission."""
    page.keyboard.press("n")
    page.wait_for_url("**/work/**")
    expect(page.locator("#crumb-item")).not_to_be_empty(timeout=20 * SECONDS)
    page.wait_for_timeout(3000)


def choose_some(page: Page) -> None:
    """Those of a name, three of them chosen, for what can be done with them."""
    page.get_by_label("Name begins with").fill("lot-00")
    page.keyboard.press("Enter")
    page.wait_for_timeout(1500)
    for number in range(3):
        page.locator(".choosing .item input").nth(number).check()


def open_evidence(page: Page) -> None:
    """The cases behind the first rate that has any."""
    page.locator("a[href*='/evidence']").first.click()
    page.wait_for_url("**/evidence**")
    page.wait_for_timeout(1500)


def turn_to_the_day_before(page: Page) -> None:
    """The line of a whole day, with what goes before it."""
    page.get_by_role("link", name="Day before").click()
    page.wait_for_load_state()
    page.mouse.wheel(0, 420)


SHOTS = {
    "annotator-work": Shot("ada", ""),
    "annotator-figures": Shot("ada", "me/", turn_to_the_day_before),
    "annotator-editor": Shot("ada", "", take_a_task),
    "reviewer-stream": Shot("rita", "review/"),
    "reviewer-editor": Shot("rita", "review/", take_a_review),
    "manager-team": Shot("max", "team/"),
    "manager-performance": Shot("max", "{project}/performance/"),
    "project-overview": Shot("max", "{project}/"),
    "engineer-dataset": Shot("noor", "{project}/dataset/", choose_some),
    "quality": Shot("noor", "{project}/quality/"),
    "auditor-home": Shot("olga", "quality/"),
    "auditor-evidence": Shot("olga", "{project}/quality/", open_evidence),
    "owner-people": Shot("iris", "members/"),
}


def address(shot: Shot, line: Line) -> str:
    """Where the page is."""
    return f"/o/{line.slug}/" + shot.path.replace("{project}", f"projects/{line.project}")
