"""The gate: every view names its action, the access table says which roles may; a view that names none answers 403.

The table itself is filled by `apps.accounts.access`, so that `jobs` and `activity` can stamp their views without
importing upward.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .errors import NotAllowed
from .tenancy import Context

PUBLIC = "public"
SIGNED_IN = "signed_in"


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may do an action: roles in the owner's organization, and roles acting for an engaged vendor."""

    own: frozenset[str]
    engaged: frozenset[str] = frozenset()


@dataclass(slots=True)
class Gate:
    """The access table in force."""

    table: dict[str, Grant] = field(default_factory=dict)

    def fill(self, table: dict[str, Grant]) -> None:
        """Install the table; done once, at start."""
        self.table = table

    def admits(self, action: str | None, context: Context) -> bool:
        """Whether the role may at all, for its own organization or as an engaged one; unknown actions admit nobody."""
        grant = self.table.get(action or "")
        return grant is not None and context.role in grant.own | grant.engaged and leaves(action, context)

    def require(self, action: str, context: Context, owner: object) -> None:
        """Raise NotAllowed unless the role may do this to something that `owner` owns."""
        grant = self.table[action]
        roles = grant.own if owner == context.org_id else grant.engaged
        if context.role not in roles or not leaves(action, context):
            raise NotAllowed


gate = Gate()


def leaves(action: str | None, context: Context) -> bool:
    """Whether the person's custom role, if they have one, leaves them this action of their role."""
    return context.actions is None or action in context.actions


def allow(**actions: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Stamp a page: `@allow(get="project.see", post="project.create")`."""

    def stamp(view: Callable[..., Any]) -> Callable[..., Any]:
        view.access = {method.upper(): action for method, action in actions.items()}  # type: ignore[attr-defined]
        return view

    return stamp


def action_of(callback: Any, method: str) -> str | None:
    """The action that a view states for a method; HEAD asks as GET."""
    method = "GET" if method == "HEAD" else method
    if stamped := getattr(callback, "access", None):
        return stamped.get(method)  # type: ignore[no-any-return]
    handler = getattr(getattr(callback, "view_class", None), method.lower(), None)
    return str(handler.operation.action) if handler is not None and hasattr(handler, "operation") else None
