"""What may be done to projects and their data."""

from .datasets import create_dataset, delete_dataset, edit_dataset
from .derived import derive_item, request_derived
from .ingest import close_upload, ingest_upload
from .items import add_metadata, delete_item, edit_item, require_metadata
from .projects import create_project, delete_project, edit_project
from .single import take_picture
from .uploads import receive_upload

__all__ = [
    "add_metadata",
    "close_upload",
    "create_dataset",
    "create_project",
    "delete_dataset",
    "delete_item",
    "delete_project",
    "derive_item",
    "edit_dataset",
    "edit_item",
    "edit_project",
    "ingest_upload",
    "receive_upload",
    "request_derived",
    "require_metadata",
    "take_picture",
]
