"""The pages in Chromium, empty and full: nothing scrolls sideways, nothing lies on something else, no script fails."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, Route, sync_playwright

from apps.accounts.models import User
from apps.core.tenancy import tenant_tx
from apps.projects.models import Item
from tests.people import World

from .filled import fill

pytestmark = pytest.mark.browser

SITE = "https://tessera.example"
# Room does not depend on the theme, so each width is looked at in one.
VIEWS = ((1280, "light"), (390, "dark"))
PROJECT_PAGES = ("", "recipe/", "pipeline/", "models/", "review/", "exports/")
KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
# A grey pixel stands for every picture.
PICTURE = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x88\x88\x88\x00\x00\x00!\xf9\x04\x00\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]

# Every piece of text as the boxes of its lines, cut to what its scrolling ancestors show.
OVERLAPS = """() => {
  const seen = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.data.trim() || parent.closest('.visually-hidden, .skip-link, dialog, option, script, template')) continue;
    if (!parent.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      let [left, top, right, bottom] = [box.left, box.top, box.right, box.bottom];
      for (let up = parent; up; up = up.parentElement) {
        if (getComputedStyle(up).overflowX === 'visible') continue;
        const clip = up.getBoundingClientRect();
        left = Math.max(left, clip.left); right = Math.min(right, clip.right);
        if (up !== document.body && up !== document.documentElement) {
          top = Math.max(top, clip.top); bottom = Math.min(bottom, clip.bottom);
        }
      }
      if (right - left > 2 && bottom - top > 2) seen.push({ node, text: node.data.trim(), left, top, right, bottom });
    }
  }
  const found = [];
  for (let a = 0; a < seen.length; a++) for (let b = a + 1; b < seen.length; b++) {
    const across = Math.min(seen[a].right, seen[b].right) - Math.max(seen[a].left, seen[b].left);
    const down = Math.min(seen[a].bottom, seen[b].bottom) - Math.max(seen[a].top, seen[b].top);
    if (seen[a].node !== seen[b].node && across > 3 && down > 5) found.push(`${seen[a].text} | ${seen[b].text}`);
  }
  return found;
}"""
FROM_RIGHT = "() => { document.documentElement.dir = 'rtl'; }"
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Visited:
    """Pages as the server wrote them, by address, and who wrote to the console."""

    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def keep(self, browser: Client, address: str) -> None:
        answer = browser.get(address, follow=True)
        assert answer.status_code == 200, address
        self.pages[f"{address}?{len(self.pages)}"] = (answer.content.decode(), answer["Content-Security-Policy"])

    def serve(self, route: Route) -> None:
        address = route.request.url.removeprefix(SITE)
        if address in self.pages:
            text, policy = self.pages[address]
            route.fulfill(body=text, content_type="text/html", headers={"Content-Security-Policy": policy})
        elif address.startswith("/static/") and (path := finders.find(address[8:].partition("?")[0])):
            route.fulfill(path=path, content_type=KINDS.get(str(path).rpartition(".")[2], "text/plain"))
        elif "/image?" in address:
            route.fulfill(body=PICTURE, content_type="image/gif")
        else:
            route.fulfill(status=204)


def gather(world: World) -> Visited:
    """What each of the cast sees."""
    visited = Visited()
    for name, member in world.members.items():
        browser = Client()
        browser.force_login(User.objects.get(pk=member.id))
        home = f"/o/{member.context.org_slug}/"
        paths = ["", "projects/"]
        if name == "noor":
            paths += [
                "projects/new",
                *(f"projects/{world.project.pk}/{path}" for path in PROJECT_PAGES if path != "review/"),
            ]
            paths.append(f"projects/{world.project.pk}/dataset/{world.dataset.pk}/")
            with tenant_tx(member.context):
                items = list(Item.objects.order_by("id")[:1])
            paths += [f"projects/{world.project.pk}/items/{item.pk}/" for item in items]
        if name == "max":
            paths += [f"projects/{world.project.pk}/{path}" for path in PROJECT_PAGES if path != "exports/"]
        if name == "ada":
            paths += [f"projects/{world.project.pk}/", f"projects/{world.project.pk}/recipe/"]
        for path in paths:
            visited.keep(browser, home + path)
    visited.keep(Client(), "/sign-in")
    return visited


@pytest.fixture(params=["empty", "full"])
def visited(request: Any, world: World) -> Visited:
    if request.param == "full":
        fill(world)
    return gather(world)


@pytest.fixture
def chromium(visited: Visited) -> Iterator[Browser]:
    """Started after all is read: its event loop makes Django refuse the database in this thread."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def test_pages_fit_and_nothing_overlaps(visited: Visited, chromium: Browser) -> None:
    wrong = []
    for width, theme in VIEWS:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
        page = context.new_page()
        watch(page, visited)
        page.route("**/*", visited.serve)
        for address in visited.pages:
            page.goto(SITE + address, wait_until="load")
            page.wait_for_function("document.readyState === 'complete'")
            if (wider := page.evaluate(WIDER)) > 0:
                wrong.append(f"{address} at {width}: {wider} px too wide")
            wrong += [f"{address} at {width}: {pair}" for pair in page.evaluate(OVERLAPS)]
            if (wider := page.evaluate(FROM_RIGHT) or page.evaluate(WIDER)) > 0:
                wrong.append(f"{address} at {width}, right to left: {wider} px too wide")
        context.close()
    assert wrong == []
    assert visited.complaints == []


def watch(page: Page, visited: Visited) -> None:
    """Note what scripts and the content policy complain about; the socket has no server here."""
    page.on("pageerror", lambda error: visited.complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            visited.complaints.append(message.text)
            if message.type == "error" and "WebSocket" not in message.text
            else None
        ),
    )
