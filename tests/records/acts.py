"""A request for every route that changes something, by route: valid, of somebody who may, on things that are there.

A new route is added here; or to EXCEPTIONS, with the reason why it leaves no audit row, or not exactly one. Both lists
are reviewed: what nobody could want to know afterwards is no reason.
"""

import json
from collections.abc import Callable
from typing import Any

import msgspec
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.models import SingleSignOn
from apps.core.ids import new_id
from apps.core.roles import Role
from apps.core.tenancy import tenant_tx
from apps.pipelines.templates import graph_of as production
from tests.distribution.graphs import Works
from tests.distribution.line import box
from tests.people import make_member
from tests.projects.pictures import picture

from .scene import Act, Scene

O = "/o/<slug:org>/"  # noqa: E741 - short, as the addresses begin by it
A = "/api/v1/orgs/<slug:org>/"
P = "projects/<uuid:project_id>/"
LABELS = [{"name": "car", "title": "Car", "key": "1"}]

ACTS: dict[str, Callable[[Scene], Act]] = {}


def act(route: str) -> Callable[[Callable[[Scene], Act]], Callable[[Scene], Act]]:
    """Enter one."""

    def enter(make: Callable[[Scene], Act]) -> Callable[[Scene], Act]:
        assert route not in ACTS, route
        ACTS[route] = make
        return make

    return enter


def after(_made: object, act: Act) -> Act:
    """Once something is there."""
    return act


def custom_role(s: Scene) -> str:
    """A role of Elsewhere's."""
    body = {"name": "Looker", "base": "annotator", "actions": ["project.list"]}
    return f"custom_roles/{s.made('eve', 'custom_roles', body)['id']}"


def team(s: Scene) -> str:
    """A team of Elsewhere's."""
    return f"teams/{s.made('eve', 'teams', {'name': 'Night'})['id']}"


def opened(s: Scene, path: str, **form: object) -> Act:
    """A page's form, with what the page says was seen."""
    page = s.client("eve").get(f"/o/elsewhere/{path}")
    return s.page("eve", path, seen=page.context["seen"], **form)


def signed_on(s: Scene) -> SingleSignOn:
    """Elsewhere's own provider."""
    with tenant_tx(s.world.eve.context):
        named = {"name": "Elsewhere", "issuer": "https://sign.example", "client_id": "tessera", "secret": "sealed"}
        row: SingleSignOn = SingleSignOn.objects.create(org_id=s.world.elsewhere.pk, **named)
    return row


def view(s: Scene) -> str:
    """A saved view of Noor's."""
    return f"saved_views/{s.made('noor', f'projects/{s.project}/saved_views', {'name': 'North'})['id']}"


def subset(s: Scene) -> str:
    """A subset."""
    return f"subsets/{s.made('noor', f'projects/{s.project}/subsets', {'name': 'Night'})['id']}"


def bulk(s: Scene, kind: str = "set_metadata") -> Act:
    """An act on one picture."""
    body: dict[str, Any] = {"act": kind, "selection": {"items": [str(s.item().pk)]}}
    if kind == "set_metadata":
        body["metadata"] = {"set": {"night": True}, "unset": []}
    return s.api("noor", f"projects/{s.project}/bulk_acts", body)


def prediction_run(s: Scene) -> Act:
    """A run over one picture."""
    chosen = {"items": [str(s.item().pk)]}
    body = {"deployment": str(s.deployment().pk), "selection": chosen}
    return s.api("noor", f"projects/{s.project}/prediction_runs", body)


def thread(s: Scene, method: str = "PUT") -> str:
    """The address of a thread that is open, or was resolved."""
    path = f"threads/{s.asked()}/resolution"
    if method == "DELETE":
        assert s.send("PUT", s.api("max", path)).status_code < 300
    return path


def pictures() -> SimpleUploadedFile:
    """One that can be read."""
    return SimpleUploadedFile("a.png", picture())


def run_started(s: Scene) -> Act:
    """Another run of the line."""
    body = {"pipeline_version": str(s.line.run.pipeline_version_id), "dataset": str(s.world.dataset.pk)}
    return s.api("noor", f"projects/{s.project}/pipeline_runs", body)


def uploaded(s: Scene) -> Act:
    """A picture sent to the dataset."""
    path = s.api("noor", f"datasets/{s.world.dataset.pk}/uploads").path
    return Act("noor", path, form={"files": [pictures()]})


