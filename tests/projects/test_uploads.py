"""From files to items: what is taken, what is refused and why, and that one bad file spoils nothing."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from apps.accounts.models import User
from apps.accounts.selectors import Member
from apps.accounts.services import issue_token
from apps.activity.models import ActivityEvent, AuditEvent
from apps.core.tenancy import Context, owner_context, tenant_tx
from apps.jobs.actors import RunLost
from apps.projects import services
from apps.projects.models import Item, Upload, UploadEntry
from apps.projects.services.uploads import shown_name
from tests.people import World
from tests.projects.pictures import picture, plain, png_bomb, png_with_text_bomb, turned

SignIn = Callable[[Member], Client]
Send = Callable[..., dict[str, Any]]


def grey_at(image: Image.Image, x: int, y: int) -> int:
    """How bright a pixel is."""
    return image.convert("L").tobytes()[y * image.width + x]


def shown(client: Any, path: str) -> Image.Image:
    """A served picture, decoded."""
    answer = client.get(client.api + path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg"), answer.content
    return Image.open(io.BytesIO(b"".join(answer)))


def test_a_picture_becomes_an_item_that_the_vendor_sees(world: World, upload: Send, signed_in: SignIn) -> None:
    report = upload(**{"car.png": picture()})

    (entry,) = report["results"]
    assert (report["state"], entry["state"], entry["error"]) == ("done", "imported", None)
    ada: Any = signed_in(world.ada)
    item = ada.get(f"{ada.api}/items/{entry['item']}").json()
    assert (item["name"], item["width"], item["height"], item["media_type"]) == ("car.png", 40, 20, "image/png")
    for path in ("image?size=thumb", "image?size=preview", "tiles/0/0/0"):
        assert shown(ada, f"/items/{item['id']}/{path}").size == (40, 20)


def test_the_original_lies_under_its_digest_and_what_came_in_is_gone(world: World, upload: Send) -> None:
    content = picture()
    upload(**{"a.png": content, "same again.png": content})

    with tenant_tx(owner_context(world.parking.id)):
        first, second = Item.objects.order_by("id")
        paths = set(UploadEntry.objects.values_list("path", flat=True))
    assert first.sha256 == second.sha256
    assert (first.name, second.name) == ("a.png", "same again.png")
    with default_storage.open(f"org/{world.parking.id}/blob/{first.sha256[:2]}/{first.sha256}") as blob:
        assert blob.read() == content
    assert not any(default_storage.exists(path) for path in paths)


def test_every_step_leaves_its_row(world: World, upload: Send) -> None:
    upload(**{"a.png": picture(), "b.png": b""})

    with tenant_tx(owner_context(world.parking.id)):
        finished = AuditEvent.objects.get(verb="upload.finish")
        assert AuditEvent.objects.filter(verb="upload.create").count() == 1
        measured = ActivityEvent.objects.get(kind="upload.finished")
    assert finished.details == measured.payload == {"imported": 1, "refused": 1}


def test_pictures_are_upright_everywhere_and_say_nothing_of_where(
    world: World, upload: Send, signed_in: SignIn
) -> None:
    report = upload(**{f"{orientation}.jpg": turned(orientation) for orientation in range(1, 9)})

    client: Any = signed_in(world.noor)
    white = {1: (4, 10), 2: (36, 10), 3: (36, 10), 4: (4, 10), 5: (10, 4), 6: (10, 4), 7: (10, 36), 8: (10, 36)}
    for orientation, entry in enumerate(report["results"], start=1):
        item = client.get(f"{client.api}/items/{entry['item']}").json()
        size = (20, 40) if orientation >= 5 else (40, 20)
        assert (item["width"], item["height"]) == size
        preview = shown(client, f"/items/{item['id']}/image?size=preview")
        assert preview.size == size
        assert not preview.getexif()
        assert grey_at(preview, *white[orientation]) > 200, orientation


def test_six_formats_are_taken_whatever_their_names(upload: Send) -> None:
    report = upload(**{f"{kind}.bin": picture(kind=kind) for kind in ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")})

    assert [entry["state"] for entry in report["results"]] == ["imported"] * 6


GREYS = [
    (plain("1", 1), 255),
    (plain("L", 100), 100),
    (plain("LA", (0, 0)), 255),
    (plain("RGBA", (0, 0, 0, 0)), 255),
    (plain("I;16", 100 * 256), 100),
    (plain("CMYK", (0, 0, 0, 155), "TIFF"), 100),
    (plain("P", 0, "GIF"), 0),
]


def test_pixel_formats_are_converted(world: World, upload: Send, signed_in: SignIn) -> None:
    report = upload(**{f"{number}": content for number, (content, _) in enumerate(GREYS)})

    client = signed_in(world.noor)
    for entry, (_, grey) in zip(report["results"], GREYS, strict=True):
        assert grey_at(shown(client, f"/items/{entry['item']}/image"), 4, 4) == pytest.approx(grey, abs=3)


def test_of_an_animation_the_first_frame_is_taken(world: World, upload: Send, signed_in: SignIn) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("white", "black", "black")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    (entry,) = upload(**{"a.gif": buffer.getvalue()})["results"]

    assert grey_at(shown(signed_in(world.noor), f"/items/{entry['item']}/image"), 4, 4) > 250


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"
JPEG = picture(200, 200, "JPEG")


BAD = [
    (b"", "empty_file"),
    (b"x", "unsupported_image_type"),
    (b"hello, this is text", "unsupported_image_type"),
    (SVG, "unsupported_image_type"),
    (EPS, "unsupported_image_type"),
    (b"8BPS\x00\x01" + bytes(50), "unsupported_image_type"),
    (JPEG[: len(JPEG) // 2], "corrupt_image"),
    (JPEG[:3], "corrupt_image"),
    (picture(100, 100)[:-40], "corrupt_image"),
    (picture(100, 100, "WEBP")[:200], "corrupt_image"),
    (picture(100, 100, "TIFF")[:9000], "corrupt_image"),
    (picture(100, 100, "BMP")[:9000], "corrupt_image"),
    (picture(100, 100, "GIF")[:2000], "corrupt_image"),
    (b"\x89PNG\r\n\x1a\n" + bytes(100), "corrupt_image"),
    (png_with_text_bomb(), "corrupt_image"),
    (png_bomb(13_000), "image_too_large"),
    (png_bomb(33_000, rows=10), "image_too_large"),
    (plain("F", 0.5, "TIFF"), "unsupported_pixel_format"),
    (plain("I", 5, "TIFF"), "unsupported_pixel_format"),
]


def test_what_is_no_good_picture_is_refused_by_name_and_spoils_nothing(upload: Send) -> None:
    report = upload(**{f"{number}.jpg": content for number, (content, _) in enumerate(BAD)}, **{"good": picture()})

    *bad, good = report["results"]
    assert [entry["error"]["code"] for entry in bad] == [code for _, code in BAD]
    assert {entry["state"] for entry in bad} == {"refused"}
    assert {entry["item"] for entry in bad} == {None}
    assert all(entry["error"]["message"].endswith(".") for entry in bad)
    assert good["state"] == "imported"


def test_what_hides_behind_a_picture_is_not_served(world: World, upload: Send, signed_in: SignIn) -> None:
    (entry,) = upload(**{"a.gif": picture(kind="GIF") + b"<script>alert(1)</script>"})["results"]

    client: Any = signed_in(world.noor)
    for path in ("image?size=thumb", "image?size=preview", "tiles/0/0/0"):
        assert b"<script" not in client.get(f"{client.api}/items/{entry['item']}/{path}").content


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        (" ", "unnamed"),
        ("\0", "unnamed"),
        ("CON.png", "CON.png"),
        (".htaccess", ".htaccess"),
        ("../../x.png", "../../x.png"),
        ("x" * 400 + ".png", "x" * 300),
        ("a\u202egnp.exe", "agnp.exe"),
        ("cafe\u0301.png", "caf\u00e9.png"),
        ("<img src=x>.png", "<img src=x>.png"),
    ],
)
def test_names_are_text_to_be_shown(name: str, kept: str) -> None:
    assert shown_name(name) == kept


def test_stored_names_are_ours(world: World, signed_in: SignIn) -> None:
    client: Any = signed_in(world.noor)
    parts = [SimpleUploadedFile(name, picture()) for name in (".htaccess", "CON.png")]
    client.post(f"{client.api}/datasets/{world.dataset.id}/uploads", {"files": parts})

    with tenant_tx(owner_context(world.parking.id)):
        paths = UploadEntry.objects.order_by("number").values_list("path", flat=True)
        assert [Path(path).name for path in paths] == ["1", "2"]


def test_a_run_that_died_halfway_is_taken_up_where_it_stopped(world: World, signed_in: SignIn, owner: Context) -> None:
    client: Any = signed_in(world.noor)
    parts = [SimpleUploadedFile(f"{number}.png", picture(seed=number)) for number in range(3)]
    answer = client.post(f"{client.api}/datasets/{world.dataset.id}/uploads", {"files": parts}).json()
    upload_id = UUID(answer["id"])

    def die_after_two(done: int, total: int | None) -> None:
        if done == 2:
            raise RunLost

    with pytest.raises(RunLost):
        services.ingest_upload(upload_id=upload_id, context=owner, progress=die_after_two)
    seen: list[tuple[int, int | None]] = []
    counts = services.ingest_upload(
        upload_id=upload_id, context=owner, progress=lambda done, total: seen.append((done, total))
    )
    assert counts == {"imported": 3, "refused": 0}
    assert seen == [(2, 3), (3, 3)]
    again = services.ingest_upload(upload_id=upload_id, context=owner, progress=lambda done, total: None)
    assert again == counts
    with tenant_tx(owner):
        assert Item.objects.count() == 3
        assert AuditEvent.objects.filter(verb="upload.finish").count() == 1


def test_a_cancelled_upload_keeps_what_was_done_and_says_what_was_not(
    world: World, signed_in: SignIn, owner: Context
) -> None:
    client: Any = signed_in(world.noor)
    parts = [SimpleUploadedFile(f"{number}.png", picture(seed=number)) for number in range(2)]
    answer = client.post(f"{client.api}/datasets/{world.dataset.id}/uploads", {"files": parts}).json()

    def cancel_after_one(done: int, total: int | None) -> None:
        if done == 1:
            raise RunLost

    with pytest.raises(RunLost):
        services.ingest_upload(upload_id=UUID(answer["id"]), context=owner, progress=cancel_after_one)
    with tenant_tx(owner):
        services.close_upload(upload_id=UUID(answer["id"]), code="", message="")
    first, second = client.get(f"{client.api}/uploads/{answer['id']}").json()["results"]
    assert (first["state"], second["state"], second["error"]["code"]) == ("imported", "refused", "cancelled")


def test_a_repeated_request_makes_one_upload(world: World, signed_in: SignIn) -> None:
    client: Any = signed_in(world.noor)

    def send(content: bytes) -> Any:
        return client.post(
            f"{client.api}/datasets/{world.dataset.id}/uploads",
            {"files": [SimpleUploadedFile("a.png", content)]},
            headers={"Idempotency-Key": "one"},
        )

    first, again, other = send(picture()), send(picture()), send(picture(seed=2))
    assert first.json() == again.json()
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_mismatch")
    with tenant_tx(owner_context(world.parking.id)):
        assert Upload.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        ({}, None, 422, "no_files"),
        ({"other": "x"}, None, 422, "no_files"),
        ('{"files": []}', "application/json", 422, "no_files"),
        (b"--x\r\nbroken", "multipart/form-data", 400, "invalid_multipart"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=" + "x" * 300, 400, "invalid_multipart"),
    ],
)
def test_a_request_without_files_is_refused(
    world: World, signed_in: SignIn, body: Any, media_type: str | None, status: int, code: str
) -> None:
    client: Any = signed_in(world.noor)
    more = {"content_type": media_type} if media_type else {}
    answer = client.post(f"{client.api}/datasets/{world.dataset.id}/uploads", body, **more)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_files_from_a_page_that_is_not_ours_are_refused(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(pk=world.noor.id))
    path = f"/api/v1/orgs/parking/datasets/{world.dataset.id}/uploads"

    def send(**headers: str) -> Any:
        return client.post(path, {"files": [SimpleUploadedFile("a.png", picture())]}, headers=headers)

    refused = send()
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "csrf_failed")
    token = "a" * 32
    client.cookies["csrftoken"] = token
    assert send(**{"X-CSRFToken": token}).status_code == 202


def test_a_personal_token_uploads_without_a_cookie(world: World) -> None:
    token = issue_token(person_id=world.noor.id, name="script", organizations=["parking"])
    answer = Client(enforce_csrf_checks=True).post(
        f"/api/v1/orgs/parking/datasets/{world.dataset.id}/uploads",
        {"files": [SimpleUploadedFile("a.png", picture())]},
        headers={"Authorization": f"Bearer {token.secret}"},
    )

    assert answer.status_code == 202


def test_too_many_files_are_refused(world: World, signed_in: SignIn, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    client: Any = signed_in(world.noor)
    parts = [SimpleUploadedFile(f"{number}.png", b"x") for number in range(4)]
    answer = client.post(f"{client.api}/datasets/{world.dataset.id}/uploads", {"files": parts})

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_many_files")


def test_too_many_bytes_are_refused(world: World, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.core.uploads.LARGEST_UPLOAD", 1000)
    client: Any = signed_in(world.noor)
    parts = [SimpleUploadedFile("a.png", bytes(2000))]
    answer = client.post(f"{client.api}/datasets/{world.dataset.id}/uploads", {"files": parts})

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


def test_files_where_none_are_expected_are_cut_off(
    world: World, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.core.uploads.LARGEST_FORM", 1000)
    client: Any = signed_in(world.noor)
    answer = client.post(f"{client.api}/projects", {"files": [SimpleUploadedFile("a.png", bytes(2000))]})

    assert answer.status_code in {413, 415}


def test_only_builders_of_the_owner_read_reports(world: World, upload: Send, signed_in: SignIn) -> None:
    report = upload(**{"a.png": picture()})

    for person, status in ((world.noor, 200), (world.max, 403), (world.ada, 403), (world.eve, 404)):
        client: Any = signed_in(person)
        assert client.get(f"{client.api}/uploads/{report['id']}").status_code == status
