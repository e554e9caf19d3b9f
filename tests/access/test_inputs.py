"""Bad inputs by their numbers in the list that this product was specified with (reliability, section 5).

Each is answered by its code, in the one error shape, and never by a 5xx. `ELSEWHERE` says where the others are tested.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.selectors import Member
from apps.core.tenancy import owner_context, tenant_tx
from apps.projects.models import Dataset, Item, Project
from tests.factories import make_item
from tests.people import PASSWORD, World

TESTS = Path(__file__).resolve().parent.parent
SignIn = Callable[[Member], Any]
# Numbers of inputs that have a test of their own where their subject is.
ELSEWHERE = {
    15: "access/test_matrix.py::test_a_stranger_cannot_tell_what_exists",
    16: "access/test_matrix.py::test_a_stranger_cannot_tell_what_exists",
    18: "activity/test_idempotency.py::test_another_body_under_the_same_key_is_refused",
    19: "distribution/test_leases.py::test_a_lease_is_judged_by_its_token",
    20: "distribution/test_leases.py::test_pulses_are_put_on_the_servers_clock_between_claim_and_now",
    21: "distribution/test_submissions.py::test_a_bad_shape_is_refused_with_its_index_and_the_lease_stays",
    22: "distribution/test_submissions.py::test_a_bad_shape_is_refused_with_its_index_and_the_lease_stays",
    24: "distribution/test_submissions.py::test_a_bad_shape_is_refused_with_its_index_and_the_lease_stays",
    26: "recipes/test_versions.py::test_a_wrong_label_is_named_by_its_place",
    30: "projects/test_uploads.py::test_what_is_no_good_picture_is_refused_by_name_and_spoils_nothing",
    31: "projects/test_uploads.py::test_what_is_no_good_picture_is_refused_by_name_and_spoils_nothing",
    32: "projects/test_uploads.py::test_what_is_no_good_picture_is_refused_by_name_and_spoils_nothing",
    33: "projects/test_uploads.py::test_what_is_no_good_picture_is_refused_by_name_and_spoils_nothing",
    34: "projects/test_uploads.py::test_what_is_no_good_picture_is_refused_by_name_and_spoils_nothing",
    35: "projects/test_uploads.py::test_what_hides_behind_a_picture_is_not_served",
    36: "projects/test_uploads.py::test_what_is_no_good_picture_is_refused_by_name_and_spoils_nothing",
    37: "projects/test_uploads.py::test_pictures_are_upright_everywhere_and_say_nothing_of_where",
    38: "projects/test_uploads.py::test_pixel_formats_are_converted",
    39: "projects/test_uploads.py::test_pictures_are_upright_everywhere_and_say_nothing_of_where",
    40: "projects/test_uploads.py::test_names_are_text_to_be_shown",
    41: "projects/test_archives.py::test_twins_by_name_are_both_kept",
    44: "projects/test_archives.py::test_the_entry_with_an_unsafe_path_is_named_by_its_number",
    45: "projects/test_archives.py::test_evil_members_are_refused_and_the_others_are_not",
    46: "projects/test_archives.py::test_an_evil_archive_is_refused_whole",
    47: "projects/test_archives.py::test_three_good_pictures_and_a_bad_one_are_told_apart",
    51: "core/test_spreadsheets.py::test_a_text_never_begins_a_formula",
    52: "core/test_outbound.py::test_no_way_of_writing_an_address_reaches_this_machine",
    53: "core/test_outbound.py::test_no_way_of_writing_an_address_reaches_this_machine",
    54: "core/test_outbound.py::test_each_redirect_is_judged_anew",
    55: "core/test_outbound.py::test_no_way_of_writing_an_address_reaches_this_machine",
    56: "core/test_outbound.py::test_a_server_that_means_no_good_is_left_in_time",
    57: "test_storage.py::test_a_bucket_in_a_private_network_must_be_listed_by_the_operator",
    64: "live/test_socket.py::test_a_frame_beyond_64_kb_closes_the_socket",
    65: "exchange/test_exports.py::test_who_asks_while_an_export_is_being_written_joins_it",
}
# What the product does not have yet, so that nothing of it can be asked.
NOT_YET = {
    13: "the proxy's: uvicorn refuses both headers at once",
    23: "masks",
    25: "tracks",
    27: "attributes with patterns",
    42: "video",
    43: "video",
    48: "imports of annotations",
    49: "imports of annotations",
    50: "imports of annotations",
    58: "webhooks",
    59: "uploads of models",
    60: "uploads of models",
    61: "uploads of models",
}


def code_of(answer: Any) -> tuple[int, str]:
    """Status and code, of the one error shape; nothing of the inside is told."""
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "field", "details", "request_id"}
    assert not re.search(r"Traceback|psycopg|SELECT |/apps/|\.py", str(error))
    return answer.status_code, error["code"]


def here() -> set[int]:
    """The numbers that this file asks."""
    return {
        int(number)
        for number in re.findall(r'id="(\d+)[ "]|def test_(\d+)_', Path(__file__).read_text())
        for number in number
        if number
    }


def test_every_number_of_the_list_has_a_test_or_a_reason() -> None:
    assert here() | set(ELSEWHERE) | set(NOT_YET) == set(range(1, 67))


@pytest.mark.parametrize("place", sorted(set(ELSEWHERE.values())))
def test_what_is_tested_elsewhere_is_there(place: str) -> None:
    path, _, name = place.partition("::")
    assert re.search(rf"^(async )?def {name}\(", (TESTS / path).read_text(), re.MULTILINE)


@pytest.fixture
def noor(world: World, signed_in: SignIn) -> Any:
    """An engineer of the customer's, who may make and change things."""
    return signed_in(world.noor)


