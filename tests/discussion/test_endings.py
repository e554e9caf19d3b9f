"""What somebody set going is told to them when it ends."""

import datetime
from dataclasses import replace
from typing import Any

from django.utils import timezone

from apps.accounts.services.invitations import invite, join
from apps.core.roles import Role
from apps.core.tenancy import owner_context, tenant_tx
from apps.discussion import actors
from apps.discussion.models import Notification
from apps.discussion.services import forget_old
from apps.exchange import actors as exports
from apps.exchange.models import Export, Format
from apps.jobs.actors import News
from apps.jobs.models import Job, JobState, Outbox
from tests.people import World


def job(world: World, kind: str, **fields: Any) -> Job:
    row: Job = Job.objects.create(
        org_id=world.parking.id,
        project_id=world.project.pk,
        worker_org_id=world.parking.id,
        created_by=world.noor.id,
        kind=kind,
        input_hash=kind,
        state=JobState.FAILED,
        error_message="There is no room for the file.",
        queued_at=timezone.now(),
        created_at=timezone.now(),
        **fields,
    )
    return row


def ended(row: Job, state: str = "failed") -> list[News]:
    return [News(1, {"job": str(row.pk), "state": state})]


def test_a_failed_upload_is_told_to_who_sent_it(world: World, signed_in: Any) -> None:
    with tenant_tx(owner_context(world.parking.id)):
        row = job(world, "upload.ingest")
        actors.tell_of_uploads(ended(row, "cancelled"))
        assert not Notification.objects.exists()
        actors.tell_of_uploads(ended(row))
    noor = signed_in(world.noor)
    (told,) = noor.get(f"{noor.api}/notifications").json()["results"]
    assert (told["text"], told["excerpt"]) == ("An upload failed", "There is no room for the file.")
    assert noor.get(f"{noor.org}/notifications/{told['id']}").headers["Location"].endswith("/dataset/")


def test_a_failed_export_is_told_to_who_asked_for_it(world: World, signed_in: Any) -> None:
    with tenant_tx(owner_context(world.parking.id)):
        row = job(world, "export.write")
        Export.objects.create(org_id=world.parking.id, project=world.project, job=row, format=Format.COCO)
        exports.tell_of_exports(ended(row))
    noor = signed_in(world.noor)
    (told,) = noor.get(f"{noor.api}/notifications").json()["results"]
    assert told["text"] == "The export of Car models failed"


def test_who_accepts_an_invitation_is_told_to_who_invited_them(world: World, signed_in: Any) -> None:
    with tenant_tx(owner_context(world.meadow.id)):
        actors.tell_of_joins([News(1, {"invited_by": str(world.max.id), "name": "Zoe Marsh"})])
    max_ = signed_in(world.max)
    (told,) = max_.get(f"{max_.api}/notifications").json()["results"]
    assert told["text"] == "Zoe Marsh accepted your invitation"
    assert max_.get(f"{max_.org}/notifications/{told['id']}").headers["Location"] == "/o/meadow/members/"


def test_what_is_older_than_ninety_days_is_forgotten(world: World) -> None:
    with tenant_tx(owner_context(world.meadow.id)):
        news = [News(number, {"invited_by": str(world.max.id), "name": "Zoe"}) for number in range(2)]
        actors.tell_of_joins(news)
        old = Notification.objects.order_by("id")[0]
        Notification.objects.filter(pk=old.pk).update(at=timezone.now() - datetime.timedelta(days=91))
        forget_old()
        assert Notification.objects.exclude(pk=old.pk).count() == Notification.objects.count() == 1


def test_an_invitation_that_is_accepted_is_news_of_its_organization(world: World) -> None:
    with tenant_tx(replace(world.max.context, role=Role.OWNER)):
        invited = invite(email="zoe@meadow.example", role=Role.ANNOTATOR, origin="https://tessera.example")
    secret = invited.link.rpartition("/")[2]
    join(secret=secret, person=None, name="Zoe Marsh", password="a long enough password")
    with tenant_tx(owner_context(world.meadow.id)):
        (news,) = Outbox.objects.filter(topic="invitation.accepted")
    assert news.payload == {"invited_by": str(world.max.id), "name": "Zoe Marsh"}
