"""Throw all figures of an organization away and make them anew from its events."""

from django.db import transaction

from apps.core.tenancy import active_tenant
from apps.performance.models import FigureMark, RunDay, TaskDay, WorkDay
from apps.review.models import ObjectDay, SuggestionDay, VerdictDay

from .folding import fold

PROJECTIONS = (TaskDay, WorkDay, RunDay, SuggestionDay, ObjectDay, VerdictDay)


@transaction.atomic
def rebuild() -> int:
    """The acting organization's figures; gives how many days of people were made.

    Days are those of the time zone that the organization has now, so this is also what follows a change of it.
    """
    org_id = active_tenant().org_id
    FigureMark.objects.bulk_create([FigureMark(org_id=org_id)], ignore_conflicts=True)
    # Waits for a fold that is under way, and holds the next one off.
    FigureMark.objects.select_for_update().get(org_id=org_id)
    for model in PROJECTIONS:
        model.objects.filter(org_id=org_id).delete()
    return fold(from_the_start=True)
