"""Quality's rates against a recount in plain Python, over random small histories; and whose work they are made of."""

import csv
import datetime
import io
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.models import Engagement, EngagementState
from apps.core.ids import new_id
from apps.core.roles import Role
from apps.core.statistics import rate
from apps.core.tenancy import tenant_tx
from apps.review.models import ObjectDay, SuggestionDay, VerdictDay, VerdictKind, VerdictReason
from apps.review.reports import Report, against, report_on
from apps.review.selectors.sums import Asked
from tests.distribution.line import Line, as_owner
from tests.people import World, make_member, make_organization

FIRST = datetime.date(2026, 10, 1)
DAYS = 40
LABELS, VERSIONS = [new_id(), new_id()], [new_id(), None]

number = st.integers(0, 40)
day = st.integers(0, DAYS - 1).map(lambda n: FIRST + datetime.timedelta(days=n))
objects = st.fixed_dictionaries(
    {"day": day, "label_id": st.sampled_from(LABELS), "in_recipe": st.booleans()}
    | dict.fromkeys(("kept", "changed", "removed", "added", "returned"), number)
)
suggestions = st.fixed_dictionaries(
    {
        "day": day,
        "label_id": st.sampled_from(LABELS),
        "in_recipe": st.booleans(),
        "model_version_id": st.sampled_from(VERSIONS),
        "band": st.integers(0, 9),
        "held_out": st.booleans(),
    }
    | dict.fromkeys(("accepted", "edited", "rejected", "missed"), number)
)
verdicts = st.fixed_dictionaries(
    {
        "day": day,
        "in_recipe": st.booleans(),
        "verdict": st.sampled_from(VerdictKind.values),
        "reason": st.sampled_from(["", *VerdictReason.values]),
        "is_first": st.booleans(),
        "number": st.integers(1, 40),
    }
)
# Enough of each that hardly an example is about nothing.
rows = {"objects": objects, "suggestions": suggestions, "verdicts": verdicts}
history = st.fixed_dictionaries({name: st.lists(one, min_size=4) for name, one in rows.items()})
question = st.tuples(st.integers(0, DAYS // 2), st.integers(0, DAYS), st.sampled_from([None, LABELS[0]]), st.booleans())
Rates = dict[tuple[str, str, str], tuple[int, int]]


def write(world: World, line: Line, told: dict[str, list[dict[str, Any]]]) -> None:
    owner = {"org_id": world.parking.id, "project": world.project, "worker_org_id": world.meadow.id}

    def row(model: Any, said: dict[str, Any], **people: UUID) -> None:
        said = dict(said)
        stage = line.label.pk if said.pop("in_recipe") else new_id()
        if said.get("model_version_id", "") is None:
            said["band"] = None
        model.objects.create(**owner, stage_id=stage, **people, **said)

    for said in told["objects"]:
        row(ObjectDay, said, reviewer=world.rita.id, author=world.ada.id)
    for said in told["suggestions"]:
        row(SuggestionDay, said, person=world.ada.id)
    for said in told["verdicts"]:
        row(VerdictDay, said, reviewer=world.rita.id, author=world.ada.id)


def recounted(told: dict[str, list[dict[str, Any]]], asked: Asked) -> Rates:
    """Every rate that there is a case of, by table, line and outcome, as (k, n)."""

    def chosen(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            one
            for one in rows
            if asked.since <= one["day"] <= asked.until
            and (asked.recipe is None or one["in_recipe"])
            and (asked.label is None or "label_id" not in one or one["label_id"] == asked.label)
        ]

    found: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in chosen(told["objects"]):
        found["classes", str(one["label_id"])].update(
            {name: one[name] for name in ("kept", "changed", "removed", "returned")}
        )
    # Those of the recipe are of one stage, each other one is of its own; a stage counts where a model spoke.
    in_days = [one for one in told["suggestions"] if asked.since <= one["day"] <= asked.until]
    spoke = any(one["in_recipe"] and one["model_version_id"] for one in in_days)
    for one in chosen(told["suggestions"]):
        if not one["held_out"] and (spoke if one["in_recipe"] else one["model_version_id"]):
            decided = {name: one[name] for name in ("accepted", "edited", "rejected")}
            found["suggestions", str(one["label_id"])].update(decided)
            found["missed", str(one["label_id"])].update({name: one[name] for name in ("accepted", "edited", "missed")})
            if one["model_version_id"]:
                found["models", str(one["model_version_id"])].update(decided)
                found["bands", str(one["band"])].update(decided)
    for one in chosen(told["verdicts"]):
        if one["is_first"]:
            monday = one["day"] - datetime.timedelta(days=one["day"].weekday())
            found["weeks", monday.isoformat()][f"first_{one['verdict']}"] += one["number"]
        if one["verdict"] != "accept":
            found["reasons", ""][one["reason"] or "none"] += one["number"]
    return {
        (table, line, outcome): (k, sum(counts.values()))
        for (table, line), counts in found.items()
        for outcome, k in counts.items()
        if k
    }


def reported(report: Report) -> Rates:
    rates = {}
    for table in report.tables.values():
        for line in table.lines:
            for share in line.shares:
                key = (table.key, line.key, share.outcome)
                if table.key == "reasons":
                    key = ("reasons", "", line.key)
                elif share.outcome == "missed":
                    key = ("missed", line.key, "missed")
                rates[key] = (share.k, share.estimate.n)
    return {key: rate for key, rate in rates.items() if rate[0]}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=history, asking=question)
def test_every_rate_equals_a_recount(world: World, line: Line, told: Any, asking: Any) -> None:
    start, length, label, of_recipe = asking
    since = FIRST + datetime.timedelta(days=start)
    recipe = line.recipe.pk if of_recipe else None
    asked = Asked(world.project, since, since + datetime.timedelta(days=length), label, recipe)
    with transaction.atomic(), as_owner(world.project):
        write(world, line, told)
        report = report_on(asked)
        transaction.set_rollback(True)
    expected = recounted(told, asked)
    of_missed = {key for key in expected if key[0] == "missed" and key[2] != "missed"}
    assert reported(report) == {key: rate for key, rate in expected.items() if key not in of_missed}
    for share in (share for table in report.tables.values() for one in table.lines for share in one.shares):
        one = share.estimate
        assert (one.value is None) is (one.n < 30)
        assert one.value is None or (one.value == share.k / one.n and 0 <= one.low <= one.value <= one.high <= 1)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("k", "n", "standing"), [(29, 29, "wait"), (1000, 1000, "meets"), (45, 50, "open"), (100, 1000, "below")]
)
def test_a_rate_stands_to_its_goal_by_its_whole_interval(k: int, n: int, standing: str) -> None:
    assert against(rate(k, n), 0.9) == standing
    assert against(rate(k, n), None) == ""