def line_made(s: Scene, name: str = "Second line") -> Act:
    """A pipeline of people alone."""
    return s.api("noor", f"projects/{s.project}/pipelines", {"name": name, "template": "label_only"})


def offer(s: Scene) -> str:
    """What Noor has offered to Elsewhere."""
    made = s.made("noor", "engagements", {"project": str(s.project), "vendor": "elsewhere"})
    return f"engagements/{made['id']}"


def scope_form(s: Scene) -> Act:
    """Another scope of an offer, by the page that was opened before."""
    path = offer(s)
    page = s.client("noor").get(f"/o/{s.org('noor')}/{path}")
    return s.page("noor", path, seen=page.context["seen"], roles=["annotator"])


def member_erased(s: Scene) -> Act:
    """Somebody who belongs to Elsewhere alone."""
    s.world.members["zoe"] = make_member(s.world.elsewhere, "zoe", Role.ANNOTATOR)
    return s.page("eve", f"members/{s.membership('zoe')}/erasure")


def set_up(s: Scene) -> Act:
    """The start of the line that was chosen a step before."""
    s.item()
    assert s.send("POST", s.page("noor", f"projects/{s.project}/set-up/line", template="label_only")).status_code < 400
    return s.page("noor", f"projects/{s.project}/set-up/start")


def drawn(s: Scene) -> Act:
    """A box in a draft."""
    shape = box()
    op = {"op_id": str(new_id()), "shape_id": shape["id"], "value": shape}
    return s.working("draft", {"base_revision": 0, "ops": [op]})


def cancelled_job(s: Scene) -> Act:
    """The job of an export that waits."""
    job = s.made("noor", f"projects/{s.project}/exports", {"format": "coco"})["job"]
    return s.api("noor", f"jobs/{job}")


def refilled(s: Scene) -> Act:
    """A pipeline's next version."""
    made = s.send("POST", line_made(s)).json()
    return s.api("noor", f"pipelines/{made['id']}/versions", {"graph": made["version"]["graph"]})


def given(s: Scene) -> str:
    """A task that Max gave to Ada."""
    task = str(s.task().pk)
    s.made("max", f"projects/{s.project}/assignments", {"people": [str(s.world.ada.id)], "tasks": [task]})
    return task


def to_deal(s: Scene) -> str:
    """The stage of a task that was given out and not begun."""
    given(s)
    return str(s.line.label.pk)


def laid_before_max(s: Scene) -> str:
    """A task that Ada did not do, but asked a manager about."""
    task = s.taken()
    skip = {"reason": "Is this a car?", "mode": "manager"}
    act = s.api("ada", f"tasks/{task['id']}/skip", skip, Lease_Token=task["lease"]["token"])
    assert s.send("POST", act).status_code < 300
    return str(task["id"])


def moved(s: Scene) -> tuple[str, str]:
    """A run, and a version of its pipeline that is newer than its own."""
    s.item()
    made = s.send("POST", line_made(s)).json()
    start = {"pipeline_version": made["version"]["id"], "dataset": str(s.world.dataset.pk)}
    run = s.made("noor", f"projects/{s.project}/pipeline_runs", start)["id"]
    newer = s.made("noor", f"pipelines/{made['id']}/versions", {"graph": made["version"]["graph"]})
    return str(run), str(newer["id"])


def run_moved(s: Scene) -> Act:
    """A run brought to the newer version."""
    run, version = moved(s)
    return s.api("noor", f"pipeline_runs/{run}/moves", {"pipeline_version": version})


def intake(s: Scene) -> Act:
    """A picture with what a model elsewhere says of it; with confidence enough, so that it is decided at once."""
    Works(s.world, msgspec.to_builtins(production("production_intake", {"at_least": 0.9})))
    said = {"type": "box", "label": "car", "x": 10.0, "y": 20.0, "width": 60.0, "height": 40.0, "score": 0.97}
    model = {"name": "Damage finder", "version": 3}
    body = {"item": str(s.item().pk), "model": model, "predictions": [said]}
    return s.api("noor", f"datasets/{s.world.dataset.pk}/intake", body)


def pipeline(s: Scene) -> tuple[str, Any]:
    """A pipeline and the graph of its version."""
    made = s.send("POST", line_made(s)).json()
    return f"pipelines/{made['id']}", made["version"]["graph"]


