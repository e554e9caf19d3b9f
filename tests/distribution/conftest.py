"""A line of one project with people at it; what they do through the API, as short words."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.test import Client

from apps.accounts.selectors import Member
from apps.core.ids import new_id
from tests.people import World

from .line import Line, make_line


@pytest.fixture
def line(world: World) -> Line:
    """dataset → label → review → done, running."""
    return make_line(world)


@dataclass
class Desk:
    """Somebody at work through the API."""

    client: Client
    member: Member
    project_id: UUID

    @property
    def api(self) -> str:
        return self.client.api  # type: ignore[attr-defined]

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Any request below the organization; `lease_token="…"` and the like become headers."""
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        options: dict[str, Any] = {"content_type": "application/json", "headers": named}
        return self.client.generic(method, f"{self.api}/{path}", _encoded(body), **options)

    def claim(self, **body: Any) -> Any:
        return self.send("POST", f"projects/{self.project_id}/claims", body)

    def take(self, **body: Any) -> dict[str, Any]:
        """Claim one task that must be there."""
        answer = self.claim(**body)
        assert answer.status_code == 201, answer.content
        task: dict[str, Any] = answer.json()["tasks"][0]
        return task

    def submit(self, task: dict[str, Any], *shapes: dict[str, Any], token: str | None = None, **body: Any) -> Any:
        body = body or {"annotations": list(shapes)}
        return self.send("POST", f"tasks/{task['id']}/submission", body, lease_token=token or task["lease"]["token"])

    def judge(self, task: dict[str, Any], verdict: str, **body: Any) -> Any:
        body = {"verdict": verdict, **body}
        return self.send("POST", f"tasks/{task['id']}/verdict", body, lease_token=task["lease"]["token"])

    def save(self, task: dict[str, Any], base: int, *ops: dict[str, Any]) -> Any:
        body = {"base_revision": base, "ops": list(ops)}
        return self.send("PATCH", f"tasks/{task['id']}/draft", body)


def _encoded(body: Any) -> bytes:
    return b"" if body is None else msgspec.json.encode(body)


@pytest.fixture
def at(world: World, signed_in: Any) -> Any:
    """`at(world.ada)`: Ada's desk."""

    def desk(member: Member) -> Desk:
        return Desk(signed_in(member), member, world.project.id)

    return desk


def put(shape: dict[str, Any]) -> dict[str, Any]:
    """A draft operation that draws a shape."""
    return {"op_id": str(new_id()), "shape_id": shape["id"], "value": shape}
