"""People and organizations. `User` is global; the rest is read under the policies of migrations/0002_walls.py."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.core.models import Stateful, TenantKey, TenantOwned, legal_states
from apps.core.roles import Role
from apps.core.tenancy import Policy


class Users(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, password: str | None = None) -> "User":
        """A person who can sign in; addresses are kept in lower case, so that each is one person's."""
        user = self.model(email=email.strip().lower(), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person. Belongs to no organization by itself; memberships say where and as what."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254, unique=True)  # kept in lower case
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects: ClassVar[Users] = Users()

    class Meta:
        db_table = "person"

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def is_erased(self) -> bool:
        """Whether nobody is this person any more."""
        return self.email == address_of_erased(self.pk)


def address_of_erased(person_id: UUID) -> str:
    """What stands in the place of an erased person's address; nobody can have it."""
    return f"{person_id}@erased.invalid"


class Organization(models.Model):
    """A customer or a vendor; one may be both."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    timezone = models.CharField(max_length=60, default="UTC")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "organization"

    def __str__(self) -> str:
        return self.name

    @property
    def org_id(self) -> Any:
        """It is its own owner."""
        return self.pk


class CustomRole(TenantOwned):
    """A role with a name of its own that leaves its base only some of its actions."""

    name = models.CharField(max_length=200)
    base = models.TextField(choices=Role)
    actions = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "custom_role"
        constraints = [
            models.UniqueConstraint(fields=["org_id", "name"], name="custom_role_name"),
            models.CheckConstraint(condition=Q(base__in=Role.values), name="custom_role_base"),
        ]


class Membership(TenantOwned):
    """A person's role in an organization; `role` is the base of a custom one."""

    user = TenantKey(User)
    role = models.TextField(choices=Role)
    custom_role = TenantKey(CustomRole, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deactivated_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        db_table = "membership"
        constraints = [models.UniqueConstraint(fields=["org_id", "user"], name="membership_once")]


class Team(TenantOwned):
    """Some of an organization's people under one name."""

    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "team"
        constraints = [models.UniqueConstraint(fields=["org_id", "name"], name="team_name")]


class TeamMember(TenantOwned):
    """That somebody belongs to a team; a person may be in several."""

    team = TenantKey(Team)
    membership = TenantKey(Membership)

    class Meta(TenantOwned.Meta):
        db_table = "team_member"
        constraints = [models.UniqueConstraint(fields=["org_id", "team", "membership"], name="team_member_once")]
        indexes = [models.Index(fields=["org_id", "membership"], name="team_of_member")]


class Invitation(TenantOwned):
    """A way in for one address, good once: the link's token is stored hashed, and the newest of an address counts."""

    email = models.EmailField(max_length=254)  # in lower case
    name = models.CharField(max_length=200, blank=True)  # as who invites knows the person; they may write another
    role = models.TextField(choices=Role)
    custom_role = TenantKey(CustomRole, null=True)
    digest = models.BinaryField(unique=True)
    invited_by = TenantKey(User, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        db_table = "invitation"
        constraints = [
            models.UniqueConstraint(
                fields=["org_id", "email"], condition=Q(accepted_at=None, revoked_at=None), name="invitation_one_open"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role"),
        ]


class EngagementState(models.TextChoices):
    OFFERED = "offered", _("Offered")
    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")


class Engagement(TenantOwned, Stateful):
    """A customer's project shared with a vendor. `org_id` is the customer; `project_id` gets its key in `projects`.

    `addressee` is the vendor as the customer wrote it. Where nobody has that name there is no `vendor`, and the offer
    waits like any other: so it tells nobody who exists. `project_name` is what the offer called the project.
    """

    MOVES = {
        EngagementState.OFFERED: frozenset({EngagementState.ACTIVE, EngagementState.ENDED}),
        EngagementState.ACTIVE: frozenset({EngagementState.ENDED}),
        EngagementState.ENDED: frozenset(),
    }

    vendor = TenantKey(Organization, null=True)
    addressee = models.CharField(max_length=200, default="")
    project_id = models.UUIDField()
    project_name = models.CharField(max_length=200, default="")
    state = models.TextField(choices=EngagementState, default=EngagementState.OFFERED)
    stages = models.JSONField(default=list)  # keys of the stages of people that are shared; none named: all
    roles = models.JSONField(default=list)
    run_models = models.BooleanField(default=False)
    names_shown = models.BooleanField(default=False)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        db_table = "engagement"
        constraints = [
            legal_states(EngagementState, "engagement_state"),
            models.UniqueConstraint(
                fields=["org_id", "vendor", "project_id"],
                condition=Q(state=EngagementState.ACTIVE),
                name="engagement_one_active",
            ),
        ]
        indexes = [models.Index(fields=["vendor"], condition=Q(state=EngagementState.ACTIVE), name="engagement_vendor")]


class Token(models.Model):
    """A personal token: shown once, stored hashed, good for the named organizations (empty: all of the person's)."""

    tenancy: ClassVar[Policy] = Policy.PRIVATE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    digest = models.BinaryField(unique=True)
    organizations = models.JSONField(default=list)
    # The organization whose provider vouched for who made it; one that enforces its provider takes no other token.
    through = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "token"


class Session(AbstractBaseSession):
    """A browser, and who is signed in there; kept by `sessions.py`."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    through = models.UUIDField(null=True)  # the one organization that it is good for
    since = models.DateTimeField()
    seen = models.DateTimeField()
    address = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=300, blank=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        db_table = "session"


class SingleSignOn(TenantOwned):
    """An organization's own provider of sign-ins, by OpenID Connect; the secret is sealed (`core/sealing.py`)."""

    name = models.CharField(max_length=100)
    issuer = models.CharField(max_length=500)
    client_id = models.CharField(max_length=300)
    secret = models.TextField()
    domains = models.JSONField(default=list)  # of the e-mail addresses that it speaks for, in lower case
    enforced = models.BooleanField(default=False)  # no other way leads into the organization
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "single_sign_on"
        constraints = [models.UniqueConstraint(fields=["org_id"], name="single_sign_on_once")]


class Identity(TenantOwned):
    """Who somebody is at their organization's provider."""

    provider = TenantKey(SingleSignOn)
    subject = models.CharField(max_length=255)
    user = TenantKey(User)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "identity"
        constraints = [
            models.UniqueConstraint(fields=["org_id", "provider", "subject"], name="identity_of_subject"),
            models.UniqueConstraint(fields=["org_id", "provider", "user"], name="identity_of_person"),
        ]
