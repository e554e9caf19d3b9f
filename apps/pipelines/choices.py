"""What the pages offer: the templates a pipeline can begin with, and the kinds of stages that one can add."""

from typing import Any

import msgspec
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.json import Answer, Struct

from .models import HUMAN_KINDS, RESERVED_KINDS, StageKind
from .templates import TEMPLATES

TITLES: dict[str, tuple[Any, Any]] = {
    "label_only": (
        _("Label only"),
        _("A person labels, and what they submit counts. Begin here to draw your own line."),
    ),
    "label_and_review": (_("Label and review"), _("A person labels, another accepts, fixes or returns it.")),
    "pre_label_and_review": (
        _("Pre-label and review"),
        _("A model reads first, a person completes it, another reviews."),
    ),
    "flagship": (
        _("Large pictures of many objects"),
        _("A model reads tiles, people find what it missed, experts answer one question about each object."),
    ),
    "validate_model": (
        _("Validate a model"),
        _("People label blind, the model is held against them, and what differs is kept."),
    ),
    "production_intake": (
        _("Production intake"),
        _("Pictures come with a prediction. Confident ones are decided at once, the others by people in time."),
    ),
}
MACHINES, PEOPLE, FLOW, ENDS = _("Machines"), _("People"), _("Flow"), _("Ends")
# By kind: its group in the palette, its icon, and what it does.
KINDS: dict[str, tuple[Any, str, Any]] = {
    StageKind.TILE: (MACHINES, "fit", _("Cuts large items into tiles that one person can look over.")),
    StageKind.PREDICT: (MACHINES, "model", _("A model reads what comes in and suggests objects.")),
    StageKind.MERGE: (MACHINES, "polygon", _("Waits for all tiles of an item and joins what they cut.")),
    StageKind.TRANSFORM: (MACHINES, "filter", _("Leaves out, narrows or renames, by a fixed rule.")),
    StageKind.COMPARE: (MACHINES, "eye", _("Holds a model's predictions against what people decided.")),
    StageKind.CONVERT: (MACHINES, "rotated", _("Gives all shapes one form.")),
    "train": (MACHINES, "sparkle", ""),
    "auto_accept": (MACHINES, "lock", ""),
    StageKind.LABEL: (PEOPLE, "box", _("A person draws, completes or answers one question.")),
    StageKind.REVIEW: (PEOPLE, "review", _("Another person accepts, fixes or returns.")),
    "consensus": (PEOPLE, "people", ""),
    StageKind.ROUTE: (FLOW, "pipeline", _("Sends units different ways; the first rule that holds decides.")),
    "webhook": (FLOW, "export", ""),
    StageKind.DATASET: (ENDS, "dataset", _("Where items come from.")),
    StageKind.DONE: (ENDS, "check", _("Where units end.")),
}
RESERVED_TITLES = {
    "train": _("Train"),
    "auto_accept": _("Accept by certificate"),
    "consensus": _("Consensus"),
    "webhook": _("Webhook"),
}
OUTCOMES = {
    "done": _("Then"),
    "default": _("Otherwise"),
    "agree": _("Agrees"),
    "disagree": _("Disagrees"),
    "dropped": _("Left out"),
    "rework": _("Returned"),
    "failed": _("Failed"),
}


class Template(Answer):
    """A template by its name, and the settings that it cannot do without."""

    name: str
    title: str
    sentence: str
    needs: list[str]


def templates() -> list[Template]:
    """Those that ship, in the order in which they are offered."""
    return [_template(name, takes) for name, (takes, _draw) in TEMPLATES.items()]


def _template(name: str, takes: type[Struct]) -> Template:
    title, sentence = TITLES.get(name) or (name.replace("_", " ").capitalize(), (takes.__doc__ or "").split("\n")[0])
    needs = [one.name for one in msgspec.structs.fields(takes) if one.required]
    return Template(name=name, title=str(title), sentence=str(sentence), needs=needs)


def kinds() -> list[dict[str, Any]]:
    """Every kind of stage as the graph editor shows it; `reserved` says why it cannot be added yet."""
    return [
        {
            "kind": str(kind),
            "title": str(RESERVED_TITLES[kind] if kind in RESERVED_KINDS else StageKind(kind).label),
            "group": str(group),
            "icon": icon,
            "about": str(about),
            "human": kind in HUMAN_KINDS,
            "reserved": _reserved(kind),
        }
        for kind, (group, icon, about) in KINDS.items()
    ]


def _reserved(kind: str) -> str:
    work = RESERVED_KINDS.get(kind)
    return gettext("Comes with %(work)s.") % {"work": work} if work else ""
