from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.core.tenancy import tenant_tx
from apps.jobs.models import Job, JobState
from apps.jobs.services import request
from tests.conftest import as_worker
from tests.jobs.working import work_off
from tests.people import World

SignIn = Callable[..., Any]


@pytest.fixture
def job(world: World) -> Job:
    with tenant_tx(world.noor.context):
        return request(kind="export.write_later", input={"n": 1}, project_id=world.project.id, total=1000)


def test_a_job_shows_progress_rate_and_the_time_left(world: World, signed_in: SignIn, job: Job) -> None:
    with as_worker():
        Job.across_tenants.filter(pk=job.pk).update(
            state=JobState.RUNNING, done=400, started_at=timezone.now() - timedelta(seconds=200)
        )
    client = signed_in(world.noor)
    answer = client.get(f"{client.api}/jobs/{job.pk}").json()
    assert (answer["state"], answer["error"], answer["created_by"]) == ("running", None, str(world.noor.id))
    assert (answer["progress"]["done"], answer["progress"]["total"]) == (400, 1000)
    assert answer["progress"]["rate"] == pytest.approx(2, abs=0.1)
    assert answer["progress"]["eta_s"] == pytest.approx(300, abs=15)


def test_a_failed_job_says_why(world: World, signed_in: SignIn, job: Job) -> None:
    work_off()  # nobody knows this kind
    client = signed_in(world.noor)
    answer = client.get(f"{client.api}/jobs/{job.pk}").json()
    assert (answer["state"], answer["error"]["code"]) == ("failed", "unknown_kind")
    assert answer["error"]["message"].endswith(".")


def test_jobs_are_listed_newest_first_and_filtered(world: World, signed_in: SignIn, job: Job) -> None:
    with tenant_tx(world.noor.context):
        other = request(kind="upload.read_later", input={})
        request(kind="topic:pieces.counted:listen", input={})
    client = signed_in(world.noor)

    def ids(query: str = "") -> list[str]:
        return [one["id"] for one in client.get(f"{client.api}/jobs{query}").json()["results"]]

    assert ids() == [str(other.pk), str(job.pk)]
    assert ids(f"?project={world.project.pk}") == [str(job.pk)]
    assert ids("?kind=upload.read_later&state=queued") == [str(other.pk)]
    assert client.get(f"{client.api}/jobs?colour=red").status_code == 400


def test_a_filter_that_no_column_can_hold_is_refused(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.noor)
    answer = client.get(f"{client.api}/jobs?state=%00")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_text")


def test_deleting_a_job_cancels_it_once(world: World, signed_in: SignIn, job: Job) -> None:
    client = signed_in(world.noor)
    assert client.delete(f"{client.api}/jobs/{job.pk}").status_code == 204
    assert client.get(f"{client.api}/jobs/{job.pk}").json()["state"] == "cancelled"
    again = client.delete(f"{client.api}/jobs/{job.pk}")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "transition_refused")


def test_a_customers_job_is_not_its_vendors(world: World, signed_in: SignIn, job: Job) -> None:
    for member in (world.max, world.eve):
        client = signed_in(member)
        assert client.get(f"{client.api}/jobs/{job.pk}").status_code == 404
        assert client.get(f"{client.api}/jobs").json()["results"] == []
        assert client.delete(f"{client.api}/jobs/{job.pk}").status_code == 404


def test_an_auditor_sees_but_does_not_cancel(world: World, signed_in: SignIn, job: Job) -> None:
    client = signed_in(world.olga)
    assert client.get(f"{client.api}/jobs/{job.pk}").status_code == 200
    assert client.delete(f"{client.api}/jobs/{job.pk}").status_code == 403


def test_the_database_hides_jobs_and_outbox_from_strangers(world: World, job: Job) -> None:
    with tenant_tx(world.eve.context), connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM job), (SELECT count(*) FROM outbox)")
        assert cursor.fetchone() == (0, 0)
