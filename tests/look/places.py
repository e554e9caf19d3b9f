"""Every page, in one place: who of the cast looks at it, and what stands for the arguments of its address.

A new page is added to PAGES (a part of one that is fetched by itself to PARTS); tests/look does the rest.
"""

import re
from dataclasses import dataclass

STRANGER = ""
ORG = "/o/<slug:org>/"
PROJECT = ORG + "projects/<uuid:project_id>/"
DATASET = PROJECT + "dataset/<uuid:dataset_id>/"
EVERYBODY = ("noor", "max", "rita", "ada", "olga")


@dataclass(frozen=True, slots=True)
class Page:
    """A route as the URL table has it, and who looks; `asked` are the words after the question mark."""

    route: str
    eyes: tuple[str, ...]
    asked: str = ""


PAGES = (
    Page("/sign-in", (STRANGER,)),
    Page("/join/<str:secret>", (STRANGER,)),
    Page("/sign-in/through", (STRANGER,)),
    Page("/reset", (STRANGER,)),
    Page("/account", ("ada", "noor")),
    Page("/account/second-factor", ("ada",)),
    Page(ORG, EVERYBODY),
    Page(ORG + "me/", ("ada",)),
    Page(ORG + "team/", ("max",)),
    Page(ORG + "single-sign-on/", ("eve",)),
    Page(ORG + "members/", ("max", "eve")),
    Page(ORG + "members/<uuid:membership_id>/skills", ("olga",)),
    Page(ORG + "audit/", ("olga", "max", "eve")),
    Page("/account/own-data/", ("ada",)),
    Page("/account/erasure", ("ada",)),
    Page(ORG + "settings/", ("max", "olga")),
    Page(ORG + "roles/", ("max", "eve")),
    Page(ORG + "roles/<uuid:role_id>", ("noor",)),
    Page(ORG + "teams/", ("noor", "eve")),
    Page(ORG + "teams/<uuid:team_id>", ("noor",)),
    Page(ORG + "engagements/", ("noor", "max", "eve")),
    Page(ORG + "engagements/<uuid:engagement_id>", ("noor", "max")),
    Page(PROJECT + "share", ("noor",)),
    Page(ORG + "review/", ("rita",)),
    Page(ORG + "review/given/", ("rita",)),
    Page(ORG + "quality/", ("olga",)),
    Page(ORG + "projects/", ("noor", "ada", "eve")),
    Page(ORG + "projects/new", ("noor",)),
    Page(ORG + "search", ("noor", "ada"), "q=lot"),
    Page(ORG + "search", ("max",), "q=nothing+of+this+name"),
    Page(ORG + "help/", ("ada",)),
    Page(ORG + "help/<slug:name>", ("noor",)),
    Page(ORG + "notifications/", ("ada", "noor", "eve")),
    Page(ORG + "work/<uuid:task_id>", ("ada",)),
    Page(PROJECT, EVERYBODY),
    *(Page(f"{PROJECT}set-up/{step}", ("noor",)) for step in ("", "pictures", "labels", "line", "start")),
    Page(DATASET, ("noor", "max", "ada")),
    Page(PROJECT + "items/<uuid:item_id>/", ("noor", "max")),
    Page(PROJECT + "units/<uuid:unit_id>/", ("noor", "rita")),
    Page(PROJECT + "work/", ("max",)),
    Page(PROJECT + "recipe/", ("noor", "ada")),
    Page(PROJECT + "pipeline/", ("noor", "max")),
    Page(PROJECT + "pipelines/", ("noor", "max")),
    Page(PROJECT + "pipelines/new", ("noor",)),
    Page(PROJECT + "pipeline/<uuid:pipeline_id>/edit", ("noor", "max")),
    Page(PROJECT + "pipeline/rules/", ("noor",)),
    Page(PROJECT + "pipeline/runs/<uuid:run_id>/moves", ("noor",)),
    Page(PROJECT + "models/", ("noor", "rita")),
    Page(PROJECT + "review/", ("rita", "max")),
    Page(PROJECT + "questions/", ("max", "ada", "noor")),
    Page(PROJECT + "questions/<uuid:thread_id>", ("ada", "noor")),
    Page(PROJECT + "quality/", ("noor", "olga", "rita")),
    Page(PROJECT + "quality/evidence", ("rita",)),
    Page(PROJECT + "performance/", ("max", "noor")),
    Page(PROJECT + "performance/run/", ("max",)),
    Page(PROJECT + "performance/suggestions/", ("max",)),
    Page(PROJECT + "exports/", ("noor", "olga")),
)
# Fetched into a page by its scripts, or files: counted, but not looked at.
PARTS = (
    Page(PROJECT + "figures", ("noor", "max", "ada")),
    Page(PROJECT + "line", ("noor", "max")),
    Page(PROJECT + "pipeline/runs/<uuid:run_id>", ("noor",)),
    Page(DATASET + "tools", ("noor", "max")),
    Page(ORG + "notifications/menu", ("ada", "noor")),
    Page(ORG + "tasks/<uuid:task_id>/thread", ("ada",)),
    Page(PROJECT + "performance/table.csv", ("max",)),
    Page(ORG + "audit/table.csv", ("olga",)),
    Page(PROJECT + "quality/tables/<slug:table>", ("olga",)),
)
# Neither page nor part: what leads on to a page, and what is asked by machines.
NOT_PAGES = {
    "/": "leads to one's home",
    "/sign-in/code": "only between a password and a code: tests/accounts/test_second_factor.py",
    "/reset/<uuid:person_id>/<str:token>": "only by a link: tests/accounts/test_reset.py",
    "/sign-in/through/<slug:slug>": "leads to an organization's provider",
    "/sign-in/through/<slug:slug>/back": "leads from there",
    "/healthz": "for machines",
    "/account/own-data/<uuid:own_data_id>/file": "a file that a job made",
    ORG + "members/<uuid:membership_id>/erasure": "of a member of an owner's: tests/records/test_erasing.py",
    "/readyz": "for machines",
    PROJECT + "dataset/": "leads to the first dataset",
    ORG + "notifications/<uuid:notification_id>": "leads to what it is about",
    "/first-run": "only before there is a world: the fixture `first_run` asks for it",
}
ARGUMENT = re.compile(r"<\w+:(\w+)>")
# What stands for an argument; `task_id` is a task that its annotator holds, `secret` that of the world's invitation.
ARGUMENTS = {
    "project_id": "SELECT id FROM project ORDER BY id LIMIT 1",
    "dataset_id": "SELECT id FROM dataset ORDER BY id LIMIT 1",
    "item_id": "SELECT id FROM item ORDER BY id LIMIT 1",
    "unit_id": "SELECT id FROM unit ORDER BY id LIMIT 1",
    "membership_id": "SELECT id FROM membership ORDER BY id LIMIT 1",
    "task_id": "SELECT id FROM task WHERE state = 'leased' ORDER BY id LIMIT 1",
    "run_id": "SELECT id FROM pipeline_run ORDER BY id DESC LIMIT 1",
    "pipeline_id": "SELECT pipeline_id FROM pipeline_version WHERE graph->'stages' <> '[]' ORDER BY id DESC LIMIT 1",
    "thread_id": "SELECT id FROM thread ORDER BY id LIMIT 1",
    "engagement_id": "SELECT id FROM engagement ORDER BY id LIMIT 1",
    "role_id": "SELECT id FROM custom_role ORDER BY id LIMIT 1",
    "team_id": "SELECT id FROM team ORDER BY id LIMIT 1",
    "name": "SELECT 'manager'",
    "table": "SELECT 'classes'",
    "secret": "SELECT 'secret-of-parking' FROM invitation LIMIT 1",
}


def is_editor(address: str) -> bool:
    """Of a task, not of a project's work in flight."""
    return "/work/" in address and "/projects/" not in address


def address_of(page: Page, org: str, arguments: dict[str, str]) -> str | None:
    """The page's address in an organization, or None where there is nothing that it could show."""
    known = {"org": org, **arguments}
    words = ARGUMENT.findall(page.route)
    if not known.keys() >= set(words):
        return None
    address = ARGUMENT.sub(lambda found: known[found[1]], page.route)
    return f"{address}?{page.asked}" if page.asked else address
