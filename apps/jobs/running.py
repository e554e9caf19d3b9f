"""A job in the hands of a worker: its input, on whose behalf it runs, and the fence through which it writes."""

import threading
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from apps.core.tenancy import Context


class RunLost(Exception):
    """This run has been overtaken or cancelled: stop, and write nothing more."""


class Transient(Exception):
    """Raise this (or let errors of storage and database through) for trouble that passes: the job is tried again."""


@dataclass(eq=False, slots=True)
class RunningJob:
    """One run of a job. Services get what they need of it: `input`, `context`, `progress`, `hold`."""

    id: UUID
    org_id: UUID
    project_id: UUID | None
    worker_org_id: UUID | None
    kind: str
    input: dict[str, Any]
    attempt: int
    max_attempts: int
    run_token: UUID
    created_by: UUID | None
    total: int | None = None
    # Figures that the heart has not written yet.
    unwritten: tuple[int, int | None] | None = None
    lost: threading.Event = field(default_factory=threading.Event)

    @property
    def context(self) -> Context:
        """The owner's context, with the person who asked: `with tenant_tx(job.context): …`."""
        return Context(org_id=self.org_id, user_id=self.created_by)

    @property
    def cancelled(self) -> bool:
        """Whether somebody cancelled the job, or another run has overtaken this one."""
        return self.lost.is_set()

    @property
    def topic(self) -> str:
        """Where its progress is published."""
        return f"job:{self.id}"

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far the work is; written at most twice a second. Raises RunLost once the job was cancelled."""
        if total is not None:
            self.total = total
        self.unwritten = (done, self.total)
        if self.cancelled:
            raise RunLost
