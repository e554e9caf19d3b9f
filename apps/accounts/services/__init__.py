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
from .own_sessions import end_other_sessions, end_session
from .people import rename_person
from .proofs import WrongCredentials, prove_by_password, require_way_in
from .second_factors import SecondFactorRequired, has_second_factor, prove_second_factor
from .tokens import IssuedToken, issue_token, issue_token_by_password, revoke_token

__all__ = [
    "Founded",
    "Invited",
    "IssuedToken",
    "Joined",
    "Scope",
    "SecondFactorRequired",
    "WrongCredentials",
    "accept_engagement",
    "change_engagement",
    "change_member",
    "end_engagement",
    "end_other_sessions",
    "end_session",
    "found_first_organization",
    "found_organization",
    "has_second_factor",
    "invite",
    "issue_token",
    "issue_token_by_password",
    "join",
    "offer_engagement",
    "prove_by_password",
    "prove_second_factor",
    "rename_person",
    "require_way_in",
    "revoke_invitation",
    "revoke_token",
    "scope_of",
]