BODIES = [
    pytest.param(b'{"name": NaN}', 400, "invalid_json", id="1 NaN"),
    pytest.param(b'{"name": -Infinity}', 400, "invalid_json", id="1 -Infinity"),
    pytest.param(b'{"name": 1e400}', 422, "invalid_value", id="1 1e400 where a text is"),
    pytest.param(b'{"name": "a\\u0000b"}', 400, "invalid_text", id="2 NUL"),
    pytest.param(b'{"name": "\\ud800"}', 400, "invalid_text", id="3 lone surrogate"),
    pytest.param(b'{"name": ' + b"9" * 5000 + b"}", 400, "invalid_json", id="4 5,000 digits"),
    pytest.param(b'{"name": ' + b"[" * 100_000, 400, "json_too_deep", id="5 100,000 levels"),
    pytest.param(b'{"name": "a", "name": "b"}', 400, "duplicate_key", id="6 twin keys"),
    pytest.param(
        b'{"name": "a", "organization": 2, "is_staff": true, "gold": true}', 400, "unknown_field", id="14 more"
    ),
    pytest.param(b'{"name": "a"', 400, "invalid_json", id="1 cut off"),
    pytest.param(b'"a"', 422, "invalid_value", id="1 no object"),
    pytest.param(b"\xff\xfe{", 400, "invalid_json", id="1 UTF-16"),
]


@pytest.mark.parametrize(("body", "status", "code"), BODIES)
def test_a_body_that_cannot_be_read(noor: Any, body: bytes, status: int, code: str) -> None:
    assert code_of(noor.post(f"{noor.api}/projects", body, content_type="application/json")) == (status, code)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("limit=1000000", id="7 limit"),
        pytest.param("limit=-1", id="7 negative"),
        pytest.param("limit=" + "9" * 25, id="7 past 64 bits"),
        pytest.param("cursor=%00", id="7 NUL"),
        pytest.param("cursor=!!!", id="7 no cursor"),
        pytest.param("cursor=" + "A" * 5000, id="7 long"),
        pytest.param("limit=", id="7 empty"),
        pytest.param("offset=100000000000000000000", id="7 offset"),
        pytest.param("name__regex=(((", id="9 a lookup"),
        pytest.param("org_id=1", id="9 a column"),
        pytest.param("ordering=created_by__password", id="10 an order"),
    ],
)
@pytest.mark.parametrize("path", ["projects", "jobs", "tasks", "members?active=true", "notifications"])
def test_a_list_takes_what_it_knows(noor: Any, path: str, query: str) -> None:
    status, code = code_of(noor.get(f"{noor.api}/{path}{'&' if '?' in path else '?'}{query}"))

    assert status == 400
    assert code in {"invalid_page", "unknown_filter", "invalid_value", "invalid_text"}
    assert (code == "unknown_filter") is query.startswith(("offset", "name__", "org_id", "ordering"))


@pytest.mark.parametrize("name", ["abc", "1" + "0" * 20, "%00", "../..", "00000000-0000-0000-0000-00000000000g"])
@pytest.mark.parametrize("path", ["tasks", "projects", "items", "jobs", "exports", "threads"])
def test_8_an_address_that_is_no_id(noor: Any, path: str, name: str) -> None:
    assert noor.get(f"{noor.api}/{path}/{name}").status_code == 404


def test_11_a_body_beyond_10_mb(noor: Any) -> None:
    body = b'{"name": "' + b"a" * (10 * 1024 * 1024) + b'"}'

    assert code_of(noor.post(f"{noor.api}/projects", body, content_type="application/json")) == (413, "body_too_large")


