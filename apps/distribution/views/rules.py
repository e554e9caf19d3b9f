"""The page that tries a route's rules on what is there, before anything is moved by them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.core.access import allow
from apps.distribution.overviews import thumb_of
from apps.distribution.rule_words import in_words
from apps.distribution.trying import TriedWay, drawn_from, try_rules
from apps.pipelines.models import Stage, StageKind
from apps.pipelines.selectors import newest_versions, pipelines_of
from apps.pipelines.settings import RouteSettings, settings_of
from apps.projects.models import Dataset, Project
from apps.projects.selectors import datasets_of, main_dataset_of, project_for
from apps.recipes.selectors import newest_version_of_project

LOOKED_AT = 1000


@allow(get="pipeline.publish")
def rules(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """How many items of a dataset would go which way; nothing moves."""
    project = project_for(request.member.context, "pipeline.publish", project_id)  # type: ignore[attr-defined]
    routes, datasets = _routes(project), list(datasets_of(project).order_by("name", "id"))
    route = _chosen(routes, request.GET.get("stage", "")) or (routes[0] if routes else None)
    dataset = _chosen(datasets, request.GET.get("dataset", "")) or main_dataset_of(project)
    page = {
        "project": project,
        "here": "pipeline",
        "routes": routes,
        "datasets": datasets,
        "route": route,
        "dataset": dataset,
        "trial": _trial(route, dataset, org) if route and dataset else None,
    }
    return render(request, "distribution/rules.html", page)


def _routes(project: Project) -> list[Stage]:
    """Of the newest version of each pipeline, the newest pipeline first."""
    versions = newest_versions(pipelines_of(project)).values()
    found = Stage.objects.filter(pipeline_version__in=list(versions), kind=StageKind.ROUTE)
    return list(found.select_related("pipeline_version__pipeline").order_by("-pipeline_version_id", "position"))


def _chosen(rows: Sequence[Any], key: str) -> Any:
    return next((row for row in rows if str(row.pk) == key), None)


def _trial(route: Stage, dataset: Dataset, org: str) -> dict[str, Any]:
    settings: RouteSettings = settings_of(StageKind.ROUTE, route.settings)
    total, items = drawn_from(dataset, LOOKED_AT)
    trial = try_rules(settings=settings, stage=route.key, total=total, items=items)
    recipe = newest_version_of_project(dataset.project)
    titles = {label["name"]: label.get("title") or label["name"] for label in recipe.labels} if recipe else {}
    words = {rule.key: in_words(rule, titles) for rule in settings.rules}
    ways = [_way(way, words.get(way.key) or _("No rule holds."), dataset, org) for way in trial.ways]
    return {"total": trial.total, "looked_at": trial.looked_at, "sampled": trial.looked_at < trial.total, "ways": ways}


def _way(way: TriedWay, words: str, dataset: Dataset, org: str) -> dict[str, Any]:
    return {
        "key": way.key,
        "title": _("Otherwise") if way.key == "default" else way.title,
        "words": words,
        "looked_at": way.looked_at,
        "items": way.items,
        "low": way.items_low,
        "high": way.items_high,
        "percent": None if way.share is None else f"{100 * way.share:.0f}",
        "examples": [{"id": one.id, "name": one.name, "thumb": thumb_of(one.id, org)} for one in way.examples],
    }
