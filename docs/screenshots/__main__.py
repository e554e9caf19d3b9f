"""Start an empty Tessera, let people work in it, and photograph its pages into `docs/guides/img`."""

import os
import shutil
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from config.environment import ROOT
from tests.browser.conftest import QUIET
from tests.installation import running

from . import clock, detector, people
from .shots import SHOTS, address
from .work import Line

SIZE = {"width": 1440, "height": 900}
FOLDER = ROOT / "docs" / "guides" / "img"
MOST_BYTES = 150_000
COLOURS = (256, 128, 64, 32)


def main(wanted: list[str]) -> None:
    """Take all pictures, or those that are named."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "var", mode="start") as installation:
        people.act_in(installation)
        slug = people.found()
        detector.stand_in(installation)
        detector.register(slug, "noor@northlot.example")
        line = Line(installation.url, slug)
        say("A project is set up, and its pictures are read…")
        line.set_up()
        say("People work…")
        line.work()
        clock.spread(people.database(installation), line.done)
        subprocess.run([sys.executable, "manage.py", "rebuild_figures"], cwd=ROOT, env=dict(os.environ), check=True)
        for _ in range(3):  # today's, by the true clock
            line.label("ada")
        say("The camera…")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(QUIET))
            for name in wanted or SHOTS:
                keep(photograph(browser, line, name), name)


def photograph(browser: Browser, line: Line, name: str) -> bytes:
    """The page of a shot, in a browser of its own."""
    shot = SHOTS[name]
    context = browser.new_context(base_url=line.url, viewport=SIZE, color_scheme="light", reduced_motion="reduce")
    try:
        page = context.new_page()
        sign_in(page, f"{shot.who}@northlot.example")
        page.goto(address(shot, line))
        shot.pose(page)
        page.wait_for_timeout(1200)
        return page.screenshot()
    finally:
        context.close()


def sign_in(page: Page, email: str) -> None:
    """As a person does."""
    page.goto("/sign-in")
    page.fill("#email", email)
    page.fill("#password", people.PASSWORD)
    page.click("main .btn-primary")
    page.wait_for_url("**/o/**")


def keep(png: bytes, name: str) -> None:
    """As small as it must be: with as many colours as fit."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    picture = Image.open(BytesIO(png)).convert("RGB")
    for colours in COLOURS:
        file = BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        if file.tell() <= MOST_BYTES:
            break
    (FOLDER / f"{name}.png").write_bytes(file.getvalue())
    say(f"{name}.png: {file.tell() / 1000:.0f} kB, {colours} colours")


def say(line: str) -> None:
    """To whoever waits."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
