"""Sets of labels to begin with; whoever takes one changes it as they like before it is published."""

from typing import Any

from django.utils.translation import gettext_lazy as _

STARTERS = (
    ("street", _("Street"), ("Car", "Lorry", "Bus", "Bicycle", "Person")),
    ("living", _("People and animals"), ("Person", "Cat", "Dog", "Horse", "Bird")),
    ("damage", _("Damage"), ("Scratch", "Dent", "Crack", "Stain")),
    ("things", _("Things on a table"), ("Cup", "Bottle", "Bowl", "Book", "Phone")),
)


def starters() -> list[dict[str, Any]]:
    """Each with its name and the titles of its labels."""
    return [{"key": key, "name": str(name), "titles": list(titles)} for key, name, titles in STARTERS]