def checked(s: Scene) -> Act:
    """A graph that is not published yet."""
    path, graph = pipeline(s)
    return s.api("noor", f"{path}/check", {"graph": graph})


def tried(s: Scene) -> Act:
    """One rule, on what is in the dataset."""
    sure = {"key": "sure", "title": "Sure", "when": [{"test": "confidence", "of": "lowest", "at_least": 0.9}]}
    return s.api("noor", f"{pipeline(s)[0]}/try_rules", {"dataset": str(s.world.dataset.pk), "rules": [sure]})


# Organizations and people
act(f"POST {O}members/")(lambda s: s.page("max", "members/", email="nia@new.example", role="annotator"))
act(f"POST {O}members/<uuid:membership_id>")(lambda s: s.page("max", f"members/{s.membership('bob')}", role="reviewer"))
act(f"POST {O}invitations/<uuid:invitation_id>")(lambda s: s.page("max", f"invitations/{s.invited()}"))
act(f"POST {O}members/<uuid:membership_id>/erasure")(member_erased)
act(f"POST {O}members/<uuid:membership_id>/password-link")(
    lambda s: s.page("max", f"members/{s.membership('bob')}/password-link")
)
act(f"POST {A}members/<uuid:membership_id>/password_link")(
    lambda s: s.api("max", f"members/{s.membership('bob')}/password_link")
)
act(f"PATCH {A}members/<uuid:membership_id>")(
    lambda s: s.api("max", f"members/{s.membership('bob')}", {"active": False})
)
act(f"POST {O}members/<uuid:membership_id>/skills")(
    lambda s: opened(s, f"members/{s.membership('eve')}/skills", skills=["expert"])
)
act(f"PUT {A}members/<uuid:membership_id>/skills")(
    lambda s: s.edit("max", f"members/{s.membership('ada')}/skills", {"skills": ["expert"]})
)
act(f"POST {A}invitations")(lambda s: s.api("max", "invitations", {"email": "nia@new.example", "role": "annotator"}))
act(f"DELETE {A}invitations/<uuid:invitation_id>")(lambda s: s.api("max", f"invitations/{s.invited()}"))
act(f"POST {A}engagements")(lambda s: s.api("noor", "engagements", {"project": str(s.project), "vendor": "elsewhere"}))
act(f"PATCH {A}engagements/<uuid:engagement_id>")(lambda s: s.edit("noor", offer(s), {"names_shown": True}))
act(f"DELETE {A}engagements/<uuid:engagement_id>")(lambda s: s.api("noor", offer(s)))
act(f"POST {A}engagements/<uuid:engagement_id>/acceptance")(lambda s: s.api("eve", f"{offer(s)}/acceptance"))
act(f"POST {O}{P}share")(
    lambda s: s.page("noor", f"projects/{s.project}/share", vendor="elsewhere", roles=["annotator"])
)
act(f"POST {O}engagements/<uuid:engagement_id>")(scope_form)
act(f"POST {O}engagements/<uuid:engagement_id>/acceptance")(lambda s: s.page("eve", f"{offer(s)}/acceptance"))
act(f"POST {O}engagements/<uuid:engagement_id>/end")(lambda s: s.page("noor", f"{offer(s)}/end"))
act(f"POST {O}settings/")(lambda s: opened(s, "settings/", name="Nowhere", timezone="UTC"))
act(f"PATCH {A}organization")(lambda s: s.edit("eve", "organization", {"name": "Nowhere"}))
act(f"POST {O}roles/")(lambda s: s.page("eve", "roles/", name="Looker", base="annotator"))
act(f"POST {O}roles/<uuid:role_id>")(
    lambda s: opened(s, custom_role(s).replace("custom_roles", "roles"), name="Seer", actions=["project.see"])
)
act(f"POST {O}roles/<uuid:role_id>/deletion")(
    lambda s: s.page("eve", f"{custom_role(s).replace('custom_roles', 'roles')}/deletion")
)
act(f"POST {A}custom_roles")(
    lambda s: s.api("eve", "custom_roles", {"name": "Looker", "base": "annotator", "actions": ["project.list"]})
)
act(f"PATCH {A}custom_roles/<uuid:role_id>")(lambda s: s.edit("eve", custom_role(s), {"name": "Seer"}))
act(f"DELETE {A}custom_roles/<uuid:role_id>")(lambda s: s.api("eve", custom_role(s)))
act(f"POST {O}teams/")(lambda s: s.page("eve", "teams/", name="Night"))
act(f"POST {O}teams/<uuid:team_id>")(lambda s: opened(s, team(s), name="Day"))
act(f"POST {O}teams/<uuid:team_id>/deletion")(lambda s: s.page("eve", f"{team(s)}/deletion"))
act(f"POST {A}teams")(lambda s: s.api("eve", "teams", {"name": "Night"}))
act(f"PATCH {A}teams/<uuid:team_id>")(lambda s: s.edit("eve", team(s), {"name": "Day"}))
act(f"DELETE {A}teams/<uuid:team_id>")(lambda s: s.api("eve", team(s)))
act(f"POST {O}single-sign-on/enforcement")(
    lambda s: after(signed_on(s), s.page("eve", "single-sign-on/enforcement", enforced="no"))
)
act(f"POST {O}single-sign-on/removal")(lambda s: after(signed_on(s), s.page("eve", "single-sign-on/removal")))

