"""What a new project needs, in order, and what of it is there: the set-up's steps, then what they are for."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.projects.models import Project

from .set_up import set_up_of


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do; `page` is the route where it is done, and empty where it is done by others."""

    done: bool
    title: str
    text: str
    page: str = ""
    action: str = ""


def steps_of(project: Project) -> list[Step]:
    """From pictures to an export; the last two are shown to tell what the others are for."""
    titles = {
        "pictures": (_("Add pictures"), _("One, many, or a zip"), _("Add pictures")),
        "labels": (_("Name the labels"), _("With colours and keys, and what people should know"), _("Name labels")),
        "line": (_("Choose the line"), _("Who labels and who reviews, with a model first or without"), _("Choose")),
        "start": (_("Start"), _("The pictures go onto the line"), _("Go to start")),
    }
    return [
        *(_step(step.key, step.done, *titles[step.key]) for step in set_up_of(project).steps),
        Step(False, _("Label and review"), _("Work appears on My work of annotators and reviewers")),
        Step(False, _("Export"), _("COCO, from accepted pictures")),
    ]


def _step(key: str, done: bool, title: str, text: str, action: str) -> Step:
    return Step(done, title, text, f"distribution:set_up_{key}", action)
