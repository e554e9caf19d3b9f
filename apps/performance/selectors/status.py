"""How a pipeline run stands: burn-up, what waits at each stage, when it may be done, and where it is held up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection

from apps.distribution.models import PipelineRun, RunState
from apps.performance.models import RunDay
from apps.pipelines.models import StageKind

from .scope import Clock

# The pace is that of the latest days on which anything was finished; today is not over.
PACE_DAYS = 7
FEWEST_DAYS = 3
DRAWS = 2_000
FARTHEST = 3650

STAGES = """
SELECT s.id, s.title, s.kind, coalesce(t.ready, 0), coalesce(t.leased, 0), coalesce(t.waiting, 0),
       coalesce(t.failed, 0), t.oldest, w.pace
FROM stage s
LEFT JOIN (
  SELECT stage_id, count(*) FILTER (WHERE state = 'ready') AS ready, count(*) FILTER (WHERE state = 'leased') AS leased,
         count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'failed') AS failed,
         min(created_at) FILTER (WHERE state IN ('ready', 'waiting')) AS oldest
  FROM task
  WHERE org_id = %(org)s AND pipeline_run_id = %(run)s AND state IN ('ready', 'leased', 'waiting', 'failed')
  GROUP BY stage_id) t ON t.stage_id = s.id
LEFT JOIN (
  SELECT stage_id, sum(submitted)::float8 / count(DISTINCT day) AS pace FROM work_day
  WHERE org_id = %(org)s AND project_id = %(project)s AND day >= %(since)s AND day < %(today)s AND submitted > 0
  GROUP BY stage_id) w ON w.stage_id = s.id
WHERE s.org_id = %(org)s AND s.pipeline_version_id = %(version)s AND s.kind = ANY(%(kinds)s)
  AND s.id <> ALL(app.closed())
ORDER BY s.position
"""
WITH_TASKS = [StageKind.PREDICT, StageKind.LABEL, StageKind.REVIEW]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One stage of the run. `clears_in` is the days it takes to do what is ready at its pace, None without a pace."""

    title: str
    kind: str
    ready: int
    in_work: int
    waiting: int
    failed: int
    oldest: datetime | None
    pace: float | None
    is_bottleneck: bool = False

    @property
    def clears_in(self) -> float | None:
        """Days of work that lie there."""
        return self.ready / self.pace if self.pace else None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The day on which the run may be done, with an 80 % range; without `day`, `active_days` were too few.

    A cancelled run has none either.
    """

    active_days: int
    needed: int = FEWEST_DAYS
    per_day: float | None = None
    day: date | None = None
    early: date | None = None
    late: date | None = None

    @property
    def missing(self) -> int:
        """How many days of work are still to come before anything can be said."""
        return max(0, self.needed - self.active_days)


@dataclass(frozen=True, slots=True)
class Status:
    """All of it. `days` are (day, made so far, finished so far)."""

    made: int
    finished: int
    days: list[tuple[date, int, int]]
    forecast: Forecast
    stages: list[Waiting]

    @property
    def bottleneck(self) -> Waiting | None:
        """The stage that holds the run up."""
        return next((stage for stage in self.stages if stage.is_bottleneck), None)


def status_of(run: PipelineRun, clock: Clock) -> Status:
    """A run, as far as the acting organization sees it."""
    rows = RunDay.objects.filter(org_id=run.org_id, pipeline_run_id=run.pk).order_by("day")
    days = list(rows.values_list("day", "made", "finished"))
    made, finished = sum(one[1] for one in days), sum(one[2] for one in days)
    forecast = forecast_of([(day, done) for day, _made, done in days], made - finished, clock.today, seed=run.pk)
    if run.state == RunState.CANCELLED:
        forecast = replace(forecast, day=None, early=None, late=None)
    return Status(made, finished, _so_far(days, clock.today), forecast, _stages(run, clock.today))


def forecast_of(days: Sequence[tuple[date, int]], left: int, today: date, *, seed: UUID) -> Forecast:
    """From how many units were finished on each day. The range comes from drawing days again and again."""
    active = [(day, done) for day, done in days if done and day < today][-PACE_DAYS:]
    if len(active) < FEWEST_DAYS:
        return Forecast(len(active))
    # Days of rest count as they came: seven days of work within nine of the calendar.
    spread = ((today - active[0][0]).days) / len(active)
    rates = [done for _day, done in active]
    chance = Random(seed.int)
    ends = sorted(left * spread / (sum(chance.choices(rates, k=len(rates))) / len(rates)) for _ in range(DRAWS))
    per_day = sum(rates) / len(rates)
    usual, early, late = (
        today + timedelta(days=min(FARTHEST, -int(-one // 1)))
        for one in (left * spread / per_day, ends[DRAWS // 10], ends[DRAWS - DRAWS // 10])
    )
    return Forecast(len(active), FEWEST_DAYS, per_day, usual, early, late)


def _so_far(days: Sequence[tuple[date, int, int]], today: date) -> list[tuple[date, int, int]]:
    """Sums by day, with the days between on which nothing was done, up to today."""
    by_day = {day: (made, finished) for day, made, finished in days}
    found: list[tuple[date, int, int]] = []
    made = finished = 0
    day = min(by_day, default=today)
    while day <= max(today, max(by_day, default=today)):
        more = by_day.get(day, (0, 0))
        made, finished = made + more[0], finished + more[1]
        found.append((day, made, finished))
        day += timedelta(days=1)
    return found


def _stages(run: PipelineRun, today: date) -> list[Waiting]:
    values: dict[str, Any] = {
        "org": run.org_id,
        "run": run.pk,
        "project": run.project_id,
        "version": run.pipeline_version_id,
        "kinds": list(WITH_TASKS),
        "today": today,
        "since": today - timedelta(days=2 * PACE_DAYS),
    }
    with connection.cursor() as cursor:
        cursor.execute(STAGES, values)
        rows = cursor.fetchall()
    # Whoever would need longest for what is ready; with nothing to go by, where most is.
    loads = {row[0]: row[3] / (row[-1] or 0.001) for row in rows if row[3]}
    slowest = max(loads, key=lambda pk: loads[pk], default=None)
    found = []
    for pk, title, kind, *numbers, oldest, pace in rows:
        ready, in_work, waiting, failed = numbers
        named = title or str(StageKind(kind).label)
        found.append(Waiting(named, kind, ready, in_work, waiting, failed, oldest, pace, pk == slowest))
    return found
