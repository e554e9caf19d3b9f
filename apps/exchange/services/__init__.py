"""What can be taken out."""

from .exports import request_export, tell_failed, write_export

__all__ = ["request_export", "tell_failed", "write_export"]
