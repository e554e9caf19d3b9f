"""What can be taken out."""

from .exports import request_export, write_export

__all__ = ["request_export", "write_export"]