# Projects and data
act(f"POST {O}projects/new")(lambda s: s.page("noor", "projects/new", name="Bicycles"))
act(f"POST {O}{P}deletion")(
    lambda s: s.page("eve", f"projects/{s.made('eve', 'projects', {'name': 'Own'})['id']}/deletion")
)
act(f"POST {A}projects")(lambda s: s.api("noor", "projects", {"name": "Bicycles"}))
act(f"PATCH {A}projects/<uuid:project_id>")(lambda s: s.edit("noor", f"projects/{s.project}", {"name": "Vans"}))
act(f"DELETE {A}projects/<uuid:project_id>")(
    lambda s: s.api("eve", f"projects/{s.made('eve', 'projects', {'name': 'Own'})['id']}")
)
act(f"POST {A}{P}datasets")(lambda s: s.api("noor", f"projects/{s.project}/datasets", {"name": "Winter"}))
act(f"PATCH {A}datasets/<uuid:dataset_id>")(
    lambda s: s.edit("noor", f"datasets/{s.world.dataset.pk}", {"name": "Winter"})
)
act(f"DELETE {A}datasets/<uuid:dataset_id>")(
    lambda s: s.api("noor", f"datasets/{s.made('noor', f'projects/{s.project}/datasets', {'name': 'Old'})['id']}")
)
act(f"POST {A}datasets/<uuid:dataset_id>/uploads")(uploaded)
act(f"POST {O}{P}set-up/pictures")(lambda s: s.page("noor", f"projects/{s.project}/set-up/pictures"))
act(f"PATCH {A}items/<uuid:item_id>")(lambda s: s.edit("noor", f"items/{s.item().pk}", {"metadata": {"night": True}}))
act(f"DELETE {A}items/<uuid:item_id>")(lambda s: s.api("noor", f"items/{s.item().pk}"))

# Lists, subsets, acts on many
act(f"POST {O}{P}dataset/<uuid:dataset_id>/views")(
    lambda s: s.page("noor", f"projects/{s.project}/dataset/{s.world.dataset.pk}/views", name="North", query="name=n")
)
act(f"POST {O}{P}dataset/<uuid:dataset_id>/views/<uuid:view_id>")(
    lambda s: s.page(
        "noor", f"projects/{s.project}/dataset/{s.world.dataset.pk}/views/{view(s).split('/')[1]}", do="delete"
    )
)
act(f"POST {A}{P}saved_views")(lambda s: s.api("noor", f"projects/{s.project}/saved_views", {"name": "North"}))
act(f"PATCH {A}saved_views/<uuid:view_id>")(lambda s: s.api("noor", view(s), {"name": "South"}))
act(f"DELETE {A}saved_views/<uuid:view_id>")(lambda s: s.api("noor", view(s)))
act(f"POST {A}{P}subsets")(lambda s: s.api("noor", f"projects/{s.project}/subsets", {"name": "Night"}))
act(f"PATCH {A}subsets/<uuid:subset_id>")(lambda s: s.api("noor", subset(s), {"name": "Day"}))
act(f"DELETE {A}subsets/<uuid:subset_id>")(lambda s: s.api("noor", subset(s)))
act(f"POST {A}{P}bulk_acts")(bulk)
act(f"DELETE {A}bulk_acts/<uuid:act_id>")(
    lambda s: s.api("noor", f"bulk_acts/{s.send('POST', bulk(s, 'delete')).json()['id']}")
)

