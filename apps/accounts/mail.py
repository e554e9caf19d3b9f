"""The mails of this app. Without a mail server nothing leaves, and the pages show what a mail would have said."""

import logging
import smtplib
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _

from .models import Invitation, Organization, User

logger = logging.getLogger(__name__)
senders = ThreadPoolExecutor(1, thread_name_prefix="mail")


def send_invitation(invitation: Invitation, *, link: str) -> bool:
    """Whether the invitation went out to the person; what a mail server refuses is no error of whoever invites."""
    organization = Organization.objects.get(pk=invitation.org_id).name
    inviter = invitation.invited_by.name if invitation.invited_by else organization
    words = {"organization": organization, "inviter": inviter, "link": link}
    subject = _("%(inviter)s invites you to %(organization)s on Tessera") % words
    text = _(
        "%(inviter)s invites you to label pictures with %(organization)s on Tessera.\n\n"
        "Come in by this link; it is good for 7 days and for you alone:\n%(link)s\n"
    )
    try:
        # A line break in a name would begin a header of its own.
        send_mail(" ".join(subject.split()), text % words, None, [invitation.email])
    except (OSError, smtplib.SMTPException):
        logger.exception("an invitation could not be mailed")
        return False
    return settings.MAIL_REACHES_PEOPLE


def send_reset_later(person: User, *, link: str) -> None:
    """Send the way to a new password, behind the answer's back: how long it takes tells nobody who has an account."""
    text = _(
        "Somebody, hopefully you, asked for a new password of your account on Tessera.\n\n"
        "Choose one by this link; it is good for an hour, and once:\n%(link)s\n\n"
        "If it was not you, do nothing: your password stays as it is.\n"
    ) % {"link": link}
    transaction.on_commit(lambda: senders.submit(_send, _("A new password for Tessera"), text, person.email))


def _send(subject: str, text: str, address: str) -> None:
    try:
        send_mail(subject, text, None, [address])
    except (OSError, smtplib.SMTPException):
        logger.exception("a link for a new password could not be mailed")
