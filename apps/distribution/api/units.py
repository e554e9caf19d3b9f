"""What happened about one unit."""

import datetime
from typing import Any
from uuid import UUID

from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Answer
from apps.distribution.selectors.unit_log import Entry, log_of, unit_for


class LogEntryOut(Answer):
    """`took_ms`: how long it was held or worked at, or waited for its machine; `detail`: a reason, note or error."""

    at: datetime.datetime
    kind: str
    text: str
    stage: str
    round: int
    task: UUID | None
    who: str
    took_ms: int | None
    detail: str


class UnitLogOut(Answer):
    """Oldest first."""

    unit: UUID
    item: UUID
    kind: str
    state: str
    results: list[LogEntryOut]


class UnitLog(Api):
    @operation("quality.see", "Everything that happened about a unit.", answers={200: UnitLogOut})
    def get(self, request: Any, org: str, unit_id: UUID) -> Result:
        """Tasks, claims, submissions, verdicts, machines' acts and moves."""
        unit = unit_for(request.member.context, "quality.see", unit_id)
        entries = [_entry(entry) for entry in log_of(unit)]
        return 200, UnitLogOut(unit=unit.pk, item=unit.item_id, kind=unit.kind, state=unit.state, results=entries)


def _entry(entry: Entry) -> LogEntryOut:
    return LogEntryOut(**{name: getattr(entry, name) for name in Entry.__slots__})
