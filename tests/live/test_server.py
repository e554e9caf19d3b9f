"""The live channel behind the real server: close codes and frames as a browser gets them."""

import json
import socket as sockets
import time
from collections.abc import Iterator

import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from apps.activity.services import publish
from apps.core.tenancy import owner_context, tenant_tx
from apps.live.services import issue_ticket
from tests.factories import make_item
from tests.jobs.processes import environment_of, running
from tests.live.browser import cookie_of
from tests.people import World, make_world

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """host:port of a running web process."""
    for name, value in environment_of("app_web", "config.settings.prod").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DATABASE_OWNER_URL")
    with sockets.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-m", "uvicorn", "config.asgi:application", "--host", "127.0.0.1", "--port", str(port)]
    with running(command) as server:
        while not [one for one in server.net_connections("tcp") if one.status == psutil.CONN_LISTEN]:
            assert server.is_running()
            time.sleep(0.1)
        yield f"127.0.0.1:{port}"


def next_of(browser: ClientConnection, type_: str) -> dict[str, object]:
    while True:
        frame: dict[str, object] = json.loads(browser.recv(timeout=10))
        if frame["type"] == type_:
            return frame


def close_code(browser: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            browser.recv(timeout=10)
    return closed.value.rcvd.code if closed.value.rcvd else None


def follow_and_tell(world: World, at: str) -> None:
    item = make_item(world)
    cookie = cookie_of(world.ada)
    own = Origin(f"http://{at}")
    with connect(f"ws://{at}/ws/orgs/meadow/live", origin=own, additional_headers={"Cookie": cookie}) as ada:
        ada.send(json.dumps({"type": "subscribe", "topic": "item", "id": str(item.pk)}))
        next_of(ada, "hello")
        time.sleep(0.3)
        with tenant_tx(owner_context(item.org_id)):
            publish(f"item:{item.pk}", {"type": "told"}, org_id=item.org_id, project_id=item.project_id)
        assert next_of(ada, "told")["seq"] == 1


def test_frames_and_close_codes_pass_the_server(at: str) -> None:
    world = make_world()
    follow_and_tell(world, at)
    with connect(f"ws://{at}/ws/orgs/meadow/live") as stranger:
        assert close_code(stranger) == 4401
    ticket = issue_ticket(user_id=world.eve.id, slug="elsewhere", token=None)
    with connect(f"ws://{at}/ws/orgs/meadow/live?ticket={ticket.secret}") as eve:
        assert close_code(eve) == 4403
    with pytest.raises(InvalidStatus), connect(f"ws://{at}/ws/elsewhere"):
        pass
