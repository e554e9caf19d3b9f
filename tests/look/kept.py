"""Pages as the server wrote them, served again to a browser without one."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client

from apps.accounts.models import User
from apps.core.tenancy import owner_context, tenant_tx
from tests.people import World

from .places import ARGUMENTS, PAGES, STRANGER, Page, address_of, is_editor

KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
# A grey pixel stands for every picture.
PICTURE = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x88\x88\x88\x00\x00\x00!\xf9\x04\x00\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Kept:
    """Answers by address. A page's address ends in its number, since two people may see different pages at one."""

    pages: dict[str, Answer] = field(default_factory=dict)
    fetched: dict[str, Answer] = field(default_factory=dict)

    def keep(self, browser: Client, page: Page, address: str) -> None:
        """Ask for a page as its people do, and for what the editor fetches."""
        answer = browser.get(address, follow=True)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        number = f"{'&' if page.asked else '?'}page={len(self.pages)}"
        self.pages[address + number] = _answer(answer)
        if is_editor(address):
            self._keep_task(browser, address)

    def _keep_task(self, browser: Client, address: str) -> None:
        org, task = address.split("/")[2], address.rpartition("/")[2]
        base = f"/api/v1/orgs/{org}"
        item = browser.get(f"{base}/tasks/{task}").json()["item"]["id"]
        paths = (f"tasks/{task}", f"tasks/{task}/draft", f"items/{item}/predictions")
        for path in (*(f"{base}/{path}" for path in paths), f"/o/{org}/tasks/{task}/thread"):
            self.fetched[path] = _answer(browser.get(path))

    def answer(self, address: str) -> Answer:
        """What the server of a kept page says."""
        path = urlsplit(address).path
        if address in self.pages:
            return self.pages[address]
        if path in self.fetched:
            return self.fetched[path]
        if path.startswith("/static/") and (found := finders.find(path[8:])):
            kind = KINDS.get(path.rpartition(".")[2], "text/plain")
            # Kept by the browser: each page asks for the same dozens of files.
            return 200, {"Content-Type": kind, "Cache-Control": "max-age=600"}, Path(str(found)).read_bytes()
        if path.endswith(("/image", "/thumbnail")) or "/tiles/" in path:
            return 200, {"Content-Type": "image/gif"}, PICTURE
        return 204, {}, b""


def gather(world: World, kept: Kept) -> Kept:
    """Each page of the list, as each of those who look at it sees it."""
    arguments, browsers = arguments_of(world), browsers_of(world)
    for page in PAGES:
        for name in page.eyes:
            org = world.members[name].context.org_slug if name else ""
            if address := address_of(page, org, arguments):
                kept.keep(browsers[name], page, address)
    return kept


def arguments_of(world: World) -> dict[str, str]:
    """What stands for each argument in this world; those of which there is nothing are left out."""
    found = {}
    with tenant_tx(owner_context(world.parking.id)), connection.cursor() as cursor:
        for name, statement in ARGUMENTS.items():
            cursor.execute(statement)
            if row := cursor.fetchone():
                found[name] = str(row[0])
    return found


def browsers_of(world: World) -> dict[str, Client]:
    """One for each of the cast, and one in which nobody is signed in."""
    browsers = {STRANGER: Client()}
    for name, member in world.members.items():
        browsers[name] = Client()
        browsers[name].force_login(User.objects.get(pk=member.id))
    return browsers


@contextmanager
def served(kept: Kept) -> Iterator[str]:
    """The address of a server that gives what was kept."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # noqa: N802 - the name that http.server asks for
            self._send(kept.answer(self.path))

        def do_POST(self) -> None:  # noqa: N802 - as above
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._send((200, {"Content-Type": "application/json"}, json.dumps({}).encode()))

        do_PUT = do_PATCH = do_POST  # noqa: N815 - as above

        def _send(self, answer: Answer) -> None:
            status, headers, body = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):  # the browser has gone to the next page
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as above
            """Nothing: the test says what is wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _answer(answer: Any) -> Answer:
    names = ("Content-Type", "Content-Security-Policy")
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, {name: answer[name] for name in names if name in answer}, body
