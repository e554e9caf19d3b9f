"""What can be shared with a vendor: projects and their stages of people. The app that has both says so in `ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from apps.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class ShareableStage:
    """A stage of people; `reviews` where it judges the work of an earlier one."""

    key: str
    title: str
    reviews: bool


@dataclass(frozen=True, slots=True)
class Shareable:
    """A project of the acting organization with its stages, those of the newest pipeline version first."""

    id: UUID
    name: str
    stages: tuple[ShareableStage, ...]


Finder = Callable[[UUID], Shareable | None]
_finders: list[Finder] = []


def find_by(finder: Finder) -> None:
    """Ask this one for projects."""
    _finders[:] = [finder]


def shareable(project_id: UUID) -> Shareable:
    """One of the acting organization's own projects. Raises NotFound."""
    found = _finders[0](project_id)
    if found is None:
        raise NotFound
    return found
