"""Tell those above that somebody works for an organization no longer."""

from dataclasses import replace
from uuid import UUID

from apps.accounts.models import EngagementState
from apps.accounts.selectors import engagements_seen
from apps.core.tenancy import active_tenant, tenant_tx
from apps.jobs import topics

ENDED = "membership.ended"


def tell_of_end(user_id: UUID) -> None:
    """News to the acting organization, and to each owner for whom it works: each hears it in its own context."""
    context = active_tenant()
    news = {"user": user_id, "organization": context.org_id}
    topics.publish(ENDED, news, context.org_id)
    engaged = engagements_seen().filter(vendor_id=context.org_id, state=EngagementState.ACTIVE)
    owners = dict(engaged.exclude(org_id=context.org_id).values_list("org_id", "project_id"))
    with tenant_tx(replace(context, projects=context.projects | set(owners.values()))):
        for owner, project in owners.items():
            topics.publish(ENDED, news, owner, project)
