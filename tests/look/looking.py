"""Chromium over kept pages: two browsers share them, each in a thread of its own, since the suite has two cores."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, sync_playwright

from tests.browser.conftest import QUIET, chromium_path

from .kept import Kept, served
from .places import is_editor

BROWSERS = 2
See = Callable[[Page], Iterable[str]]
Wrong = list[tuple[str, str]]


def complaints(kept: Kept, see: See, **options: Any) -> str:
    """What `see` finds on the pages and what their scripts complain about; each said once, with a page that has it."""
    addresses = list(kept.pages)
    shares = [addresses[number::BROWSERS] for number in range(BROWSERS)]
    with served(kept) as site, ThreadPoolExecutor(BROWSERS) as pool:
        wrong = [one for share in pool.map(lambda share: _walk(site, share, see, options), shares) for one in share]
    by_words: dict[str, list[str]] = {}
    for address, words in wrong:
        by_words.setdefault(words, []).append(address)
    return "\n".join(f"{words} ({len(pages)} pages, such as {pages[0]})" for words, pages in by_words.items())


def _walk(site: str, addresses: list[str], see: See, options: dict[str, Any]) -> Wrong:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(QUIET))
        page = browser.new_context(**options).new_page()
        said: list[str] = []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.extend(_complaint(message)))
        wrong = []
        for address in addresses:
            said.clear()
            _visit(page, site + address)
            wrong += [(address, words) for words in (*see(page), *said)]
        browser.close()
    return wrong


def _visit(page: Page, address: str) -> None:
    page.goto(address, wait_until="load")
    if is_editor(address):  # the editor is open once it names its task
        page.locator("#crumb-item:not(:empty)").wait_for(state="attached")


def _complaint(message: ConsoleMessage) -> list[str]:
    """Of the socket none: it has no server here."""
    return [message.text] if message.type == "error" and "WebSocket" not in message.text else []
