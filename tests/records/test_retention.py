"""What is too old goes, what is not stays; the operator guide's table is the one in force."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Invitation
from apps.core.tenancy import owner_context, tenant_tx
from apps.jobs.models import Job, JobState
from apps.jobs.periodic import table
from apps.jobs.services import request
from apps.records.data_map import TABLES
from apps.records.retention import RETENTION
from apps.records.services.retention import forget_past
from tests.conftest import as_worker
from tests.docs.pages import DOCS
from tests.people import World


def rows(page: str) -> list[tuple[str, ...]]:
    part = page.partition("\n| what | kept for | why |\n")[2].partition("\n\n")[0]
    lines = [line for line in part.splitlines() if not line.startswith("|---")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


def said(days: float | None) -> str:
    if days is None:
        return "as long as the organization"
    if days == 0:
        return "an hour at most"
    if days < 1:
        hours = round(days * 24)
        return f"{hours} hour" + "s" * (hours != 1)
    return f"{days:g} day" + "s" * (days != 1)


def test_the_operator_guide_prints_the_table_in_force() -> None:
    wanted = [(line.what, said(line.days), line.why) for line in RETENTION]
    assert rows((DOCS / "operator-guide.md").read_text()) == wanted


def test_the_lines_are_of_tables_that_are_there_and_the_work_is_done_each_hour() -> None:
    import apps.records.actors  # noqa: PLC0415 - it fills the table of periodic work

    assert apps.records.actors
    assert {line.table for line in RETENTION} <= set(TABLES)
    every = {line.name: line.every for line in table()}
    assert every["records.forget_past"] == 3600
    assert every["records.sweep_erasures"] <= 60


@pytest.mark.parametrize(("days", "stays"), [(89, True), (91, False)])
def test_jobs_and_invitations_go_after_ninety_days(world: World, days: int, stays: Any) -> None:
    then = timezone.now() - datetime.timedelta(days=days)
    with tenant_tx(owner_context(world.parking.id)):
        for number in range(2):
            job = request(kind="count", input={"n": number})
        Job.objects.filter(pk=job.pk).update(state=JobState.DONE, finished_at=then)
        Invitation.objects.create(
            org_id=world.parking.id, email="a@b.example", role="annotator", digest=b"1", expires_at=then
        )
        Invitation.objects.create(
            org_id=world.parking.id,
            email="c@b.example",
            role="annotator",
            digest=b"2",
            expires_at=timezone.now(),
        )
    with as_worker():
        forget_past()
    with tenant_tx(owner_context(world.parking.id)):
        assert Job.objects.filter(pk=job.pk).exists() is stays
        assert Job.objects.count() == 1 + stays
        assert Invitation.objects.count() == 1 + stays