# Recipes, lines, models
act(f"POST {O}{P}recipe/")(lambda s: s.page("noor", f"projects/{s.project}/recipe/", labels=json.dumps(LABELS), on="1"))
act(f"POST {O}{P}set-up/labels")(
    lambda s: s.page("noor", f"projects/{s.project}/set-up/labels", labels=json.dumps(LABELS), on="1")
)
act(f"POST {A}{P}recipes")(lambda s: s.api("noor", f"projects/{s.project}/recipes", {"name": "Cars"}))
act(f"POST {A}recipes/<uuid:recipe_id>/versions")(
    lambda s: s.api(
        "noor",
        f"recipes/{s.made('noor', f'projects/{s.project}/recipes', {'name': 'Cars'})['id']}/versions",
        {"labels": LABELS},
    )
)
act(f"POST {A}{P}pipelines")(line_made)
act(f"POST {A}pipelines/<uuid:pipeline_id>/versions")(refilled)
act(f"POST {A}pipelines/<uuid:pipeline_id>/check")(checked)
act(f"POST {A}pipelines/<uuid:pipeline_id>/try_rules")(tried)
act(f"POST {O}{P}pipelines/new")(
    lambda s: s.page("noor", f"projects/{s.project}/pipelines/new", name="Second line", template="label_only")
)
act(f"POST {O}{P}set-up/line")(lambda s: s.page("noor", f"projects/{s.project}/set-up/line", template="label_only"))
act(f"POST {O}{P}set-up/start")(set_up)
act(f"POST {O}{P}pipeline/")(
    lambda s: after(
        s.item(),
        s.page("noor", f"projects/{s.project}/pipeline/", dataset=str(s.world.dataset.pk), template="label_only"),
    )
)
act(f"POST {A}{P}pipeline_runs")(run_started)
act(f"PATCH {A}pipeline_runs/<uuid:run_id>")(
    lambda s: s.edit("noor", f"pipeline_runs/{s.line.run.pk}", {"state": "paused"})
)
act(f"POST {O}{P}pipeline/runs/<uuid:run_id>")(
    lambda s: s.page("noor", f"projects/{s.project}/pipeline/runs/{s.line.run.pk}", state="paused")
)
act(f"POST {A}pipeline_runs/<uuid:run_id>/moves")(run_moved)
act(f"POST {O}{P}pipeline/runs/<uuid:run_id>/moves")(
    lambda s: s.page("noor", f"projects/{s.project}/pipeline/runs/{moved(s)[0]}/moves")
)
act(f"POST {A}{P}unit_moves")(
    lambda s: s.api(
        "noor", f"projects/{s.project}/unit_moves", {"units": [str(s.task().unit_id)], "stage": str(s.line.review.pk)}
    )
)
act(f"POST {O}{P}units/<uuid:unit_id>/")(
    lambda s: s.page("noor", f"projects/{s.project}/units/{s.task().unit_id}/", stage=str(s.line.review.pk))
)
act(f"POST {A}datasets/<uuid:dataset_id>/intake")(intake)
act(f"POST {A}{P}deployments")(
    lambda s: s.api(
        "noor", f"projects/{s.project}/deployments", {"model_version": str(_stopped(s)), "classes": {"car": "car"}}
    )
)
act(f"PATCH {A}deployments/<uuid:deployment_id>")(
    lambda s: s.api("noor", f"deployments/{s.deployment().pk}", {"state": "stopped"})
)
act(f"POST {O}{P}models/")(lambda s: s.page("noor", f"projects/{s.project}/models/", model_version=str(_stopped(s))))
act(f"POST {O}{P}models/<uuid:deployment_id>/stopped")(
    lambda s: s.page("noor", f"projects/{s.project}/models/{s.deployment().pk}/stopped")
)
act(f"POST {A}{P}prediction_runs")(prediction_run)
act(f"DELETE {A}prediction_runs/<uuid:run_id>")(
    lambda s: s.api("noor", f"prediction_runs/{s.send('POST', prediction_run(s)).json()['id']}")
)

