"""Uploads by the job that reads them, from the outbox on."""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.selectors import Member
from tests.jobs.working import work_off
from tests.people import World
from tests.projects.pictures import picture


def test_an_upload_is_read_by_its_job(world: World, signed_in: Callable[[Member], Client]) -> None:
    client: Any = signed_in(world.noor)
    parts = [SimpleUploadedFile("a.png", picture()), SimpleUploadedFile("b.png", b"")]
    sent = client.post(f"{client.api}/datasets/{world.dataset.id}/uploads", {"files": parts}).json()
    assert sent["job"]["state"] == "queued"

    work_off()

    report = client.get(f"{client.api}/uploads/{sent['id']}").json()
    assert [entry["state"] for entry in report["results"]] == ["imported", "refused"]
    job = client.get(f"{client.api}/jobs/{sent['job']['id']}").json()
    assert (job["state"], job["result"]) == ("done", {"imported": 1, "refused": 1})
    assert (job["progress"]["done"], job["progress"]["total"]) == (2, 2)


def test_a_cancelled_upload_leaves_nothing_waiting(world: World, signed_in: Callable[[Member], Client]) -> None:
    client: Any = signed_in(world.noor)
    parts = [SimpleUploadedFile("a.png", picture())]
    sent = client.post(f"{client.api}/datasets/{world.dataset.id}/uploads", {"files": parts}).json()
    assert client.delete(f"{client.api}/jobs/{sent['job']['id']}").status_code in {200, 202, 204}

    work_off()

    report = client.get(f"{client.api}/uploads/{sent['id']}").json()
    assert (report["state"], report["results"][0]["error"]["code"]) == ("done", "cancelled")
