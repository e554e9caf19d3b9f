"""Keep a filter under a name: for oneself, or for all of one's organization in the project."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from apps.activity.services import record_audit
from apps.catalog.filters import read_filter
from apps.catalog.models import SavedView
from apps.core.errors import Invalid, NotAllowed, NotFound
from apps.core.tenancy import acting_person, active_tenant
from apps.core.text import clean_name
from apps.projects.models import Project

MOST = 200


class ViewNameTaken(Invalid):
    code = "name_taken"
    message = "Another view of yours has this name in this project."


class TooManyViews(Invalid):
    code = "too_many_views"
    message = f"You have {MOST} views in this project. Delete one that is not used any more."


@transaction.atomic
def save_view(*, project: Project, name: str, values: Mapping[str, str], shared: bool = False) -> SavedView:
    """A new view. Raises InvalidName, ViewNameTaken, TooManyViews, and what reading the filter raises."""
    chosen = read_filter(project, values)
    view = SavedView(
        org_id=project.org_id,
        project=project,
        worker_org_id=active_tenant().org_id,
        author_id=acting_person(),
        filter=dict(chosen.values),
        shared=shared,
    )
    mine = SavedView.objects.filter(project=project, worker_org_id=view.worker_org_id, author_id=view.author_id)
    if mine.count() >= MOST:
        raise TooManyViews
    view.name = clean_name(name)
    _write(view)
    record_audit("saved_view.create", view, after=state_of(view))
    return view


@transaction.atomic
def edit_view(
    *, view: SavedView, name: str | None = None, values: Mapping[str, str] | None = None, shared: bool | None = None
) -> SavedView:
    """What is not given stays; only the author may. Raises NotAllowed and what `save_view` raises."""
    view = _own(view)
    before = state_of(view)
    if name is not None:
        view.name = clean_name(name)
    if values is not None:
        view.filter = dict(read_filter(view.project, values).values)
    if shared is not None:
        view.shared = shared
    _write(view)
    record_audit("saved_view.edit", view, before=before, after=state_of(view))
    return view


@transaction.atomic
def delete_view(*, view: SavedView) -> None:
    """Only the author may. Raises NotAllowed."""
    view = _own(view)
    record_audit("saved_view.delete", view, before=state_of(view))
    view.delete()


def state_of(view: SavedView) -> dict[str, object]:
    """What people edit of a view."""
    return {"name": view.name, "filter": view.filter, "shared": view.shared}


def _own(view: SavedView) -> SavedView:
    rows = SavedView.objects.select_for_update(of=("self",)).select_related("project")
    held: SavedView | None = rows.filter(pk=view.pk).first()
    if held is None:
        raise NotFound
    if held.author_id != active_tenant().user_id:
        raise NotAllowed("Only who saved this view may change it. Save one of your own.")
    return held


def _write(view: SavedView) -> None:
    """The database says whether the name is free, since two may take it at once."""
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as taken:
        raise ViewNameTaken(field="name") from taken
