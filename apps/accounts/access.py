"""The access table: what each role may do, in its own organization and, for a vendor, in a project shared with it.

Views, socket topics and pages all name these actions; the gate in `core` reads them (filled in `apps.py`).
"""

from collections.abc import Iterable

from apps.core.access import PUBLIC, SIGNED_IN, Grant
from apps.core.roles import Role

EVERYONE = frozenset(Role.values)
MANAGERS = frozenset({Role.OWNER, Role.MANAGER})
BUILDERS = MANAGERS | {Role.ENGINEER}
REVIEWERS = MANAGERS | {Role.REVIEWER}
WORKERS = REVIEWERS | {Role.ANNOTATOR}
PRODUCERS = WORKERS | {Role.ENGINEER}

TABLE: dict[str, Grant] = {
    # accounts
    "member.list": Grant(BUILDERS | {Role.AUDITOR}),
    "member.invite": Grant(MANAGERS),
    "member.edit": Grant(MANAGERS),
    "single_sign_on.edit": Grant(frozenset({Role.OWNER})),
    "custom_role.list": Grant(BUILDERS | {Role.AUDITOR}),
    "custom_role.edit": Grant(MANAGERS),
    "team.edit": Grant(MANAGERS),
    "skill.grant": Grant(MANAGERS),
    "organization.see": Grant(BUILDERS | {Role.AUDITOR}),
    "organization.edit": Grant(MANAGERS),
    # What a customer shares with a vendor: `own` are the customer's people, `engaged` the vendor's.
    "engagement.list": Grant(BUILDERS, BUILDERS),
    "engagement.offer": Grant(BUILDERS),
    "engagement.edit": Grant(BUILDERS),
    "engagement.accept": Grant(MANAGERS, MANAGERS),
    "engagement.end": Grant(BUILDERS, MANAGERS),
    "ticket.create": Grant(EVERYONE),
    # what is kept
    "member.erase": Grant(frozenset({Role.OWNER})),
    "audit.see": Grant(MANAGERS | {Role.AUDITOR}, MANAGERS | {Role.AUDITOR}),
    # projects and data
    "project.list": Grant(EVERYONE, EVERYONE),
    "project.see": Grant(EVERYONE, EVERYONE),
    "project.create": Grant(BUILDERS),
    "project.edit": Grant(BUILDERS),
    "project.delete": Grant(MANAGERS),
    "dataset.create": Grant(BUILDERS),
    "dataset.edit": Grant(BUILDERS),
    "item.see": Grant(EVERYONE, EVERYONE),
    "item.edit": Grant(BUILDERS),
    "saved_view.see": Grant(EVERYONE, EVERYONE),
    "saved_view.edit": Grant(EVERYONE, EVERYONE),
    "upload.create": Grant(BUILDERS),
    "upload.see": Grant(BUILDERS),
    # recipes and pipelines
    "recipe.see": Grant(EVERYONE, EVERYONE),
    "recipe.publish": Grant(BUILDERS),
    "pipeline.see": Grant(EVERYONE, PRODUCERS),
    "pipeline.publish": Grant(BUILDERS),
    "pipeline.run": Grant(BUILDERS),
    # production: what an organization's own systems send in and read back
    "intake.create": Grant(BUILDERS),
    "intake.see": Grant(BUILDERS | {Role.REVIEWER, Role.AUDITOR}),
    # models
    "model.see": Grant(BUILDERS | REVIEWERS | {Role.AUDITOR}),
    "model.deploy": Grant(BUILDERS),
    "deployment.see": Grant(EVERYONE, PRODUCERS),
    "prediction.see": Grant(EVERYONE, PRODUCERS),
    "prediction_run.create": Grant(BUILDERS, MANAGERS),
    # work
    "work.see": Grant(EVERYONE, EVERYONE),
    "task.claim": Grant(WORKERS, WORKERS),
    "task.see": Grant(EVERYONE, PRODUCERS),
    "task.work": Grant(WORKERS, WORKERS),
    # Giving work to people and taking it back: of either side to its own.
    "task.distribute": Grant(MANAGERS, MANAGERS),
    "task.assist": Grant(PRODUCERS, WORKERS),
    "annotation.see": Grant(EVERYONE, PRODUCERS),
    "review.see": Grant(REVIEWERS, REVIEWERS),
    "review.decide": Grant(REVIEWERS, REVIEWERS),
    "quality.see": Grant(BUILDERS | REVIEWERS | {Role.AUDITOR}, REVIEWERS),
    # figures
    "performance.see": Grant(BUILDERS, MANAGERS),
    "figures.own": Grant(WORKERS, WORKERS),
    "team.see": Grant(MANAGERS),
    # discussion
    "thread.see": Grant(PRODUCERS, WORKERS),
    "thread.write": Grant(PRODUCERS, WORKERS),
    "notification.see": Grant(EVERYONE),
    "search.see": Grant(EVERYONE),
    "help.see": Grant(EVERYONE),
    # out
    "export.create": Grant(BUILDERS),
    "export.see": Grant(BUILDERS | {Role.AUDITOR}),
    "job.see": Grant(EVERYONE, PRODUCERS),
    "job.cancel": Grant(BUILDERS, MANAGERS),
}

# What a custom role cannot take away: without these no page could be opened.
ALWAYS = frozenset(
    {"project.list", "project.see", "work.see", "notification.see", "search.see", "help.see", "ticket.create"}
)


def left_by(actions: Iterable[str]) -> frozenset[str]:
    """What a custom role leaves of its base, by the actions that it names."""
    return ALWAYS | frozenset(actions)


def actions_of(role: str) -> frozenset[str]:
    """All that a role may do, in its own organization or for an engaged one."""
    return frozenset(action for action, grant in TABLE.items() if role in grant.own | grant.engaged)


WITHOUT_ORGANIZATION = frozenset({PUBLIC, SIGNED_IN})
