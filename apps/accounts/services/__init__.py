"""What can be done to people's access."""

from .tokens import IssuedToken, WrongCredentials, issue_token, revoke_token

__all__ = ["IssuedToken", "WrongCredentials", "issue_token", "revoke_token"]
