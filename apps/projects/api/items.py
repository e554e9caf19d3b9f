"""Items: what a picture is, without its pixels."""

import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from apps.core.answers import Result, answer
from apps.core.etags import etag_of
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.paging import Page, page_of
from apps.projects import selectors, services
from apps.projects.models import Item


class ItemEdit(Struct):
    name: str | UnsetType = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET
    group_id: UUID | None | UnsetType = UNSET
    position: int | UnsetType = UNSET


class ItemOut(Answer):
    id: UUID
    project: UUID
    dataset: UUID
    name: str
    media_type: str
    width: int
    height: int
    bytes: int
    group_id: UUID | None
    position: int
    metadata: dict[str, Any]
    created_at: datetime.datetime


class ItemsOut(Answer):
    results: list[ItemOut]
    next: str | None
    previous: str | None


class Items(Api):
    @operation("item.see", "A dataset's items.", query=Page, answers={200: ItemsOut})
    def get(self, request: Any, org: str, dataset_id: UUID, query: Page) -> Result:
        """In the order in which they came."""
        dataset = selectors.dataset_for(request.member.context, "item.see", dataset_id)
        return 200, page_of(selectors.items_of(dataset), query, item_out)


class OneItem(Api):
    @operation("item.see", "An item.", answers={200: ItemOut})
    def get(self, request: Any, org: str, item_id: UUID) -> Result:
        """With its ETag."""
        return _tagged(selectors.item_for(request.member.context, "item.see", item_id))

    @operation(
        "item.edit",
        "Change name, metadata, group_id or position; needs If-Match.",
        body=ItemEdit,
        answers={200: ItemOut},
        conditional=True,
    )
    def patch(self, request: Any, org: str, item_id: UUID, body: ItemEdit) -> Result:
        """What is not given stays."""
        given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
        item = services.edit_item(
            item=selectors.item_for(request.member.context, "item.edit", item_id),
            seen=request.headers.get("If-Match"),
            changes=given,
        )
        return _tagged(item)

    @operation("item.edit", "Delete an item.", answers={204: None})
    def delete(self, request: Any, org: str, item_id: UUID) -> Result:
        """Hidden at once."""
        services.delete_item(item=selectors.item_for(request.member.context, "item.edit", item_id))
        return 204, None


def _tagged(item: Item) -> Result:
    return answer(200, item_out(item), ETag=etag_of(selectors.item_state(item)))


def item_out(item: Item) -> ItemOut:
    """An item as the API shows it."""
    return ItemOut(
        id=item.pk,
        project=item.project_id,
        dataset=item.dataset_id,
        name=item.name,
        media_type=item.media_type,
        width=item.width,
        height=item.height,
        bytes=item.bytes,
        group_id=item.group_id,
        position=item.position,
        metadata=item.metadata,
        created_at=item.created_at,
    )
