"""Tasks by the name of their picture."""

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.search import Hit, Kind, allowed, register
from apps.core.tenancy import Context
from apps.projects.finding import items_named

from .models import TaskKind, TaskState
from .selectors import tasks_seen

# Of so many pictures the tasks are looked at; the more one types, the fewer there are.
PICTURES = 40


def tasks(context: Context, words: str, most: int) -> list[Hit]:
    """Whose picture's name begins so: one's own, or all for those who manage."""
    pictures = [item for (item,) in items_named(context, words, PICTURES, "pk")]
    rows = tasks_seen().filter(allowed("task.see", context), unit__item__in=pictures, kind=TaskKind.HUMAN)
    found = rows.annotate(name=F("unit__item__name"), title=F("stage__title")).order_by("-id")[:most]
    return [
        Hit(
            task.name,
            reverse("distribution:editor", kwargs={"org": context.org_slug, "task_id": task.pk}),
            f"{task.title} · {TaskState(task.state).label}",
        )
        for task in found
    ]


def install() -> None:
    """Let them be found."""
    register(Kind("task", _("Tasks"), "box", "task.see", tasks, 5))
