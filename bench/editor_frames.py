"""Frame times of the editor with many shapes, in the Chromium of this machine.

    python bench/editor_frames.py [--shapes 10000] [--suggestions 10000] [--size 1600x1000]

Scripted gestures run in the page: `frame` is the distance between animation frames, `work` the time from the start of
a frame to the first task after it, so it holds the deferred painting of Canvas 2D. A picture without shapes is the
floor of the same run: read the figures against it, since other work on the machine moves both.
"""

import argparse
import functools
import http.server
import io
import json
import shutil
import threading
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BROWSER = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
HEAD = (
    f"{'shapes':>7} {'hints':>7}  {'gesture':<9} {'frame med':>9} {'p95':>6} {'work med':>9} {'p95':>6} {'max':>6}   ms"
)
FIGURES = "{frame_median:>9.1f} {frame_p95:>6.1f} {work_median:>9.1f} {work_p95:>6.1f} {work_max:>6.1f}"
GESTURES = ("pan_fit", "pan_full", "zoom", "hover", "drag", "slider")


class Handler(http.server.SimpleHTTPRequestHandler):
    """The repository's static files, a page without anything else, and a plain picture."""

    def do_GET(self) -> None:
        if self.path == "/":
            return self._answer("text/html", (ROOT / "bench/editor_frames.html").read_bytes())
        if self.path == "/picture":
            return self._answer("image/jpeg", _picture())
        return super().do_GET()

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the figures readable."""


@functools.cache
def _picture() -> bytes:
    picture = Image.radial_gradient("L").resize((2000, 1500)).convert("RGB")
    body = io.BytesIO()
    picture.save(body, "JPEG")
    return body.getvalue()


def main(shapes: int = 10_000, suggestions: int = 10_000, size: str = "1600x1000") -> None:
    """Print a line for each gesture, without shapes and with them."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(ROOT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    width, height = (int(part) for part in size.split("x"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=BROWSER)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.on("pageerror", lambda error: print("page:", error))
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        print(HEAD)
        for count, hints in ((0, 0), (shapes, suggestions)):
            _measure(page, count, hints)
        browser.close()
    server.shutdown()


def _measure(page: Page, shapes: int, suggestions: int) -> None:
    page.evaluate("([shapes, suggestions]) => bench.fill(shapes, suggestions)", [shapes, suggestions])
    page.wait_for_timeout(1500)
    for gesture in GESTURES:
        if not shapes and gesture in ("hover", "drag", "slider"):
            continue
        result = page.evaluate("(gesture) => bench.run(gesture)", gesture)
        line = FIGURES.format(**result)
        print(f"{shapes:>7} {suggestions:>7}  {gesture:<9} {line}")
    print(json.dumps(page.evaluate("() => bench.notes()")))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", type=int, default=10_000)
    parser.add_argument("--suggestions", type=int, default=10_000)
    parser.add_argument("--size", default="1600x1000")
    return parser.parse_args()


if __name__ == "__main__":
    main(**vars(_options()))
