"""Asking for work (`request`, `cancel`) and what the processes behind do with it."""

from .cancellations import cancel
from .requests import request

__all__ = ["cancel", "request"]
