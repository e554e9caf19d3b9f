"""A route's rules as words for people."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from apps.pipelines.settings import Condition, Confidence, HasAttribute, HasClass, Metadata, Number, Rule, Share

Titles = Mapping[str, str]


def in_words(rule: Rule, titles: Titles) -> str:
    """All its conditions; `titles` are what people call the labels."""
    return ", ".join(_condition(one, titles) for one in rule.when)


def _condition(one: Condition, titles: Titles) -> str:
    match one:
        case Confidence():
            return _confidence(one, titles)
        case HasClass():
            words = _("%(label)s is there") if one.present else _("%(label)s is not there")
            return words % {"label": titles.get(one.label, one.label)}
        case Number():
            what = titles.get(one.label, one.label) if one.label else _("objects")
            return _("number of %(what)s %(range)s") % {"what": what, "range": _range(one.at_least, one.at_most)}
        case HasAttribute():
            what = titles.get(one.label, one.label) if one.label else _("an object")
            return _("%(what)s has %(name)s %(value)s") % {"what": what, "name": one.name, "value": _value(one.value)}
        case Metadata():
            return _metadata(one)
        case Share():
            return _("%(percent)s %% of all") % {"percent": f"{one.percent:g}"}


def _confidence(one: Confidence, titles: Titles) -> str:
    words = {
        "lowest": _("lowest confidence %(range)s"),
        "mean": _("mean confidence %(range)s"),
        "highest": _("highest confidence %(range)s"),
    }[one.of]
    said = words % {"range": _range(one.at_least, one.below, below=True)}
    return (
        _("%(said)s among %(label)s") % {"said": said, "label": titles.get(one.label, one.label)} if one.label else said
    )


def _range(low: float | None, high: float | None, *, below: bool = False) -> str:
    words = []
    if low is not None:
        words.append(_("at least %(n)s") % {"n": f"{low:g}"})
    if high is not None:
        words.append((_("below %(n)s") if below else _("at most %(n)s")) % {"n": f"{high:g}"})
    return " ".join(words) or _("of any size")


def _metadata(one: Metadata) -> str:
    words = {
        "is": _("%(field)s is %(value)s"),
        "is_not": _("%(field)s is not %(value)s"),
        "at_least": _("%(field)s is at least %(value)s"),
        "at_most": _("%(field)s is at most %(value)s"),
        "exists": _("%(field)s is stated"),
    }[one.op]
    return words % {"field": one.field, "value": _value(one.value)}


def _value(value: str | float | bool | None) -> str:
    if value is None:
        return _("unanswered")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value if isinstance(value, str) else f"{value:g}"
