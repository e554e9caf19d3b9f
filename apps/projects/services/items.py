"""Describe, order and delete items."""

from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from apps.activity.services import record_audit
from apps.core.errors import Invalid, NotFound
from apps.core.etags import etag_of, require_current
from apps.core.text import clean_name
from apps.jobs.topics import publish
from apps.projects import selectors
from apps.projects.models import Item

LONGEST_NAME = 300
MOST_METADATA = 16 * 1024
LAST_POSITION = 2**31 - 1


class MetadataTooLarge(Invalid):
    code = "metadata_too_large"
    message = "Metadata takes at most 16 kB as JSON."


class InvalidPosition(Invalid):
    code = "invalid_position"
    message = "A position is a whole number from 0."


@transaction.atomic
def edit_item(*, item: Item, seen: str | None, changes: dict[str, Any]) -> Item:
    """Change name, metadata, group_id or position. Raises PreconditionFailed when `seen`, the ETag read, is stale."""
    item = _locked(item.pk)
    before = selectors.item_state(item)
    require_current(seen, etag_of(before))
    for field, value in changes.items():
        setattr(item, field, _checked(field, value))
    item.save(update_fields=["name", "metadata", "group_id", "position"])
    record_audit("item.edit", item, before=before, after=selectors.item_state(item))
    return item


@transaction.atomic
def add_metadata(*, item: Item, metadata: dict[str, Any]) -> Item:
    """Put fields beside those that the item has; the same name is overwritten. Raises MetadataTooLarge, NotFound."""
    item = _locked(item.pk)
    before = selectors.item_state(item)
    item.metadata = _checked("metadata", item.metadata | metadata)
    item.save(update_fields=["metadata"])
    record_audit("item.edit", item, before=before, after=selectors.item_state(item))
    return item


def require_metadata(metadata: dict[str, Any]) -> None:
    """Raises MetadataTooLarge."""
    _checked("metadata", metadata)


@transaction.atomic
def delete_item(*, item: Item) -> None:
    """Hide an item; a later purge removes it and its files."""
    item = _locked(item.pk)
    item.deleted_at = timezone.now()
    item.save(update_fields=["deleted_at"])
    publish("items.deleted", {"items": [item.pk]}, item.org_id, item.project_id)
    record_audit("item.delete", item, before=selectors.item_state(item))


def _locked(item_id: UUID) -> Item:
    item: Item | None = Item.objects.select_for_update().filter(pk=item_id, deleted_at=None).first()
    if item is None:
        raise NotFound
    return item


def _checked(field: str, value: Any) -> Any:
    if field == "name":
        return clean_name(value, length=LONGEST_NAME)
    if field == "metadata" and len(msgspec.json.encode(value)) > MOST_METADATA:
        raise MetadataTooLarge(field="metadata")
    if field == "position" and not 0 <= value <= LAST_POSITION:
        raise InvalidPosition(field="position")
    return value
