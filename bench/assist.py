"""Key press to first tile and to the final overlay, as a person sees it: `python -m bench assist`.

A real Chromium presses M on the 24-megapixel mosaic of a whole installation; the clock is the page's own, from the key
to the change on the page. Beside it, in the same run, the bare forwards of the same tiles on one thread: the limit.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from apps.accounts.demo import PASSWORD
from tests.installation import Installation, running, wait_until

PRESSES = 5
TILES = 151
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync")
WATCH = """() => new Promise((done) => {
  const pill = document.getElementById("model-pill");
  let began = 0, first = 0;
  const look = () => {
    if (/Reading [1-9]/.test(pill.textContent)) first ||= performance.now() - began;
    if (first && pill.textContent === "Up to date") { watch.disconnect(); done([first, performance.now() - began]); }
  };
  const watch = new MutationObserver(look);
  watch.observe(pill, { childList: true, characterData: true, subtree: true });
  addEventListener("keydown", () => { began = performance.now(); }, { capture: true, once: true });
  window.watching = true;
})"""


def main() -> None:
    """Prints medians and ranges."""
    with tempfile.TemporaryDirectory(prefix="tessera-bench-") as folder, running(Path(folder) / "var") as installation:
        unfinished = "SELECT count(*) FILTER (WHERE state <> 'done') = 0 AND count(*) = 9 FROM inference"
        wait_until(lambda: installation.rows(unfinished) == [(True,)], 180)
        with _page(installation) as page:
            _open_mosaic(page)
            figures = [_press(page) for _ in range(PRESSES)]
    limit = _bare_tiles()
    for words, column in zip(("first tile", "final"), zip(*figures, strict=True), strict=True):
        low, middle, high = min(column), statistics.median(column), max(column)
        print(f"key press to {words:10} {middle:6.2f} s ({low:.2f} to {high:.2f}, n {PRESSES})")
    print(f"bare forwards of {TILES} tiles, one thread: {limit:.2f} s, the limit of the final overlay")


def _press(page: Page) -> tuple[float, float]:
    page.wait_for_timeout(500)
    page.evaluate(f"() => {{ window.measured = ({WATCH})(); }}")
    page.keyboard.press("m")
    first, final = page.evaluate("() => window.measured")
    return first / 1000, final / 1000


@contextmanager
def _page(installation: Installation) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        page = browser.new_page(base_url=installation.url, viewport={"width": 1440, "height": 900})
        page.goto("/sign-in")
        page.fill("#email", "ada@meadow.example")
        page.fill("#password", PASSWORD)
        page.click("main .btn-primary")
        page.wait_for_url("**/o/**")
        yield page
        browser.close()


def _open_mosaic(page: Page) -> None:
    page.keyboard.press("n")
    page.wait_for_url("**/work/**")
    for _ in range(12):
        page.wait_for_function("() => document.getElementById('crumb-item').textContent")
        if page.locator("#crumb-item").inner_text() == "mosaic.jpg":
            page.wait_for_function("() => document.getElementById('model-pill').textContent === 'Up to date'")
            return
        before = page.url
        page.keyboard.press("Control+Enter")
        page.wait_for_url(lambda url, before=before: url != before)
    raise RuntimeError("The mosaic was not among the tasks.")


def _bare_tiles() -> float:
    import torch  # noqa: PLC0415 - only the limit needs it

    from gpu_worker.runners.nanodet import NanoDetRunner  # noqa: PLC0415
    from gpu_worker.weights import nanodet_weights  # noqa: PLC0415

    torch.set_num_threads(1)
    runner = NanoDetRunner(nanodet_weights(), torch.device("cpu"))
    tile = torch.zeros(1, 3, 416, 416)
    runner.forward(tile)
    began = time.perf_counter()
    for _ in range(TILES):
        runner.forward(tile)
    return time.perf_counter() - began
