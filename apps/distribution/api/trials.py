"""Rules of a route tried on what is there, before a version with them is published."""

from typing import Annotated, Any
from uuid import UUID

import msgspec

from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.distribution.services.trials import request_trial
from apps.distribution.trying import Trial, drawn_from, require_rules, try_rules
from apps.pipelines.selectors import pipeline_for
from apps.pipelines.settings import RouteSettings, Rule
from apps.projects.models import Dataset
from apps.projects.selectors import row_for

MOST_AT_ONCE = 1000


class TrialIn(Struct):
    """The settings of a route, as its stage would state them; `stage` is its key, by which shares are drawn."""

    dataset: UUID
    rules: list[Rule]
    floor: float = 0.0
    stage: str = "route"
    sample: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = MOST_AT_ONCE


class TrialJob(Answer):
    """The job whose result will be the trial."""

    job: UUID


class Trials(Api):
    @operation(
        "pipeline.publish",
        "Try a route's rules on a dataset of the pipeline's project.",
        body=TrialIn,
        answers={200: Trial, 202: TrialJob},
    )
    def post(self, request: Any, org: str, pipeline_id: UUID, body: TrialIn) -> Result:
        """Nothing is moved. Of more items than `sample` a share is looked at; for more than 1,000 a job does it."""
        context = request.member.context
        pipeline = pipeline_for(context, "pipeline.publish", pipeline_id)
        datasets = Dataset.objects.filter(project_id=pipeline.project_id, deleted_at=None)
        dataset: Dataset = row_for(datasets, context, "pipeline.publish", body.dataset)
        settings = RouteSettings(rules=body.rules, floor=body.floor)
        require_rules(settings, body.stage, dataset)
        if body.sample > MOST_AT_ONCE:
            job = request_trial(dataset=dataset, settings=settings, stage=body.stage, sample=body.sample)
            return 202, TrialJob(job=job.pk)
        total, items = drawn_from(dataset, body.sample)
        return 200, try_rules(settings=settings, stage=body.stage, total=total, items=items)
