"""Forgetting people, giving them what is kept of them, and forgetting what is old."""

from .erasing import Erased, erase, erase_again, erase_member, sweep_erasures
from .own_data import request_own_data, write_own_data

__all__ = [
    "Erased",
    "erase",
    "erase_again",
    "erase_member",
    "request_own_data",
    "sweep_erasures",
    "write_own_data",
]
