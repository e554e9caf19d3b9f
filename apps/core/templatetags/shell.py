"""Small words for templates: numbers and times as the style guide writes them."""

import datetime

from django import template
from django.utils import timezone
from django.utils.translation import gettext

register = template.Library()
JUST_NOW = 5


@register.filter
def number(value: float | None) -> str:
    """Thousands with a comma: 38,910."""
    return "" if value is None else f"{value:,}"


@register.filter
def percent(value: float | None) -> str:
    """A share as per cent with a no-break space: 97.4 %."""
    return "" if value is None else f"{100 * value:.1f}\u00a0%"


@register.filter
def ago(moment: datetime.datetime | None) -> str:
    """How long ago, in one unit: just now, 38 s, 20 min, 3 h, 4 d."""
    if moment is None:
        return ""
    seconds = max(0, int((timezone.now() - moment).total_seconds()))
    if seconds < JUST_NOW:
        return gettext("just now")
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length}\u00a0{unit} ago"
    return f"{seconds}\u00a0s ago"
