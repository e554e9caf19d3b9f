"""What happened in a project lately, in sentences."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.names import initials_of, names_of
from apps.activity.models import ActivityEvent
from apps.projects.models import Project

SENTENCES = {
    "task.submitted": gettext_lazy("%(who)s submitted a picture"),
    "task.skipped": gettext_lazy("%(who)s skipped a picture"),
    "task.reviewed": gettext_lazy("%(who)s reviewed a submission"),
    "task.reviewed accept": gettext_lazy("%(who)s accepted a submission"),
    "task.reviewed fix": gettext_lazy("%(who)s fixed and accepted a submission"),
    "task.reviewed reject": gettext_lazy("%(who)s returned a submission"),
    "pipeline_run.started": gettext_lazy("%(who)s started a run of the pipeline"),
    "recipe.published": gettext_lazy("%(who)s published a recipe version"),
    "intake.late": gettext_lazy("A picture is late: its deadline has passed, and nothing is decided"),
    "upload.finished": gettext_lazy("Pictures were added"),
    "export.finished": gettext_lazy("An export was written"),
}


def news_of(project: Project, most: int = 6) -> list[dict[str, Any]]:
    """The newest events that a sentence exists for: initials, text, at."""
    events = list(ActivityEvent.objects.filter(project_id=project.pk, kind__in=SENTENCES).order_by("-at", "-id")[:most])
    names = names_of((event.actor_id for event in events), project.pk)
    return [
        {
            "initials": initials_of(names[event.actor_id]),
            "text": _sentence(event) % {"who": names[event.actor_id] or _("Somebody")},
            "at": event.at,
        }
        for event in events
    ]


def _sentence(event: ActivityEvent) -> str:
    exact = f"{event.kind} {event.payload.get('verdict', '')}"
    return str(SENTENCES.get(exact) or SENTENCES[event.kind])
