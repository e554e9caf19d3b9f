"""What an engagement can share of a project: its stages of people, by key."""

from uuid import UUID

from apps.accounts.sharing import Shareable, ShareableStage
from apps.core.tenancy import active_tenant
from apps.projects.selectors import projects_seen

from .models import HUMAN_KINDS, Stage, StageKind

MOST_STAGES = 200


def shareable(project_id: UUID) -> Shareable | None:
    """An own project; of stages with one key the newest version's."""
    project = projects_seen().filter(pk=project_id, org_id=active_tenant().org_id).first()
    if project is None:
        return None
    rows = Stage.objects.filter(org_id=project.org_id, project=project, kind__in=HUMAN_KINDS)
    newest_first = rows.order_by("-pipeline_version_id", "position").values_list("key", "title", "kind")[:MOST_STAGES]
    stages: dict[str, ShareableStage] = {}
    for key, title, kind in newest_first:
        stages.setdefault(key, ShareableStage(key, title, reviews=kind == StageKind.REVIEW))
    return Shareable(project.pk, project.name, tuple(stages.values()))
