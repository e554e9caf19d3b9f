"""Try a route's rules on so many items that a job does it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from apps.core.tenancy import Context, tenant_tx
from apps.distribution.trying import drawn_from, try_rules
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.pipelines.settings import RouteSettings
from apps.projects.models import Dataset

TRY = "pipeline.try_rules"


@transaction.atomic
def request_trial(*, dataset: Dataset, settings: RouteSettings, stage: str, sample: int) -> Job:
    """Ask for it; the job's result is the trial. Answer 202."""
    stated = {
        "dataset": dataset.pk,
        "settings": msgspec.to_builtins(settings),
        "stage": stage,
        "sample": sample,
    }
    return jobs.request(kind=TRY, input=stated, org_id=dataset.org_id, project_id=dataset.project_id, total=sample)


def run_trial(*, context: Context, stated: dict[str, Any], progress: Callable[[int, int], None]) -> dict[str, Any]:
    """What a job was asked to try; reads only, so it may run again."""
    with tenant_tx(context):
        dataset = Dataset.objects.get(pk=UUID(stated["dataset"]))
        total, items = drawn_from(dataset, stated["sample"])
        trial = try_rules(
            settings=msgspec.convert(stated["settings"], RouteSettings),
            stage=stated["stage"],
            total=total,
            items=items,
            progress=lambda done: progress(done, len(items)),
        )
    found: dict[str, Any] = msgspec.to_builtins(trial)
    return found