# Work
act(f"POST {A}{P}claims")(lambda s: after(s.task(), s.api("ada", f"projects/{s.project}/claims", {})))
act(f"POST {O}work/")(lambda s: after(s.task(), s.page("ada", "work/", project=str(s.project))))
act(f"DELETE {A}tasks/<uuid:task_id>/lease")(lambda s: s.working("lease"))
act(f"POST {A}tasks/<uuid:task_id>/submission")(lambda s: s.working("submission", {"annotations": [box()]}))
act(f"POST {A}tasks/<uuid:task_id>/skip")(lambda s: s.working("skip", {"reason": "too dark"}))
act(f"POST {A}tasks/<uuid:task_id>/verdict")(Scene.reviewing)
act(f"POST {A}tasks/<uuid:task_id>/assist")(lambda s: after(s.deployment(), s.working("assist", {})))
act(f"PUT {A}tasks/<uuid:task_id>/lease")(lambda s: s.working("lease"))
act(f"PATCH {A}tasks/<uuid:task_id>/draft")(drawn)
act(f"PUT {A}tasks/<uuid:task_id>/draft")(lambda s: s.working("draft", {"values": {}}, If_Match='"r0"'))
act(f"POST {A}tasks/<uuid:task_id>/pulses")(
    lambda s: s.working("pulses", {"pulses": [{"kind": "work", "seq": 1, "ms_ago": 0}]})
)

# Work of others
act(f"POST {A}{P}assignments")(
    lambda s: s.api(
        "max", f"projects/{s.project}/assignments", {"people": [str(s.world.ada.id)], "tasks": [str(s.task().pk)]}
    )
)
act(f"POST {O}{P}work/assignments")(
    lambda s: after(
        s.task(),
        s.page(
            "max",
            f"projects/{s.project}/work/assignments",
            stage=str(s.line.label.pk),
            number="1",
            people=[str(s.world.ada.id)],
        ),
    )
)
act(f"POST {A}{P}unassignments")(lambda s: s.api("max", f"projects/{s.project}/unassignments", {"tasks": [given(s)]}))
act(f"POST {A}{P}urgency")(
    lambda s: s.api("max", f"projects/{s.project}/urgency", {"tasks": [str(s.task().pk)], "priority": 5})
)
act(f"POST {A}stages/<uuid:stage_id>/redistributions")(
    lambda s: s.api("max", f"stages/{to_deal(s)}/redistributions", {"to": "queue"})
)
act(f"POST {O}{P}work/stages/<uuid:stage_id>/redistributions")(
    lambda s: s.page("max", f"projects/{s.project}/work/stages/{to_deal(s)}/redistributions", to="queue")
)
act(f"DELETE {A}tasks/<uuid:task_id>/holder")(lambda s: s.api("max", f"tasks/{s.taken()['id']}/holder"))
act(f"POST {O}{P}work/tasks/<uuid:task_id>/holder")(
    lambda s: s.page("max", f"projects/{s.project}/work/tasks/{s.taken()['id']}/holder")
)
act(f"POST {A}tasks/<uuid:task_id>/decision")(
    lambda s: s.api("max", f"tasks/{laid_before_max(s)}/decision", {"decision": "requeue"})
)
act(f"POST {O}{P}work/tasks/<uuid:task_id>/decision")(
    lambda s: s.page("max", f"projects/{s.project}/work/tasks/{laid_before_max(s)}/decision", decision="requeue")
)

# Talk
act(f"POST {A}tasks/<uuid:task_id>/comments")(
    lambda s: s.api("ada", f"tasks/{s.taken()['id']}/comments", {"text": "Does a trailer count?"})
)
act(f"POST {A}threads/<uuid:thread_id>/comments")(
    lambda s: s.api("max", f"threads/{s.asked()}/comments", {"text": "It does."})
)
act(f"PUT {A}threads/<uuid:thread_id>/resolution")(lambda s: s.api("max", thread(s)))
act(f"DELETE {A}threads/<uuid:thread_id>/resolution")(lambda s: s.api("max", thread(s, "DELETE")))
act(f"POST {O}{P}questions/<uuid:thread_id>")(
    lambda s: s.page("max", f"projects/{s.project}/questions/{s.asked()}", text="It does.")
)
act(f"POST {O}tasks/<uuid:task_id>/thread")(
    lambda s: s.page("ada", f"tasks/{s.taken()['id']}/thread", text="Does a trailer count?")
)
act(f"POST {O}threads/<uuid:thread_id>/state")(lambda s: s.page("max", f"threads/{s.asked()}/state", state="resolved"))
act(f"PUT {A}notifications/<uuid:notification_id>/reading")(
    lambda s: s.api("max", f"notifications/{s.told().pk}/reading")
)
act(f"PUT {A}inbox/reading")(lambda s: after(s.told(), s.api("max", "inbox/reading", {})))
act(f"POST {O}notifications/")(lambda s: s.page("max", "notifications/", until=str(s.told().pk)))

