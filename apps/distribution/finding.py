"""Tasks by the name of their picture."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.search import Hit, Kind, allowed, register
from apps.core.tenancy import Context
from apps.projects import finding

from .models import TaskKind, TaskState
from .selectors import tasks_seen

# Of so many pictures the tasks are looked at; the more one types, the fewer there are.
PICTURES = 40


def tasks(context: Context, words: str) -> "list[QuerySet[Any]]":
    """Whose picture's name begins so: one's own, or all for those who manage."""
    ranges = [named.values_list("pk", flat=True)[:PICTURES] for named in finding.items(context, words)]
    pictures = list(ranges[0].union(*ranges[1:], all=True)[:PICTURES]) if ranges else []
    rows = tasks_seen().filter(allowed("task.see", context), unit__item__in=pictures, kind=TaskKind.HUMAN)
    return [rows.order_by("-id")]


def install() -> None:
    """Let them be found."""
    columns = {"id": "pk", "name": "unit__item__name", "stage": "stage__title", "state": "state"}
    register(Kind("task", _("Tasks"), "box", "task.see", 5, tasks, columns, _hit))


def _hit(context: Context, found: dict[str, Any]) -> Hit:
    route = {"org": context.org_slug, "task_id": found["id"]}
    about = f"{found['stage']} · {TaskState(found['state']).label}"
    return Hit(found["name"], reverse("distribution:editor", kwargs=route), about)
