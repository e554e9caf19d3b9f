"""One picture that another app takes in by itself: decoded in the limited child, its files kept where they belong."""

from typing import Any
from uuid import UUID

from apps.core import files as storage
from apps.projects import files
from apps.projects.pictures.workshop import Workshop

from .derived import keep_derived


def take_picture(*, org_id: UUID, item_id: UUID, stored: str) -> dict[str, Any]:
    """Read an incoming file and keep it with what is made from it; gives the columns of its item.

    Safe to repeat. Raises PictureRefused, and FileNotFoundError where the incoming file is gone.
    """
    with (
        storage.work_folder() as folder,
        Workshop(folder) as workshop,
        storage.local_copy(stored, folder) as path,
    ):
        header = workshop.derive(path, folder / "derived")
        sha256, size = storage.sha256_of(path), path.stat().st_size
        keep_derived(org_id, item_id, folder / "derived")
        storage.store_copy(path, files.blob(org_id, sha256))
    return {
        "media_type": header.media_type,
        "sha256": sha256,
        "bytes": size,
        "width": header.width,
        "height": header.height,
    }
