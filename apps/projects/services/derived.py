"""Thumbnails, previews and tiles: kept where they are served from, and made again when they are missing."""

from pathlib import Path
from uuid import UUID

from django.db import transaction

from apps.core import files as storage
from apps.core.errors import Refusal
from apps.core.tenancy import Context, tenant_tx
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.projects import files, selectors
from apps.projects.models import Item
from apps.projects.pictures.rules import PictureRefused
from apps.projects.pictures.workshop import Workshop

DERIVE = "item.derive"


class OriginalUnreadable(Refusal):
    code = "original_unreadable"
    message = "The stored original of this picture cannot be read any more. Restore the file storage."


@transaction.atomic
def request_derived(*, item: Item, full: bool = False) -> Job:
    """Ask for an item's derived files, or its full-size picture; joins a request that is under way."""
    return jobs.request(
        kind=DERIVE, input={"item": item.pk, "full": full}, org_id=item.org_id, project_id=item.project_id
    )


def derive_item(*, item_id: UUID, full: bool, context: Context) -> None:
    """Make them from the original. Raises OriginalUnreadable when that has come to harm."""
    with tenant_tx(context):
        item = selectors.item_for_job(item_id)
    with storage.work_folder() as folder, Workshop(folder) as workshop:
        try:
            with storage.local_copy(files.original(item), folder) as path:
                workshop.derive(path, folder / "derived", full=full)
        except (PictureRefused, FileNotFoundError) as error:
            raise OriginalUnreadable from error
        keep_derived(item.org_id, item.pk, folder / "derived")


def keep_derived(org_id: UUID, item_id: UUID, folder: Path) -> None:
    """Move what a workshop made to where it is served from."""
    for path in sorted(folder.rglob("*.jpg")):
        storage.store(path, files.derived(org_id, item_id, path.relative_to(folder).as_posix()))
