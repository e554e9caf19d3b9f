"""What a route's rules would do: asked of items and predictions that are there, before the rules are published."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import TextField
from django.db.models.functions import MD5, Cast

from apps.annotation.models import Annotation
from apps.core.errors import Invalid
from apps.core.json import Answer
from apps.core.statistics import rate
from apps.pipelines.graphs import InvalidGraph, StageIn, settings_in
from apps.pipelines.models import StageKind
from apps.pipelines.references import unknown_in
from apps.pipelines.settings import RouteSettings
from apps.predictions.models import Prediction
from apps.projects.models import Dataset, Item
from apps.projects.selectors import items_of
from apps.recipes.selectors import newest_version_of_project

from .rules import Seen, outcome_of

AT_ONCE = 500
EXAMPLES = 5
PLACE = "graph.stages[0].settings"


class InvalidRules(Invalid):
    code = "invalid_rules"
    message = "These rules cannot be tried as they are."


class Example(Answer):
    """An item that would go this way."""

    id: UUID
    name: str


class TriedWay(Answer):
    """How many of the items that were looked at go one way; of a sample what that means for all, with an interval
    at 95 %, and none below 30 items.
    """

    key: str
    title: str
    looked_at: int
    share: float | None
    low: float | None
    high: float | None
    items: int | None
    items_low: int | None
    items_high: int | None
    examples: list[Example]


class Trial(Answer):
    """All ways of a route, its rules in their order and `default` last."""

    total: int
    looked_at: int
    ways: list[TriedWay]


def require_rules(settings: RouteSettings, stage: str, dataset: Dataset) -> None:
    """Raises InvalidRules for what could not be published."""
    try:
        settings_in(StageIn(key=stage, kind=StageKind.ROUTE, settings=msgspec.to_builtins(settings)), 0)
        recipe = newest_version_of_project(dataset.project)
        for fault in unknown_in({stage: settings}, dataset.project_id, recipe) if recipe else ():
            raise fault
    except InvalidGraph as fault:
        field = (fault.field or "").removeprefix(PLACE).removeprefix(".") or "rules"
        raise InvalidRules(fault.text, field=field) from fault


def drawn_from(dataset: Dataset, most: int) -> tuple[int, list[UUID]]:
    """How many items there are, and at most so many of them: the same ones every time, so that rules compare."""
    rows = items_of(dataset)
    total = rows.count()
    if total > most:
        rows = rows.annotate(draw=MD5(Cast("id", TextField()))).order_by("draw")[:most]
    return total, list(rows.values_list("pk", flat=True))


def try_rules(
    *,
    settings: RouteSettings,
    stage: str,
    total: int,
    items: Sequence[UUID],
    progress: Callable[[int], None] = lambda done: None,
) -> Trial:
    """Ask the rules about each item as a route of this key would."""
    counts: defaultdict[str, int] = defaultdict(int)
    examples: defaultdict[str, list[Example]] = defaultdict(list)
    for start in range(0, len(items), AT_ONCE):
        for item, seen in _seen(items[start : start + AT_ONCE], settings.floor):
            outcome = outcome_of(settings, seen, stage)
            counts[outcome] += 1
            if len(examples[outcome]) < EXAMPLES:
                examples[outcome].append(Example(id=item.pk, name=item.name))
        progress(min(len(items), start + AT_ONCE))
    titles = {rule.key: rule.title or rule.key for rule in settings.rules} | {"default": ""}
    ways = [_way(key, title, counts[key], len(items), total, examples[key]) for key, title in titles.items()]
    return Trial(total=total, looked_at=len(items), ways=ways)


def _seen(items: Sequence[UUID], floor: float) -> Iterator[tuple[Item, Seen]]:
    """What `rules.seen_on` finds on the unit of a whole item, for many by three queries."""
    found = Item.objects.filter(pk__in=items).order_by("pk")
    scores: defaultdict[UUID, list[tuple[str, float]]] = defaultdict(list)
    said = Prediction.objects.filter(item_id__in=items, superseded=False, score__gte=floor)
    for item_id, label, score in said.values_list("item_id", "label__name", "score"):
        scores[item_id].append((label, score))
    objects: defaultdict[UUID, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    drawn = Annotation.objects.filter(item_id__in=items)
    for item_id, label, attributes in drawn.values_list("item_id", "label__name", "attributes"):
        objects[item_id].append((label, attributes))
    for item in found:
        own = scores[item.pk]
        yield item, Seen(own, objects[item.pk] or [(label, {}) for label, _ in own], item.metadata, item.pk)


def _way(key: str, title: str, number: int, looked_at: int, total: int, examples: list[Example]) -> TriedWay:
    share = rate(number, looked_at, needed=1 if looked_at == total else 30)
    sampled = looked_at < total
    return TriedWay(
        key=key,
        title=title,
        looked_at=number,
        share=share.value,
        low=share.low if sampled else None,
        high=share.high if sampled else None,
        items=_of(share.value, total),
        items_low=_of(share.low, total) if sampled else None,
        items_high=_of(share.high, total) if sampled else None,
        examples=examples,
    )


def _of(share: float | None, total: int) -> int | None:
    return None if share is None else round(share * total)
