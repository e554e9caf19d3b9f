"""Audit rows in words: what was changed is told by its former and its new value, and nothing else of it."""

from typing import Any

from apps.activity.models import AuditEvent
from apps.core.tenancy import tenant_tx
from apps.records.shown import in_words
from tests.people import World


def told(client: Any, path: str, **wanted: Any) -> str:
    """What the audit says of an edit that the API took."""
    address = f"{client.api}/{path}"
    headers = {"If-Match": client.get(address).headers["ETag"]}
    assert client.patch(address, wanted, content_type="application/json", headers=headers).status_code == 200
    row = AuditEvent.objects.filter(verb=f"{path.partition('/')[0].rstrip('s')}.edit").latest("id")
    details: str = in_words([row])[0]["details"]
    return details


def test_a_change_is_told_by_what_was_and_what_is_now(world: World, signed_in: Any) -> None:
    max_ = signed_in(world.max)
    with tenant_tx(world.max.context):
        assert told(max_, "organization", timezone="Europe/Berlin") == "timezone: UTC → Europe/Berlin"
    body = {"name": "Lead", "base": "manager", "actions": ["member.list", "team.edit"]}
    role = max_.post(f"{max_.api}/custom_roles", body, content_type="application/json").json()["id"]
    with tenant_tx(world.max.context):
        edited = told(max_, f"custom_roles/{role}", actions=["member.list", "audit.see"])
    assert edited == "added: audit.see, removed: team.edit"
