"""What can be done to organizations, their people and people's access."""

from .engagements import (
    Scope,
    accept_engagement,
    change_engagement,
    end_engagement,
    offer_engagement,
    scope_of,
)
from .founding import Founded, found_first_organization, found_organization
from .invitations import Invited, Joined, invite, join, revoke_invitation
from .members import change_member
from .proofs import WrongCredentials, prove_by_password
from .tokens import IssuedToken, issue_token, revoke_token

__all__ = [
    "Founded",
    "Invited",
    "IssuedToken",
    "Joined",
    "Scope",
    "WrongCredentials",
    "accept_engagement",
    "change_engagement",
    "change_member",
    "end_engagement",
    "found_first_organization",
    "found_organization",
    "invite",
    "issue_token",
    "join",
    "offer_engagement",
    "prove_by_password",
    "revoke_invitation",
    "revoke_token",
    "scope_of",
]