@pytest.fixture
def two_vendors(world: World, line: Line) -> dict[str, Any]:
    """Meadow and Orchard work on one project: Meadow's cars stand, Orchard's are all removed."""
    orchard = make_organization("orchard")
    with as_owner(world.project):
        Engagement.objects.create(
            org_id=world.parking.id, vendor=orchard, project_id=world.project.id, state=EngagementState.ACTIVE,
            roles=[Role.MANAGER, Role.REVIEWER],
        )  # fmt: skip
        (car, _tree) = line.recipe.labels
        common = {"org_id": world.parking.id, "project": world.project, "stage_id": line.label.pk}
        common |= {"day": datetime.datetime.now(datetime.UTC).date(), "author": new_id(), "reviewer": new_id()}
        for vendor, kept, removed in ((world.meadow, 40, 0), (orchard, 0, 50)):
            ObjectDay.objects.create(
                **common, worker_org_id=vendor.id, label_id=car["id"], kept=kept, changed=0, removed=removed, added=0,
                returned=0,
            )  # fmt: skip
            VerdictDay.objects.create(
                **common, worker_org_id=vendor.id, verdict="accept" if kept else "fix", reason="", is_first=True,
                number=kept + removed,
            )  # fmt: skip
    olaf = make_member(orchard, "olaf", Role.MANAGER, projects=frozenset({world.project.id}))
    return {"meadow": world.max, "orchard": olaf, "parking": world.noor}


@pytest.mark.parametrize(("name", "counted"), [("meadow", (40, 40)), ("orchard", (0, 50)), ("parking", (40, 90))])
def test_of_two_vendors_on_a_project_each_sees_its_own_work(
    world: World, signed_in: Any, two_vendors: dict[str, Any], name: str, counted: tuple[int, int]
) -> None:
    browser = signed_in(two_vendors[name])
    told = browser.get(f"{browser.api}/projects/{world.project.pk}/quality").json()
    assert {one["name"]: (one["k"], one["n"]) for one in told["figures"]}["objects_accepted"] == counted
    (weeks,) = (table["lines"] for table in told["tables"] if table["key"] == "weeks")
    assert weeks[0]["rates"][0]["n"] == counted[1]
    table = browser.get(f"{browser.org}/projects/{world.project.pk}/quality/tables/classes").content.decode("utf-8-sig")
    (_heads, (label, kept, *_), *_) = csv.reader(io.StringIO(table))
    assert (label, int(kept)) == ("Car", counted[0])
    home = browser.get(f"{browser.org}/quality/").content.decode()
    assert f"n {counted[1]}" in home.replace("&nbsp;", " ").replace("\u00a0", " ")


def test_a_label_that_begins_a_formula_is_inert_in_a_file(world: World, line: Line, signed_in: Any) -> None:
    line.recipe.labels[0]["title"] = "=HYPERLINK(1)"
    with tenant_tx(world.noor.context):
        line.recipe.save()
        ObjectDay.objects.create(
            org_id=world.parking.id, project=world.project, stage_id=line.label.pk, worker_org_id=world.meadow.id,
            day=datetime.datetime.now(datetime.UTC).date(), author=new_id(), label_id=line.recipe.labels[0]["id"],
            kept=1, changed=0, removed=0, added=0, returned=0,
        )  # fmt: skip
    browser = signed_in(world.noor)
    answer = browser.get(f"{browser.org}/projects/{world.project.pk}/quality/tables/classes")
    assert "\n'=HYPERLINK(1),1," in answer.content.decode()
    assert answer["Content-Disposition"].startswith('attachment; filename="quality-classes-')
    unknown = browser.get(f"{browser.org}/projects/{world.project.pk}/quality/tables/people")
    assert unknown.status_code == 404
