"""From an address to a question: the same for pages, files and the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from apps.accounts.names import names_of
from apps.core.errors import NotFound
from apps.projects.models import Project

from .ranges import Range, range_of
from .selectors.figures import ClassLine, Figures, classes_of, figures_of
from .selectors.scope import Clock, Scope, StageLine, clock_and_stages
from .tables import CLASSES, PEOPLE, Table, table_of

GROUPS = {"person": _("Person"), "stage": _("Stage"), "class": _("Class"), "day": _("Day")}


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked for, and the calendar that it is read by."""

    project: Project
    clock: Clock
    range: Range
    group: str
    stage: str
    sort: str
    stages: list[StageLine]

    @property
    def scope(self) -> Scope:
        """For the selectors."""
        chosen = [line for line in self.stages if self.stage in {"", line.key}]
        return Scope(self.project, self.range.first, self.range.last, chosen)


def question_of(project: Project, query: Mapping[str, str]) -> Question:
    """Raises NotFound for a stage that there is not; any other nonsense is what one usually asks."""
    clock, stages = clock_and_stages(project)
    stage = query.get("stage", "")
    if stage and stage not in {line.key for line in stages}:
        raise NotFound
    group = query.get("group", "person")
    group = group if group in GROUPS else "person"
    sort = query.get("sort", "name" if group == "day" else "-objects" if group == "class" else "-tasks")
    return Question(project, clock, range_of(query, clock.today), group, stage, sort, stages)


def answer_to(question: Question) -> tuple[Figures, Table]:
    """The sums with days, and the table by what was asked for."""
    grouped = "stage" if question.group == "class" else question.group  # the fewest lines, for nobody looks at them
    figures = figures_of(question.scope, grouped)
    if question.group == "class":
        return figures, class_table(classes_of(question.scope), question.sort)
    named = _named(question, [line.key for line in figures.lines])
    lines = [(named.get(line.key, line.key), line) for line in figures.lines]
    return figures, table_of(GROUPS[question.group], PEOPLE, lines, question.sort)


def class_table(lines: list[ClassLine], sort: str) -> Table:
    """Objects by class."""
    return table_of(GROUPS["class"], CLASSES, [(line.name, line) for line in lines], sort)


def _named(question: Question, keys: list[str]) -> dict[str, Any]:
    if question.group == "person":
        names = names_of((UUID(key) for key in keys), question.project.pk)
        return {str(person): name for person, name in names.items()}
    if question.group == "stage":
        return {line.key: line.title for line in question.stages}
    return {key: date_format(date.fromisoformat(key), "Y-m-d") for key in keys}
