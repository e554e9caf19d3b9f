"""Uploads from hand to item, without a broker."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.core.tenancy import Context
from apps.projects import services
from tests.people import World


@pytest.fixture
def owner(world: World) -> Context:
    """The context in which the customer's jobs run."""
    return Context(org_id=world.parking.id, user_id=world.noor.id)


@pytest.fixture
def upload(world: World, signed_in: Callable[..., Client], owner: Context) -> Callable[..., dict[str, Any]]:
    """Send files as Noor, run the job, and give the report."""

    def send(**files: bytes) -> dict[str, Any]:
        client: Any = signed_in(world.noor)
        parts = [SimpleUploadedFile(name, content) for name, content in files.items()]
        answer = client.post(f"{client.api}/datasets/{world.dataset.id}/uploads", {"files": parts})
        assert answer.status_code == 202, answer.content
        upload_id = answer.json()["id"]
        services.ingest_upload(upload_id=UUID(upload_id), context=owner, progress=lambda done, total: None)
        report: dict[str, Any] = client.get(f"{client.api}/uploads/{upload_id}").json()
        return report

    return send
