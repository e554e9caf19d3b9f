"""Tell who watches a project that its stages' counts moved: at most twice a second, and always the last time."""

import threading
import time
from uuid import UUID

from django.db import transaction

from apps.activity import hints

EVERY = 0.5

_lock = threading.Lock()
_told: dict[UUID, float] = {}
_due: dict[UUID, threading.Timer] = {}


def announce_counts(project_id: UUID) -> None:
    """After commit; a hint that is due too soon after the last is sent a moment later, one for all."""
    transaction.on_commit(lambda: _announce(project_id), robust=True)


def _announce(project_id: UUID) -> None:
    with _lock:
        now = time.monotonic()
        wait = _told.get(project_id, 0.0) + EVERY - now
        if wait > 0:
            if project_id not in _due:
                _due[project_id] = timer = threading.Timer(wait, _tell_late, [project_id])
                timer.daemon = True
                timer.start()
            return
        _told[project_id] = now
    hints.send(f"project:{project_id}", None)


def _tell_late(project_id: UUID) -> None:
    with _lock:
        _due.pop(project_id, None)
        _told[project_id] = time.monotonic()
    hints.send(f"project:{project_id}", None)
