"""What may be done to projects and their data."""

from .datasets import create_dataset, delete_dataset, edit_dataset
from .projects import create_project, delete_project, edit_project

__all__ = [
    "create_dataset",
    "create_project",
    "delete_dataset",
    "delete_project",
    "edit_dataset",
    "edit_project",
]
