"""Where every act can be done: a line at work in Parking's project, and the things that acts are done to."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from django.test import Client

from apps.accounts.models import Invitation, Membership, User
from apps.core.tenancy import owner_context, tenant_tx
from apps.discussion.models import Notification
from apps.distribution.models import Task
from apps.predictions.models import Deployment
from apps.projects.models import Item
from tests import factories
from tests.distribution.line import Line, box, make_item, make_line, make_task
from tests.people import World


@dataclass
class Act:
    """A request that is done, by one of the cast; `json`, `form` (of a page) or neither."""

    who: str
    path: str
    json: Any = None
    form: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Scene:
    """Makes what an act needs first, through the API where that is the shortest way."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.project = world.project.pk
        self.line: Line = make_line(world)
        self.clients: dict[str, Client] = {}

    def org(self, who: str) -> str:
        """The organization for which somebody acts."""
        return self.world.members[who].context.org_slug

    def client(self, who: str) -> Client:
        """Somebody's browser."""
        if who not in self.clients:
            self.clients[who] = Client()
            self.clients[who].force_login(User.objects.get(pk=self.world.members[who].id))
        return self.clients[who]

    def send(self, method: str, act: Act) -> Any:
        """Do it."""
        client = self.client(act.who)
        if act.form is not None:
            return client.post(act.path, act.form, headers=act.headers)
        body = b"" if act.json is None else msgspec.json.encode(act.json)
        return client.generic(method, act.path, body, content_type="application/json", headers=act.headers)

    def api(self, who: str, path: str, json: Any = None, **headers: str) -> Act:
        """An act through the API."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Act(who, f"/api/v1/orgs/{self.org(who)}/{path}", json=json, headers=named)

    def page(self, who: str, path: str, **form: Any) -> Act:
        """An act of a page's form."""
        return Act(who, f"/o/{self.org(who)}/{path}", form=form)

    def made(self, who: str, path: str, json: Any, method: str = "POST") -> dict[str, Any]:
        """What a request made."""
        answer = self.send(method, self.api(who, path, json))
        assert answer.status_code < 300, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def etag(self, who: str, path: str) -> str:
        """Of a thing as it stands."""
        return str(self.client(who).get(f"/api/v1/orgs/{self.org(who)}/{path}").headers["ETag"])

    def edit(self, who: str, path: str, json: Any) -> Act:
        """A change of what was just read."""
        return self.api(who, path, json, If_Match=self.etag(who, path))

    def item(self) -> Item:
        """A picture."""
        return make_item(self.world)

    def task(self) -> Task:
        """A ready one."""
        return make_task(self.line, self.item())

    def taken(self, who: str = "ada") -> dict[str, Any]:
        """A task that Ada has just claimed."""
        self.task()
        claimed: dict[str, Any] = self.made(who, f"projects/{self.project}/claims", {})["tasks"][0]
        return claimed

    def working(self, path: str, json: Any = None, **headers: str) -> Act:
        """Something that Ada does with a task that she holds."""
        task = self.taken()
        return self.api("ada", f"tasks/{task['id']}/{path}", json, Lease_Token=task["lease"]["token"], **headers)

    def submitted(self) -> None:
        """Ada hands a task in, so that a review waits."""
        act = self.working("submission", {"annotations": [box()]})
        assert self.send("POST", act).status_code < 300

    def reviewing(self) -> Act:
        """Rita judges what Ada handed in."""
        self.submitted()
        task = self.made("rita", f"projects/{self.project}/claims", {"stage": str(self.line.review.pk)})["tasks"][0]
        verdict = {"verdict": "accept"}
        return self.api("rita", f"tasks/{task['id']}/verdict", verdict, Lease_Token=task["lease"]["token"])

    def asked(self) -> str:
        """The thread of a question that Ada asked Max."""
        task = self.taken()
        said = self.made("ada", f"tasks/{task['id']}/comments", {"text": "@Max, does a trailer count?"})
        return str(said["thread"])

    def told(self) -> Notification:
        """What Max was told by it."""
        self.asked()
        with tenant_tx(self.world.max.context):
            row: Notification = Notification.objects.filter(person_id=self.world.max.id).latest("at")
        return row

    def deployment(self) -> Deployment:
        """A model that serves."""
        return factories.make_deployment(self.world)

    def membership(self, who: str) -> UUID:
        """Somebody's place in their organization."""
        member = self.world.members[who]
        with tenant_tx(member.context):
            found: UUID = Membership.objects.get(user_id=member.id).pk
        return found

    def invited(self) -> UUID:
        """An open invitation of Meadow's."""
        self.made("max", "invitations", {"email": "nia@new.example", "role": "annotator"})
        with tenant_tx(owner_context(self.world.meadow.id)):
            found: UUID = Invitation.objects.get(email="nia@new.example").pk
        return found
