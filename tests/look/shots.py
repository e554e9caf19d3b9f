"""Photographs of every page of the demo into var/shots, to be looked at: `make shots`, or with words of the routes.

Each at 1440 px in both themes, at 768 and 390 px, and at 200 % zoom.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from apps.accounts.demo import PASSWORD, SIGN_INS, SignIn
from config.supervisor.programs import ROOT
from tests.browser.conftest import QUIET, chromium_path
from tests.installation import running

from .places import ARGUMENTS, PAGES, STRANGER, Page, address_of

SHOTS = ROOT / "var" / "shots"
# Width, height, theme, pixels of the screen for one of the page's: two are 200 % zoom.
VIEWS = {
    "1440-light": (1440, 900, "light", 1),
    "1440-dark": (1440, 900, "dark", 1),
    "768-light": (768, 1024, "light", 1),
    "390-dark": (390, 844, "dark", 1),
    "zoom-light": (720, 450, "light", 2),
}
PEOPLE: dict[str, SignIn | None] = {person.email.partition("@")[0]: person for person in SIGN_INS} | {STRANGER: None}
Rows = Callable[[str], list[tuple[Any, ...]]]


def take(words: list[str]) -> None:
    """Start a demo and photograph it."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "var") as installation:
        photograph(installation.url, installation.rows, words)


def photograph(url: str, rows: Rows, words: list[str]) -> None:
    """The pages in whose route one of the words stands, or all, as those see them who look at them in the tests."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    found = {name: rows(statement) for name, statement in ARGUMENTS.items()}
    arguments = {name: str(one[0][0]) for name, one in found.items() if one}
    wanted = [page for page in PAGES if not words or any(word in page.route for word in words)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(QUIET))
        for name, person in PEOPLE.items():
            for view in VIEWS:
                context = _opened(browser, url, person, view)
                for page in wanted:
                    address = address_of(page, person.organization if person else "", arguments)
                    if name in page.eyes and address:
                        _shoot(context, address, SHOTS / f"{_named(page)}-{name or 'stranger'}-{view}.png")
                context.close()
        browser.close()


def _opened(browser: Browser, url: str, person: SignIn | None, view: str) -> BrowserContext:
    width, height, theme, scale = VIEWS[view]
    context = browser.new_context(
        base_url=url,
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        color_scheme=theme,  # type: ignore[arg-type]
    )
    if person:
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("#email", person.email)
        page.fill("#password", PASSWORD)
        page.click("main .btn-primary")
        page.wait_for_url("**/o/**")
        page.close()
    return context


def _shoot(context: BrowserContext, address: str, path: Path) -> None:
    page = context.new_page()
    page.goto(address, wait_until="load")
    page.wait_for_timeout(400)  # pictures, and what scripts fetch
    page.screenshot(path=path, full_page=True)
    page.close()


def _named(page: Page) -> str:
    parts = page.route.replace("/o/<slug:org>", "").replace("/projects/<uuid:project_id>", "/project").split("/")
    return "-".join(part for part in parts if part and not part.startswith("<")) or "home"


if __name__ == "__main__":
    take(sys.argv[1:])
