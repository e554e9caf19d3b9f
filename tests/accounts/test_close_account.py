"""The operator closes a person's account in all organizations, and opens it again."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.activity.models import AuditEvent
from apps.core.tenancy import tenant_tx
from tests.conftest import as_worker
from tests.people import PASSWORD, World


def test_a_closed_account_is_nobodys_and_its_sessions_stay_dead(world: World, signed_in: Any, capsys: Any) -> None:
    ada = signed_in(world.ada)
    assert ada.get("/o/meadow/").status_code == 200
    with as_worker():
        call_command("close_account", "Ada@meadow.example")
    assert "The account of Ada is closed." in capsys.readouterr().out
    assert ada.get("/api/v1/me").status_code == 401
    assert ada.post("/sign-in", {"email": "ada@meadow.example", "password": PASSWORD}).status_code == 422

    with as_worker():
        call_command("close_account", "ada@meadow.example", "--open")
    assert ada.get("/api/v1/me").status_code == 401
    assert signed_in(world.ada).get("/o/meadow/").status_code == 200
    with tenant_tx(world.max.context):
        verbs = list(
            AuditEvent.objects.filter(verb__startswith="person.").order_by("id").values_list("verb", flat=True)
        )
        assert verbs == ["person.close", "person.open"]


def test_who_is_not_there_cannot_be_closed_out(world: World) -> None:
    with pytest.raises(CommandError, match="Nobody has an account"):
        call_command("close_account", "nobody@meadow.example")
