"""Take an item in with its prediction: on the line at once, decided at once where no person and no model is needed."""

from typing import Any
from uuid import UUID

import msgspec
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from apps.activity import services as activity
from apps.core import files as storage
from apps.core.errors import Invalid, NotFound, Refusal
from apps.core.ids import new_id
from apps.core.tenancy import Context, active_tenant, owner_context, tenant_tx
from apps.core.text import clean_name
from apps.distribution.models import Intake, PipelineRun, RunState
from apps.jobs import services as jobs
from apps.predictions.models import Deployment
from apps.predictions.services import keep_delivered
from apps.projects import files
from apps.projects.models import Dataset, Item
from apps.projects.pictures.rules import CorruptImage, PictureRefused
from apps.projects.services import add_metadata, require_metadata, take_picture

from .intake_checks import (
    Delivery,
    PredictedBox,
    RunClosed,
    deployment_for,
    found_in,
    require_ahead,
    require_labels,
    require_model,
    run_for,
)
from .intake_line import hold_tasks, place, work_at_once

TAKE = "intake.take"
LONGEST_NAME = 300


class EmptyPicture(Invalid):
    code = "empty_picture"
    message = "The picture has no bytes. Send the file's content as base64."


@transaction.atomic
def deliver(*, dataset: Dataset, item_id: UUID, delivery: Delivery) -> Intake:
    """Put an item that is there on the line with its prediction; a confident one is decided before this returns.

    Raises NotFound, what `intake_checks` refuses, AlreadyOnLine, AlreadyDecided, MetadataTooLarge.
    """
    item: Item | None = Item.objects.filter(dataset=dataset, pk=item_id, deleted_at=None).first()
    if item is None:
        raise NotFound
    run, deployment = _checked(dataset, delivery)
    hold_tasks(run.pk, item)
    if delivery.metadata:
        item = add_metadata(item=item, metadata=delivery.metadata)
    intake = _written(dataset, run, deployment, delivery)
    _take(intake, item, delivery.predictions)
    return intake


@transaction.atomic
def receive_picture(*, dataset: Dataset, name: str, content: bytes, delivery: Delivery) -> Intake:
    """Keep a picture's bytes and ask for the job that reads it and puts it on the line; answer 202. Decodes nothing.

    Raises EmptyPicture, InvalidName, what `intake_checks` refuses, MetadataTooLarge.
    """
    if not content:
        raise EmptyPicture(field="picture.content")
    run, deployment = _checked(dataset, delivery)
    require_metadata(delivery.metadata)
    sent = {
        "name": clean_name(name, field="picture.name", length=LONGEST_NAME),
        "metadata": delivery.metadata,
        "predictions": msgspec.to_builtins(delivery.predictions),
    }
    intake = _written(dataset, run, deployment, delivery, sent=sent)
    path = _incoming(intake)
    try:
        default_storage.save(path, ContentFile(content))
        intake.job = jobs.request(
            kind=TAKE, input={"intake": intake.pk}, org_id=intake.org_id, project_id=intake.project_id
        )
        intake.save(update_fields=["job"])
    except BaseException:
        storage.remove(path)
        raise
    return intake


def take_intake(*, intake_id: UUID, context: Context) -> None:
    """Read the picture of an intake and put it on the line, or say why not. Safe to repeat."""
    with tenant_tx(context):
        intake: Intake = Intake.objects.get(pk=intake_id)
    if intake.item_id or intake.error_code:
        return
    try:
        read = take_picture(org_id=intake.org_id, item_id=intake.pk, stored=_incoming(intake))
        with tenant_tx(context):
            _take_read(intake_id, read)
    except (PictureRefused, Refusal) as refusal:
        with tenant_tx(context):
            fail_intake(intake_id=intake_id, code=refusal.code, message=str(refusal))
    except FileNotFoundError:
        with tenant_tx(context):
            fail_intake(intake_id=intake_id, code=CorruptImage.code, message="The picture is not there any more.")
    storage.remove(_incoming(intake))


@transaction.atomic
def fail_intake(*, intake_id: UUID, code: str, message: str) -> None:
    """Nobody will decide about it, and why. One that is on the line already is left alone."""
    intake: Intake = Intake.objects.select_for_update().get(pk=intake_id)
    if intake.item_id or intake.error_code:
        return
    intake.error_code, intake.error_message = code, message
    intake.save(update_fields=["error_code", "error_message"])
    activity.record_audit("intake.fail", intake, error_code=code)
    activity.record_activity("intake.failed", intake, intake=str(intake.pk), error_code=code)


def close_intake(*, intake_id: UUID, code: str, message: str) -> None:
    """After a job that ended without a result, in the owner's transaction."""
    if not code:
        code, message = "cancelled", "The job that reads the picture was cancelled. Send it again."
    fail_intake(intake_id=intake_id, code=code, message=message)


def _checked(dataset: Dataset, delivery: Delivery) -> tuple[PipelineRun, Deployment]:
    require_ahead(delivery.deadline)
    require_model(dataset, delivery)
    run = run_for(dataset, delivery.run)
    require_labels(delivery.predictions, run.recipe_version.labels)
    return run, deployment_for(run, delivery)


def _written(
    dataset: Dataset,
    run: PipelineRun,
    deployment: Deployment,
    delivery: Delivery,
    sent: dict[str, Any] | None = None,
) -> Intake:
    intake: Intake = Intake.objects.create(
        id=new_id(),
        org_id=dataset.org_id,
        project_id=dataset.project_id,
        dataset=dataset,
        pipeline_run=run,
        deployment=deployment,
        external_id=delivery.external_id,
        priority=delivery.priority or run.priority,
        deadline=delivery.deadline,
        sent=sent or {},
        created_by=active_tenant().user_id,
    )
    activity.record_audit(
        "intake.create",
        intake,
        after=msgspec.to_builtins(delivery),
        pipeline_run=str(run.pk),
        predictions=len(delivery.predictions),
    )
    return intake


def _take_read(intake_id: UUID, read: dict[str, Any]) -> None:
    """The item and its place on the line come in one transaction, or a feeding run could take it without its word."""
    intake: Intake = Intake.objects.select_for_update(of=("self",)).select_related("pipeline_run").get(pk=intake_id)
    if intake.item_id or intake.error_code:
        return
    if intake.pipeline_run.state in {RunState.CANCELLED, RunState.DONE}:
        raise RunClosed(intake.pipeline_run.state)
    item: Item = Item.objects.create(
        id=intake.pk,
        org_id=intake.org_id,
        project_id=intake.project_id,
        dataset_id=intake.dataset_id,
        name=intake.sent["name"],
        metadata=intake.sent["metadata"],
        **read,
    )
    _take(intake, item, msgspec.convert(intake.sent["predictions"], list[PredictedBox]))


def _take(intake: Intake, item: Item, predictions: list[PredictedBox]) -> None:
    """From here on it is the organization's own line that works, nobody's in person."""
    found = found_in(predictions, item.width, item.height)
    with tenant_tx(owner_context(intake.org_id)):
        inference = keep_delivered(item=item, deployment=intake.deployment, found=found)
        unit = place(intake, item)
        intake.item, intake.unit, intake.inference, intake.sent = item, unit, inference, {}
        intake.save(update_fields=["item", "unit", "inference", "sent"])
        activity.record_activity("intake.taken", intake, unit_id=unit.pk, intake=str(intake.pk))
        work_at_once(unit, intake.deployment_id)


def _incoming(intake: Intake) -> str:
    return files.incoming(intake.org_id, intake.pk, 1)
