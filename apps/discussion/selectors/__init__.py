"""Reading threads and notifications."""

from .inbox import MOST_UNREAD, notifications_of, unread_of
from .readers import Reader, readers_of
from .threads import comments_of, thread_for, thread_on, threads_in, threads_seen

__all__ = [
    "MOST_UNREAD",
    "Reader",
    "comments_of",
    "notifications_of",
    "readers_of",
    "thread_for",
    "thread_on",
    "threads_in",
    "threads_seen",
    "unread_of",
]
