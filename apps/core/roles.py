"""The names of the six roles. What each may do is the access table of `apps.accounts`."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    ENGINEER = "engineer", _("Engineer")
    REVIEWER = "reviewer", _("Reviewer")
    ANNOTATOR = "annotator", _("Annotator")
    AUDITOR = "auditor", _("Auditor")
