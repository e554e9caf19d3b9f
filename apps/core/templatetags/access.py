"""Asks the gate from a template, so that a page shows what a person may do and nothing else."""

from typing import Any

from django import template

from apps.core.access import gate
from apps.core.errors import NotAllowed

register = template.Library()


@register.simple_tag(takes_context=True)
def may(context: dict[str, Any], action: str, thing: Any = None) -> bool:
    """Whether the acting person may do this: at all, or to a thing (a tenant row, or None for the own organization)."""
    member = getattr(context["request"], "member", None)
    if member is None:
        return False
    if thing is None or not hasattr(thing, "org_id"):
        return gate.admits(action, member.context)
    try:
        gate.require(action, member.context, thing.org_id)
    except NotAllowed:
        return False
    return True
