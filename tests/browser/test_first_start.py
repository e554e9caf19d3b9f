"""From `make start` with nothing to the first accepted task, through pages alone."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from apps.projects.samples import PHOTOGRAPHS
from tests.installation import Installation, running

pytestmark = pytest.mark.browser
SECONDS = 1000
MOST_SECONDS = 90
PASSWORD = "a first password of ours"  # noqa: S105 - made up
REFUSED = re.compile(r"status of (404|422)")  # the wrong code, and the first-run page once it is gone
PICTURES = ("coffee", "cat", "horse")


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """What `make start` runs, in a folder that does not exist yet."""
    with running(tmp_path_factory.mktemp("first") / "var", mode="start") as started:
        yield started


@pytest.fixture
def open_page(browser: Browser, empty: Installation) -> Iterator[Callable[[], Page]]:
    """A page of a browser of its own; the test fails when a console shows an error, other than of a page refused."""
    contexts, complaints = [], []

    def note(said: ConsoleMessage) -> None:
        if said.type == "error" and not REFUSED.search(said.text):
            complaints.append(said.text)

    def new_page() -> Page:
        context = browser.new_context(base_url=empty.url, viewport={"width": 1280, "height": 860})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", note)
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


class Stopwatch:
    """How long each step of the way took."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, float]] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.steps.append((name, time.monotonic() - began))

    @property
    def total(self) -> float:
        return sum(seconds for _, seconds in self.steps)

    def __str__(self) -> str:
        lines = [f"  {seconds:5.1f} s  {name}" for name, seconds in self.steps]
        return "\n".join(["", *lines, f"  {self.total:5.1f} s  in all"])


def test_an_empty_installation_reaches_its_first_accepted_task(
    empty: Installation, open_page: Callable[[], Page], shot: Callable[[Page, str], object]
) -> None:
    watch = Stopwatch()
    owner = open_page()
    with watch.step("found the organization with the code of the log"):
        found_organization(owner, code_of(empty.said()))
    with watch.step("make a project"):
        make_project(owner)
    with watch.step("upload three pictures"):
        upload_pictures(owner)
    shot(owner, "first-2-pictures")
    with watch.step("name two labels, through a reload"):
        publish_labels(owner)
    with watch.step("invite a second person, who joins by the link"):
        line_page = owner.url
        link = invite(owner, "rita@first.example", "Reviewer")
        rita = open_page()
        join(rita, link)
        owner.goto(line_page)
    with watch.step("choose a line and start it"):
        start_line(owner)
    shot(owner, "first-5-started")
    with watch.step("label and submit the first task"):
        label_first_task(owner)
    shot(owner, "first-6-submitted")
    with watch.step("the second person accepts it"):
        accept_first_task(rita)
    with watch.step("see it accepted on the project's page"):
        owner.goto("/o/first-light/projects/")
        owner.get_by_role("link", name="Cups and animals").first.click()
        expect(owner.locator(".figures")).to_contain_text(re.compile(r"1\s*of 3 pictures"), timeout=10 * SECONDS)
    shot(owner, "first-7-overview")
    print(watch)  # noqa: T201 - the seconds are the evidence
    assert empty.rows("SELECT count(*) FROM unit WHERE state = 'accepted'") == [(1,)]
    assert watch.total < MOST_SECONDS, str(watch)


def code_of(said: str) -> str:
    """What whoever started it reads in the terminal."""
    found = re.search(r"One-time code: (\S+)", said)
    assert found, said
    return found[1]


def found_organization(page: Page, code: str) -> None:
    page.goto("/")
    page.wait_for_url("**/first-run")
    page.fill("#code", "AAAA-BBBB-CCCC")
    fill_first_run(page)
    expect(page.locator("#code-error")).to_be_visible()
    page.fill("#code", code)
    fill_first_run(page)
    page.wait_for_url("**/o/first-light/projects/")
    page.goto("/first-run")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


def fill_first_run(page: Page) -> None:
    page.fill("#organization", "First Light")
    page.fill("#name", "Ona Berg")
    page.fill("#email", "ona@first.example")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Found the organization").click()


def make_project(page: Page) -> None:
    page.goto("/o/first-light/projects/")
    page.get_by_role("link", name="New project").first.click()
    page.fill("#name", "Cups and animals")
    page.get_by_role("button", name="Make project").click()
    page.wait_for_url("**/set-up/pictures")


def upload_pictures(page: Page) -> None:
    page.set_input_files("input[type=file]", [PHOTOGRAPHS[name].path for name in PICTURES])
    expect(page.locator(".thumbs li")).to_have_count(len(PICTURES), timeout=30 * SECONDS)
    page.get_by_role("link", name="Go on to the labels").click()
    page.wait_for_url("**/set-up/labels")


def publish_labels(page: Page) -> None:
    page.fill("#new-label", "Cup, Cat")
    page.press("#new-label", "Enter")
    page.fill("#new-label", "Horse")
    page.press("#new-label", "Enter")
    page.reload()
    expect(page.locator("[data-part=rows] li")).to_have_count(3)
    page.get_by_role("button", name="Publish and go on").click()
    page.wait_for_url("**/set-up/line")
    expect(page.get_by_text("You are the only person who can label here.")).to_be_visible()


def invite(page: Page, email: str, role: str) -> str:
    page.get_by_role("link", name="Invite people").click()
    page.fill("#email", email)
    page.select_option("#role", label=role)
    page.get_by_role("button", name="Invite").click()
    return page.locator("#invitation-link").input_value()


def join(page: Page, link: str) -> None:
    page.goto(link)
    page.fill("#name", "Rita Osei")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Join First Light").click()
    page.wait_for_url("**/o/first-light/**")


def start_line(page: Page) -> None:
    page.get_by_role("radio", name=re.compile("^Label and review")).check()
    page.get_by_role("button", name="Choose and go on").click()
    page.wait_for_url("**/set-up/start")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("button", name="Take the first task")).to_be_visible(timeout=20 * SECONDS)


def label_first_task(page: Page) -> None:
    page.get_by_role("button", name="Take the first task").click()
    page.wait_for_url("**/work/**")
    expect(page.locator("#crumb-item")).not_to_be_empty(timeout=10 * SECONDS)
    at = page.locator("#canvas").bounding_box()
    assert at is not None
    x, y = at["x"] + at["width"] * 0.4, at["y"] + at["height"] * 0.4
    page.keyboard.press("b")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 120, y + 90, steps=4)
    page.mouse.up()
    expect(page.locator("#objects-count")).to_have_text("1")
    before = page.url
    page.keyboard.press("Control+Enter")
    page.wait_for_function("before => location.href !== before", arg=before, timeout=10 * SECONDS)


def accept_first_task(page: Page) -> None:
    page.goto("/o/first-light/")
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/work/**")
    expect(page.locator("#crumb-item")).not_to_be_empty(timeout=10 * SECONDS)
    before = page.url
    page.keyboard.press("a")
    page.wait_for_function(
        "before => location.href !== before || !document.getElementById('done').hidden",
        arg=before,
        timeout=10 * SECONDS,
    )
