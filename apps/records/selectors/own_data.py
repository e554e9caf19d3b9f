"""The files of own data that a person asked for."""

from uuid import UUID

from django.db import connection

from apps.records.models import OwnData, OwnDataState

SHOWN = 10


def own_files(person_id: UUID) -> list[OwnData]:
    """Newest first."""
    _speak_as(person_id)
    return list(OwnData.objects.filter(user_id=person_id).order_by("-asked_at")[:SHOWN])


def own_file(person_id: UUID, own_data_id: UUID) -> OwnData | None:
    """One that is there, and the person's."""
    _speak_as(person_id)
    return OwnData.objects.filter(user_id=person_id, pk=own_data_id, state=OwnDataState.READY).first()


def _speak_as(person_id: UUID) -> None:
    # The rows belong to a person, not to an organization: their policy reads this setting alone.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.user', %s, true)", [str(person_id)])
