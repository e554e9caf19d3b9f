"""How people begin, whatever else waits for them."""

import re

from playwright.sync_api import Page, expect

SECONDS = 1000


def begin(page: Page, stage: str) -> None:
    """Take the first task of a stage from My work, by its button."""
    foremost = stage in page.locator("h2").first.inner_text()
    page.get_by_role("button", name=re.compile("Next" if foremost else stage)).first.click()
    page.wait_for_url("**/work/**")
    expect(page.locator("#crumb-item")).not_to_be_empty(timeout=20 * SECONDS)