# Jobs and what comes out
act(f"POST {A}{P}exports")(lambda s: s.api("noor", f"projects/{s.project}/exports", {"format": "coco"}))
act(f"POST {O}{P}exports/")(lambda s: s.page("noor", f"projects/{s.project}/exports/", format="coco"))
act(f"DELETE {A}jobs/<uuid:job_id>")(cancelled_job)
act(f"POST {A}socket_tickets")(lambda s: s.api("ada", "socket_tickets"))
act(f"POST {A}sample_projects")(lambda s: s.api("noor", "sample_projects"))
act(f"POST {O}projects/sample")(lambda s: s.page("noor", "projects/sample"))


def _stopped(s: Scene) -> object:
    """A version that could serve and does not."""
    deployment = s.deployment()
    assert s.send("PATCH", s.api("noor", f"deployments/{deployment.pk}", {"state": "stopped"})).status_code < 300
    return deployment.model_version_id


# How many rows an exception that is asked leaves, where any.
ROWS = {f"POST {O}{P}pipeline/": 2, f"POST {A}datasets/<uuid:dataset_id>/intake": 5}
# All of one's own account, whichever organizations one belongs to: no organization's audit tells of it.
OWN_ACCOUNT = "POST /account/"
EXCEPTIONS = {
    # Drafts, heart-beats, pulses and tickets: design/tenancy.md, 10.
    f"PUT {A}tasks/<uuid:task_id>/lease": "a heart-beat",
    f"PATCH {A}tasks/<uuid:task_id>/draft": "a draft; what is handed in leaves a row",
    f"PUT {A}tasks/<uuid:task_id>/draft": "a draft; what is handed in leaves a row",
    f"POST {A}tasks/<uuid:task_id>/pulses": "signs of work: activity events, from which figures are made",
    f"POST {A}socket_tickets": "a ticket, good once and for 30 s",
    # What belongs to no organization, and so to no organization's audit.
    "POST /sign-in": "a person's, before any organization",
    "POST /sign-out": "a person's, before any organization",
    "POST /sign-in/code": "a person's, before any organization",
    "POST /reset": "a person's, before any organization",
    "POST /reset/<uuid:person_id>/<str:token>": "a person's, before any organization",
    "POST /demo/view-as": "only in the demo",
    "POST /api/v1/tokens": "a person's own token",
    "DELETE /api/v1/tokens/<uuid:token_id>": "a person's own token",
    # Tested with their rows elsewhere: they need an empty installation, or a link.
    "POST /first-run": "founds an organization: tests/accounts/test_first_run.py",
    "POST /join/<str:secret>": "leaves membership.join: tests/accounts/test_invitations.py",
    "POST /api/v1/memberships": "leaves membership.join: tests/accounts/test_invitations.py",
    f"POST {O}single-sign-on/": "leaves single_sign_on.edit, once a provider has answered: tests/accounts",
    f"POST {O}{P}pipeline/": "two things by one press: publishes the line and starts a run of it, a row for each",
    f"POST {A}datasets/<uuid:dataset_id>/intake": "what a model delivers and what rules decide of it, a row for each",
    # Told by the job that does it, as task.redistribute: tests/distribution/test_handing_out.py.
    # Asked beforehand, and nothing is changed by it.
    f"POST {A}pipelines/<uuid:pipeline_id>/check": "says what is wrong with a graph, and keeps nothing",
    f"POST {A}pipelines/<uuid:pipeline_id>/try_rules": "says what rules would do, and moves nothing",
    # One's own reading.
    f"PUT {A}notifications/<uuid:notification_id>/reading": "what a person has read is theirs",
    f"PUT {A}inbox/reading": "what a person has read is theirs",
    f"POST {O}notifications/": "what a person has read is theirs",
}
