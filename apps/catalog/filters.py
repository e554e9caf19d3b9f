"""A filter as people write it in an address, and as pages of items are looked up by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from apps.core.errors import InvalidText, UnknownFilter
from apps.projects.models import Project

from .fields import Asked, Clause, every_field, field_named

LONGEST_VALUE = 1000


@dataclass(frozen=True, slots=True)
class Tag:
    """A filter that is on, and the address's query without it."""

    name: str
    title: str
    text: str
    without: str


@dataclass(frozen=True, slots=True)
class Filter:
    """All of these must hold. `values` are as they stood in the address; `ordered_by` is set where a name is sought."""

    values: Mapping[str, str]
    clauses: tuple[Clause, ...] = ()
    ordered_by: Clause | None = None
    tags: tuple[Tag, ...] = ()

    @property
    def query(self) -> str:
        """The filter as an address's query."""
        return urlencode(self.values)

    def __bool__(self) -> bool:
        return bool(self.clauses or self.ordered_by)


EVERYTHING = Filter({})


def known_values(given: Mapping[str, str]) -> dict[str, str]:
    """Those of an address's values that are filters, the empty ones left out."""
    names = {field.name for field in every_field()}
    return {name: str(value) for name, value in given.items() if name in names and value}


def read_filter(project: Project, given: Mapping[str, str], asked: Asked | None = None) -> Filter:
    """What the values mean in a project. Raises UnknownFilter, UnknownValue and InvalidText (all 400)."""
    values = {name: value for name, value in given.items() if value}
    asked = asked or Asked(project, values)
    clauses: list[Clause] = []
    tags: list[Tag] = []
    ordered_by = None
    for name, value in values.items():
        field = field_named(name)
        if field is None:
            raise UnknownFilter(f"This list cannot be filtered by {name[:60]}.", field=name[:60])
        if "\0" in value or len(value) > LONGEST_VALUE:
            raise InvalidText(field=name)
        reading = field.read(asked, value)
        if reading.clause and reading.clause.prefix:
            ordered_by = reading.clause
        elif reading.clause:
            clauses.append(reading.clause)
        if reading.text:
            tags.append(Tag(name, str(field.title), reading.text, _without(values, name)))
    return Filter(values, tuple(clauses), ordered_by, tuple(tags))


def _without(values: Mapping[str, str], name: str) -> str:
    return urlencode({other: value for other, value in values.items() if other != name})
