"""Chromium from PATH, driven against a whole installation; screenshots lie in `var/shots` to be looked at."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from apps.accounts.demo import PASSWORD
from config.supervisor.programs import ROOT
from tests.installation import Installation

# Chromium would otherwise call home, and its refused connections would hold up the pages.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SHOTS = ROOT / "var" / "shots"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Instead of a browser of Playwright's own, which would have to be downloaded."""
    return {"executable_path": chromium_path(), "args": list(QUIET)}


def chromium_path() -> str:
    """The browser that is installed."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "There is no Chromium on PATH. Install it: apt-get install chromium"
    return path


@pytest.fixture
def signed_in_page(browser: Browser, installation: Installation) -> Iterator[Callable[..., Page]]:
    """A page of somebody of the demo, in a browser of their own; it fails the test when its console shows an error."""
    contexts, complaints = [], []

    def open_page(email: str, width: int = 1280, height: int = 800, **options: Any) -> Page:
        context = browser.new_context(
            base_url=installation.url, viewport={"width": width, "height": height}, accept_downloads=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{email}: {error}"))
        page.on("console", lambda said: complaints.append(f"{email}: {said.text}") if said.type == "error" else None)
        page.goto("/sign-in")
        page.fill("#email", email)
        page.fill("#password", PASSWORD)
        page.click("main .btn-primary")
        page.wait_for_url("**/o/**")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def shot() -> Callable[[Page, str], Path]:
    """Keep what the page shows."""

    def take(page: Page, name: str) -> Path:
        SHOTS.mkdir(parents=True, exist_ok=True)
        path = SHOTS / f"{name}.png"
        page.screenshot(path=path)
        return path

    return take
