"""An item's pixels: upright, re-encoded, and asked for anew by whoever may not keep them."""

from typing import IO, Any, Literal
from uuid import UUID

from django.http import FileResponse, HttpResponse

from apps.core import files as storage
from apps.core.answers import Result, error_answer
from apps.core.errors import NotFound, Refusal
from apps.core.http import Api, operation
from apps.core.json import Struct
from apps.projects import files, selectors, services
from apps.projects.models import Item
from apps.projects.pictures.derived import levels_of, tile_grid

# An engagement that ended takes its pictures with it within a minute; until then tiles need no request.
CACHE = "private, max-age=60"
RETRY_AFTER = "2"


class NotReady(Refusal):
    status = 404
    code = "not_ready"
    message = "This picture is being made. Ask again in a moment."


class ImageQuery(Struct):
    size: Literal["thumb", "preview", "full"] = "preview"


class ItemImage(Api):
    @operation(
        "item.see", "The picture in one of three sizes.", query=ImageQuery, answers={200: "image/jpeg", 304: None}
    )
    def get(self, request: Any, org: str, item_id: UUID, query: ImageQuery) -> Result:
        """Thumb is at most 256 pixels a side, preview 2,048; full is made when first asked for."""
        item = selectors.item_for(request.member.context, "item.see", item_id)
        return _served(request, item, f"{query.size}.jpg")


class ItemTile(Api):
    @operation("item.see", "A tile of 512 pixels; z 0 is the coarsest.", answers={200: "image/jpeg", 304: None})
    def get(self, request: Any, org: str, item_id: UUID, z: int, x: int, y: int) -> Result:
        """The last level is full resolution; tiles at the right and lower edge are smaller."""
        item = selectors.item_for(request.member.context, "item.see", item_id)
        if z >= levels_of(item.width, item.height):
            raise NotFound
        columns, rows = tile_grid(item.width, item.height, z)
        if x >= columns or y >= rows:
            raise NotFound
        return _served(request, item, f"tiles/{z}/{x}_{y}.jpg")


def _served(request: Any, item: Item, name: str) -> HttpResponse:
    etag = f'"{item.sha256[:24]}-{name}"'
    response: HttpResponse | FileResponse
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        file = storage.opened(files.derived(item.org_id, item.pk, name))
        if file is None:
            return _made_soon(item, full=name == "full.jpg")
        response = _body(file, streamed=name == "full.jpg")
    response["ETag"] = etag
    response["Cache-Control"] = CACHE
    response["Vary"] = "Cookie, Authorization"
    return response  # type: ignore[return-value]


def _body(file: IO[bytes], *, streamed: bool) -> HttpResponse | FileResponse:
    if streamed:
        return FileResponse(file, content_type="image/jpeg")
    with file:
        return HttpResponse(file.read(), content_type="image/jpeg")


def _made_soon(item: Item, *, full: bool) -> HttpResponse:
    # Answered, not raised: a refusal would undo the request for the job.
    services.request_derived(item=item, full=full)
    response = error_answer(NotReady())
    response["Retry-After"] = RETRY_AFTER
    response["Cache-Control"] = "no-store"
    return response
