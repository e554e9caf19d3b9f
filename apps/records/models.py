"""Who asked to be forgotten, and who asked for what is kept of them. Both belong to a person, to no organization."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id


class Erasure(models.Model):
    """A tombstone: this person was erased. `former` is what to look for in texts, until that was done (`swept_at`)."""

    person_id = models.UUIDField(primary_key=True)
    asked_by = models.UUIDField(null=True)
    at = models.DateTimeField()
    former = models.JSONField(null=True)
    swept_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "erasure"


class OwnDataState(models.TextChoices):
    WAITING = "waiting", _("Being put together")
    READY = "ready", _("Ready")


class OwnData(models.Model):
    """A file of what is kept of a person, made by a job; `path` is empty until it is there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user_id = models.UUIDField()
    state = models.TextField(choices=OwnDataState, default=OwnDataState.WAITING)
    path = models.TextField(default="")
    bytes = models.BigIntegerField(default=0)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "own_data"
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=OwnDataState.values), name="own_data_state"),
            models.UniqueConstraint(
                fields=["user_id"], condition=models.Q(state=OwnDataState.WAITING), name="own_data_one_waiting"
            ),
        ]
        indexes = [models.Index(fields=["user_id", "-asked_at"], name="own_data_of_person")]
