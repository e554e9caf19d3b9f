"""What can be done to organizations, their people and people's access."""

from .founding import Founded, found_first_organization, found_organization
from .invitations import Invited, Joined, invite, join, revoke_invitation
from .members import change_member
from .tokens import IssuedToken, WrongCredentials, issue_token, revoke_token

__all__ = [
    "Founded",
    "Invited",
    "IssuedToken",
    "Joined",
    "WrongCredentials",
    "change_member",
    "found_first_organization",
    "found_organization",
    "invite",
    "issue_token",
    "join",
    "revoke_invitation",
    "revoke_token",
]