@pytest.mark.parametrize(
    "kind", ["text/xml", "application/json; charset=utf-7", "text/plain", "", "application/x-yaml"]
)
def test_12_a_body_of_another_kind(noor: Any, kind: str) -> None:
    answer = noor.generic("POST", f"{noor.api}/projects", b'{"name": "a"}', content_type=kind)

    assert code_of(answer) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("tag", "status"), [(None, 428), ('"stale"', 412), ("*", 400)], ids=["missing", "stale", "any"]
)
def test_17_an_edit_of_what_was_not_read(noor: Any, world: World, tag: str | None, status: int) -> None:
    at = f"{noor.api}/projects/{world.project.pk}"
    headers = {"If-Match": tag} if tag else {}
    answer = noor.patch(at, {"name": "Other"}, content_type="application/json", headers=headers)

    assert code_of(answer)[0] == status
    assert (answer.headers.get("ETag") == noor.get(at)["ETag"]) is (status == 412)


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "{{7*7}}", "__proto__", "constructor", "=1+1"])
def test_28_a_name_that_means_something_elsewhere_is_text(noor: Any, name: str) -> None:
    made = noor.post(f"{noor.api}/projects", {"name": name}, content_type="application/json")

    assert (made.status_code, made.json()["name"]) == (201, name)
    page = noor.get(f"{noor.org}/projects/").content.decode()
    assert "<img src=x" not in page
    assert ">49<" not in page


@pytest.mark.parametrize("name", ["\u202egnp.exe", "a\u200bb", "x" * 10_000, "   ", "", "\u2066a", "a\nb", "\x7f"])
def test_29_a_name_that_cannot_be_seen_for_what_it_is(noor: Any, name: str) -> None:
    answer = noor.post(f"{noor.api}/projects", {"name": name}, content_type="application/json")

    assert code_of(answer) == (422, "invalid_name")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@meadow.example", "x" * 1_000_000),
        ("\uff41da@meadow.example", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
        ("", ""),
        ("ada@meadow.example\0", PASSWORD),
        ("a" * 5000 + "@meadow.example", PASSWORD),
    ],
    ids=["long", "another letter", "SQL", "empty", "NUL", "long address"],
)
def test_62_a_sign_in_that_means_no_good(world: World, email: str, password: str) -> None:
    body = {"email": email, "password": password, "name": "x"}
    token = Client().post("/api/v1/tokens", body, content_type="application/json")
    page = Client().post("/sign-in", {"email": email, "password": password})

    assert code_of(token)[0] in {400, 401, 413, 422}
    assert page.status_code in {200, 400, 401, 413, 422}
    assert not page.wsgi_request.user.is_authenticated


@pytest.mark.parametrize("host", ["evil.example", "localhost:8000@evil", "localhost\\.evil", "127.0.0.1.evil.example"])
def test_63_a_host_that_is_not_ours(db: None, host: str) -> None:
    answer = Client().get("/sign-in", headers={"host": host})

    assert answer.status_code == 400


def test_63_who_sends_the_header_of_a_proxy_is_not_believed(db: None) -> None:
    """Django reads neither: only uvicorn does, and only from the proxy's own address."""
    answer = Client().get("/sign-in", headers={"x-forwarded-host": "evil.example", "x-forwarded-proto": "https"})

    assert answer.status_code == 200
    assert b"evil.example" not in answer.content
    assert not answer.wsgi_request.is_secure()


@pytest.mark.parametrize("language", ["../../", "x" * 5000, "de;q=nan", "\u0000", "*" * 300])
def test_66_a_language_that_there_is_not(world: World, signed_in: SignIn, language: str) -> None:
    ada = signed_in(world.ada)

    assert ada.get(f"{ada.org}/", headers={"accept-language": language}).status_code == 200


def test_16_of_many_one_that_is_foreign_changes_none(world: World, signed_in: SignIn) -> None:
    """Ids of one's own and one of somebody else's: the answer is that of an unknown id, and all stay."""
    noor = signed_in(world.noor)
    own = [str(make_item(world, f"{number}.jpg").pk) for number in range(3)]
    with tenant_tx(owner_context(world.elsewhere.id)):
        project = Project.objects.create(org_id=world.elsewhere.id, name="Eve's", created_at=timezone.now())
        dataset = Dataset.objects.create(org_id=world.elsewhere.id, project=project, name="Eve's")
        image = {"media_type": "image/png", "sha256": "0" * 64, "bytes": 1, "width": 9, "height": 9}
        common = {"org_id": world.elsewhere.id, "project": project, "dataset": dataset}
        foreign = Item.objects.create(**common, **image, name="eve.png")
    body = {"act": "delete", "selection": {"items": [*own, str(foreign.pk)]}}
    at = f"{noor.api}/projects/{world.project.pk}"

    assert code_of(noor.post(f"{at}/bulk_acts", body, content_type="application/json")) == (404, "not_found")
    assert len(noor.get(f"{at}/items").json()["results"]) == 3
    with tenant_tx(owner_context(world.elsewhere.id)):
        assert Item.objects.get().deleted_at is None
