"""Asking for work (`request`, `cancel`, `withdraw`) and what the processes behind do with it."""

from .cancellations import cancel, withdraw
from .requests import request

__all__ = ["cancel", "request", "withdraw"]
