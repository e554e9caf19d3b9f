"""Saved views, subsets, acts and prediction runs as the acting organization sees them."""

from uuid import UUID

from django.db.models import Q, QuerySet

from apps.catalog.models import BulkAct, PredictionRun, PredictionRunState, SavedView, Subset
from apps.core.tenancy import Context
from apps.projects.models import Project
from apps.projects.selectors import row_for


def views_seen(context: Context) -> "QuerySet[SavedView]":
    """One's own views, and those that colleagues share; another organization's are its own affair."""
    mine_or_shared = Q(author_id=context.user_id) | Q(shared=True)
    return SavedView.objects.filter(mine_or_shared, worker_org_id=context.org_id)


def views_of(project: Project, context: Context) -> "QuerySet[SavedView]":
    """The views of a project that one may use."""
    return views_seen(context).filter(org_id=project.org_id, project=project)


def view_for(context: Context, action: str, view_id: UUID) -> SavedView:
    """One view. Raises NotFound and NotAllowed."""
    view: SavedView = row_for(views_seen(context).select_related("project"), context, action, view_id)
    return view


def subsets_of(project: Project) -> "QuerySet[Subset]":
    """A project's subsets."""
    return Subset.objects.filter(org_id=project.org_id, project=project)


def subset_for(context: Context, action: str, subset_id: UUID) -> Subset:
    """One subset. Raises NotFound and NotAllowed."""
    subset: Subset = row_for(Subset.objects.all(), context, action, subset_id)
    return subset


def act_for(context: Context, action: str, act_id: UUID) -> BulkAct:
    """One act. Raises NotFound and NotAllowed."""
    act: BulkAct = row_for(BulkAct.objects.select_related("job"), context, action, act_id)
    return act


def runs_of(project: Project) -> "QuerySet[PredictionRun]":
    """A project's prediction runs."""
    return PredictionRun.objects.filter(org_id=project.org_id, project=project).select_related("deployment")


def run_for(context: Context, action: str, run_id: UUID) -> PredictionRun:
    """One run. Raises NotFound and NotAllowed."""
    run: PredictionRun = row_for(PredictionRun.objects.select_related("deployment"), context, action, run_id)
    return run


def unfinished_runs(project: Project) -> "QuerySet[PredictionRun]":
    """Those that are under way, newest first."""
    under_way = (PredictionRunState.FILLING, PredictionRunState.RUNNING)
    return runs_of(project).filter(state__in=under_way).order_by("-id")
