"""What the scheduler runs for the figures."""

from apps.jobs.actors import periodic, visit_organizations

from .services import folding

EVERY = 10


@periodic(every=EVERY)
def fold_activity() -> None:
    """Each organization's figures."""
    visit_organizations(folding.fold)
