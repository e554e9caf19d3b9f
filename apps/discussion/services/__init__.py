"""What people say, and what they are told."""

from .endings import tell_asker
from .notices import Notice, forget_old, mark_all_read, mark_read, notify
from .threads import answer, ask, move_thread

__all__ = ["Notice", "answer", "ask", "forget_old", "mark_all_read", "mark_read", "move_thread", "notify", "tell_asker"]
