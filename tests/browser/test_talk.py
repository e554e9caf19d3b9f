"""People talk about a task: question, mention, bell, answer, each where it is read; and they find things by name."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
SECONDS = 1000


def open_question(page: Page, state: str = "open") -> None:
    """The demo's own, by the palette."""
    page.keyboard.press("Control+k")
    page.keyboard.type("objects in large")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/*/")
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url("**/questions/")
    page.goto(f"{page.url}?state={state}")
    page.locator(".list h3 a").first.click()
    page.wait_for_url(re.compile(r"/questions/[0-9a-f-]{36}$"))


def test_an_answer_reaches_who_asked_and_everybody_who_reads(signed_in_page: Callable[..., Page]) -> None:
    noor, max_ = signed_in_page("noor@northlot.example"), signed_in_page("max@meadow.example")
    open_question(max_)
    noor.goto("/o/northlot/projects/")
    badge = noor.locator(".bell [data-part=unread]")
    before = badge.inner_text() if badge.is_visible() else "0"

    text = max_.locator("[data-part=text]")
    text.press_sequentially("@per", delay=40)
    names = max_.locator("[data-part=names] li")
    expect(names.first).to_be_visible(timeout=10 * SECONDS)
    max_.keyboard.press("Enter")
    text.press_sequentially("thank you. And a cup without its handle?")
    max_.keyboard.press("Control+Enter")
    expect(max_.locator(".said > li").last).to_contain_text("And a cup without its handle?", timeout=10 * SECONDS)
    expect(max_.locator(".said > li").last.locator(".mention")).to_have_text(re.compile("^@Person "))

    expect(badge).to_have_text(str(int(before) + 1), timeout=20 * SECONDS)
    noor.locator(".bell > summary").click()
    noor.locator(".told-line").first.click()
    noor.wait_for_url("**/questions/*")
    expect(noor.locator(".said > li").last.locator(".mention")).to_have_text("@Noor Haddad")

    noor.locator("[data-part=text]").fill("That too.")
    noor.keyboard.press("Control+Enter")
    expect(max_.locator(".said > li").last).to_contain_text("That too.", timeout=20 * SECONDS)
    noor.get_by_role("button", name="Resolve").click()
    expect(max_.get_by_role("button", name="Reopen")).to_be_visible(timeout=20 * SECONDS)


def test_things_are_found_and_done_from_one_list(signed_in_page: Callable[..., Page]) -> None:
    noor = signed_in_page("noor@northlot.example")
    noor.goto("/o/northlot/projects/")
    noor.keyboard.press("Control+k")
    box = noor.get_by_role("combobox", name="Find or do")
    expect(box).to_be_focused()
    marked = noor.locator(".palette [aria-selected=true]")
    expect(marked).to_contain_text("New project")
    noor.keyboard.press("ArrowUp")
    expect(marked).not_to_contain_text("New project")
    box.fill("coffee")
    expect(noor.get_by_role("group", name="Pictures")).to_contain_text("coffee.png", timeout=10 * SECONDS)
    expect(marked).to_have_count(1)
    assert marked.get_attribute("id") == box.get_attribute("aria-activedescendant")
    noor.keyboard.press("Enter")
    noor.wait_for_url("**/items/*/")
    noor.keyboard.press("Control+k")
    box.fill("qqqq")
    expect(noor.locator(".palette .none")).to_have_text("Nothing is called that.", timeout=10 * SECONDS)
    noor.keyboard.press("Escape")
    expect(box).to_be_hidden()
    noor.keyboard.press("?")
    expect(noor.get_by_role("dialog", name="Keys")).to_contain_text("Overview")


def test_the_thread_of_a_task_opens_in_the_editor(signed_in_page: Callable[..., Page]) -> None:
    max_ = signed_in_page("max@meadow.example")
    open_question(max_, "")
    way = max_.get_by_role("link", name="Open the task")
    for _ in range(30):  # until the model has read the picture, there is no task of people
        if way.is_visible():
            break
        max_.wait_for_timeout(2 * SECONDS)
        max_.reload()
    max_.keyboard.press("o")
    max_.wait_for_url("**/work/*")
    expect(max_.locator("#crumb-item")).to_have_text("coffee.png", timeout=10 * SECONDS)
    max_.keyboard.press("q")
    dialog = max_.get_by_role("dialog", name="Ask about this task")
    expect(dialog.locator(".said > li").first).to_contain_text("Does a cup count", timeout=10 * SECONDS)
    expect(dialog.locator("[data-part=text]")).to_be_focused()
    max_.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(max_.locator("#canvas")).to_be_focused()
