"""A row of an organization in every table that has owners: what cannot be there cannot be seen to leak."""

import itertools
from collections.abc import Callable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils import timezone

from apps.activity.models import AuditEvent
from apps.core.ids import new_id
from apps.core.tenancy import owner_context, tenant_tx
from tests.conftest import as_worker
from tests.people import World
from tests.test_tenancy import tenant_models

NUMBERS = itertools.count(1)
# What the database asks of a row beyond kinds and keys.
ASKED_FOR: dict[str, dict[str, Callable[[World], Any]]] = {
    "audit_seal": {"event_id": lambda world: row_of(AuditEvent, world).pk},
}


def one_in_every_table(world: World) -> None:
    """Add what `fill` left empty; each row stands on those before it."""
    for model in tenant_models():
        row_of(model, world)


def row_of(model: type[models.Model], world: World) -> Any:
    """The organization's first row of a table, made where there is none."""
    with tenant_tx(owner_context(world.parking.id)):
        row = _first(model, world)
    return row or _made(model, world)


def _first(model: Any, world: World) -> Any:
    rows = model._base_manager.filter(org_id=world.parking.id)
    if any(field.attname == "project_id" for field in model._meta.local_fields):
        rows = rows.filter(project_id=world.project.pk)
    return rows.order_by("-pk").first()  # of rows that belong to no project, this project's


def _made(model: Any, world: World) -> Any:
    values = _values(model, world)
    for attempt in (_written, _written_by_worker):
        try:
            return attempt(model, values, world)
        except Exception as error:  # noqa: BLE001 - told below, with what to do
            failure = error
    raise AssertionError(f"Say in tests/access/rows.py what a row of {model._meta.db_table} has: {failure}")


def _written(model: Any, values: dict[str, Any], world: World) -> Any:
    row = model(**values)
    with tenant_tx(owner_context(world.parking.id)), transaction.atomic():
        model._base_manager.bulk_create([row])
    return row


def _written_by_worker(model: Any, values: dict[str, Any], world: World) -> Any:
    with as_worker():
        return _written(model, values, world)


def _values(model: Any, world: World) -> dict[str, Any]:
    asked, values = ASKED_FOR.get(model._meta.db_table, {}), dict[str, Any]()
    for one in model._meta.local_concrete_fields:
        if one.name in asked:
            values[one.name] = asked[one.name](world)
        elif isinstance(one, models.AutoField):  # numbered by the database
            continue
        elif one.attname == "org_id":
            values["org_id"] = world.parking.id
        elif one.attname == "project_id":
            values["project_id"] = world.project.pk
        elif isinstance(one, models.ForeignKey):
            values[one.attname] = None if one.null else _key(one.related_model, world)
        elif one.attname == "worker_org_id":
            values[one.attname] = world.meadow.id
        elif not one.null and not one.has_default():
            values[one.attname] = _value(one)
    return values


def _key(target: Any, world: World) -> Any:
    if any(field.attname == "org_id" for field in target._meta.local_fields):
        return row_of(target, world).pk
    return {"person": world.noor.id, "organization": world.meadow.id}[target._meta.db_table]


def _value(one: Any) -> Any:
    if one.choices:
        return one.choices[0][0]
    simple: list[tuple[type, Any]] = [
        (models.UUIDField, new_id()),
        (models.DateTimeField, timezone.now()),
        (models.DateField, timezone.now().date()),
        (models.BooleanField, False),
        (models.IntegerField, next(NUMBERS)),
        (models.FloatField, 1.0),
        (models.BinaryField, new_id().bytes),
        (models.JSONField, {}),
        (ArrayField, [0]),
    ]
    return next((value for kind, value in simple if isinstance(one, kind)), f"x{next(NUMBERS)}")
