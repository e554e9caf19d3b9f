"""What became of deadlines: kept, or passed while nobody had decided."""

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from apps.activity import services as activity
from apps.core.tenancy import active_tenant
from apps.distribution.models import Intake, UnitState

AT_ONCE = 500
ENDED = (UnitState.ACCEPTED, UnitState.SET_ASIDE)


@transaction.atomic
def judge_deadlines() -> int:
    """Of the acting organization's intakes whose deadline has passed; gives how many were late.

    Each is judged once, so what is decided afterwards stays late.
    """
    passed = Intake.objects.filter(org_id=active_tenant().org_id, deadline__lt=timezone.now(), met=None)
    held = list(passed.select_for_update(skip_locked=True, of=("self",)).order_by("deadline")[:AT_ONCE])
    chosen = Intake.objects.filter(pk__in=[intake.pk for intake in held])
    kept = Q(unit__state__in=ENDED, unit__finished_at__lte=F("deadline"))
    met = set(chosen.filter(kept).values_list("pk", flat=True))
    Intake.objects.filter(pk__in=met).update(met=True)
    chosen.exclude(pk__in=met).update(met=False)
    late = [intake for intake in held if intake.pk not in met and not intake.error_code]
    for intake in late:
        activity.record_activity("intake.late", intake, unit_id=intake.unit_id, intake=str(intake.pk))
    return len(late)
