"""Tickets for the live channel, for callers without our cookie."""

import datetime
from typing import Any

from apps.accounts.authentication import bearer_token, digest_of
from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Answer

from . import services


class TicketOut(Answer):
    ticket: str
    expires_at: datetime.datetime


class SocketTickets(Api):
    @operation("ticket.create", "A single-use ticket for the live channel.", answers={201: TicketOut}, keyed=False)
    def post(self, request: Any, org: str) -> Result:
        """Good for 30 seconds: /ws/orgs/{org}/live?ticket=…"""
        token = bearer_token(request.headers.get("Authorization", ""))
        by = {"token": digest_of(token)} if token else {"session": request.session.session_key}
        issued = services.issue_ticket(user_id=request.member.id, slug=org, **by)
        return 201, TicketOut(ticket=issued.secret, expires_at=issued.expires_at)
