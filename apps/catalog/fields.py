"""Which fields items can be filtered by. Each app registers its own in `AppConfig.ready()`.

A field is two things: SQL that gives the terms of items (the truth, from which facets are made), and the reading of
a value that a person chose (the terms to look for). A term is text like `state=open`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise

from apps.core.errors import BadRequest
from apps.projects.models import Project


class UnknownValue(BadRequest):
    """A filter's value that nothing here has."""

    code = "unknown_value"
    message = "This filter has a value that is not known here."


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a field, as menus offer it."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Clause:
    """Items in any of these lists; with `prefix`, in any list whose term begins so (in the order of those terms)."""

    terms: tuple[str, ...] = ()
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a value means, and how a tag says it."""

    clause: Clause | None
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `choices` is None where people type; `read` raises UnknownValue. `sql` selects (item_id, term) of the
    items `%(items)s` of the project `%(project)s` of `%(org)s`; empty where another field's SQL gives the terms.
    """

    name: str
    title: str | Promise
    read: Callable[["Asked", str], Reading]
    sql: str = ""
    choices: Callable[[Project], list[Choice]] | None = None
    # Where an item's value is shown on its card: the kind of pill of each value that is.
    pills: Mapping[str, str] | None = None


class Asked:
    """A project's filter while it is read: all values, and the choices of each field, looked up once."""

    def __init__(self, project: Project, values: Mapping[str, str]) -> None:
        self.project, self.values = project, values
        self._choices: dict[str, list[Choice]] = {}

    def choices(self, name: str) -> list[Choice]:
        """The choices of a field in this project."""
        if name not in self._choices:
            choices = _fields[name].choices
            self._choices[name] = choices(self.project) if choices else []
        return self._choices[name]

    @cached_property
    def offered(self) -> dict[str, list[Choice]]:
        """All fields that are chosen from, with what there is to choose."""
        return {name: self.choices(name) for name, field in _fields.items() if field.choices}


_fields: dict[str, Field] = {}


def register(field: Field) -> None:
    """Make a field known; a second one of the same name replaces it."""
    _fields[field.name] = field


def every_field() -> list[Field]:
    """All of them, in the order in which the apps were loaded."""
    return list(_fields.values())


def field_named(name: str) -> Field | None:
    """One field, if it is known."""
    return _fields.get(name)


def one_of(name: str, unknown: str | Promise) -> Callable[[Asked, str], Reading]:
    """The reading of a field that is chosen from: values by commas, any of which will do; terms are `name=value`."""

    def read(asked: Asked, value: str) -> Reading:
        texts = {choice.value: choice.text for choice in asked.choices(name)}
        # A name may hold a comma: what is known as a whole is not taken apart.
        chosen = [value] if value in texts else list(dict.fromkeys(value.split(",")))
        for one in chosen:
            if one not in texts:
                raise UnknownValue(str(unknown) % {"value": one[:60]}, field=name)
        return Reading(Clause(tuple(f"{name}={one}" for one in chosen)), ", ".join(texts[one] for one in chosen))

    return read
