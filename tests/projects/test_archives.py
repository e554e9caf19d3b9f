"""Zip archives: good ones open, evil ones are refused before anything is unpacked."""

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.projects.pictures import archives
from apps.projects.pictures.rules import PictureRefused
from tests.projects.pictures import link, picture, with_entries_on_one_spot, with_flag, with_stated_size, zipped

Send = Callable[..., dict[str, Any]]
ENCRYPTED = 0x1


def outcomes(report: dict[str, Any]) -> dict[str, str]:
    """What became of each file, by name."""
    return {entry["name"]: entry["error"]["code"] if entry["error"] else entry["state"] for entry in report["results"]}


def test_three_good_pictures_and_a_bad_one_are_told_apart(upload: Send) -> None:
    members = [(f"lots/{number}.png", picture(seed=number)) for number in range(3)]
    report = upload(**{"lots.zip": zipped(*members, ("lots/notes.txt", b"words"), ("lots/", b""))})

    assert outcomes(report) == {
        "lots.zip": "opened",
        "lots/0.png": "imported",
        "lots/1.png": "imported",
        "lots/2.png": "imported",
        "lots/notes.txt": "unsupported_image_type",
    }


def test_twins_by_name_are_both_kept(upload: Send) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive = zipped(("a.png", picture(seed=1)), ("a.png", picture(seed=2)), ("A.png", picture(seed=3)))
    report = upload(**{"x.zip": archive})

    assert [entry["state"] for entry in report["results"]] == ["opened", "imported", "imported", "imported"]


def test_what_systems_leave_in_archives_is_passed_over(upload: Send) -> None:
    litter = [("__MACOSX/._a.png", b"x"), (".DS_Store", b"x"), ("in/Thumbs.db", b"x")]

    assert len(upload(**{"x.zip": zipped(("a.png", picture()), *litter)})["results"]) == 2


EVIL: list[tuple[tuple[str | zipfile.ZipInfo, bytes], str]] = [
    (("../../x.png", picture()), "unsafe_path"),
    (("/abs.png", picture()), "unsafe_path"),
    (("C:\\x.png", picture()), "unsafe_path"),
    (("a\\..\\..\\x.png", picture()), "unsafe_path"),
    (link("passwd.png", "/etc/passwd"), "unsafe_entry"),
    (("inner.zip", zipped(("a.png", picture()))), "unsafe_entry"),
    (("empty.png", b""), "empty_file"),
]


def test_evil_members_are_refused_and_the_others_are_not(upload: Send) -> None:
    report = upload(**{"x.zip": zipped(*(member for member, _ in EVIL), ("good.png", picture()))})

    _, *evil, good = report["results"]
    assert [entry["error"]["code"] for entry in evil] == [code for _, code in EVIL]
    assert good["state"] == "imported"


def test_the_entry_with_an_unsafe_path_is_named_by_its_number(upload: Send) -> None:
    report = upload(**{"x.zip": zipped(("good.png", picture()), ("../x.png", picture()))})

    assert report["results"][2]["error"]["message"].startswith("Entry 2: ")


def test_nothing_is_written_outside(upload: Send, tmp_path: Path) -> None:
    canary = tmp_path / "canary.png"
    upload(**{"x.zip": zipped((str(canary), picture()), ("../" * 12 + str(canary)[1:], picture()))})

    assert not canary.exists()


def test_encrypted_members_are_refused(upload: Send) -> None:
    report = upload(**{"x.zip": with_flag(zipped(("a.png", picture())), ENCRYPTED)})

    assert outcomes(report)["a.png"] == "encrypted_archive"


GOOD = zipped(("a.png", picture()), packed=True)


@pytest.mark.parametrize(
    ("archive", "code"),
    [
        (GOOD[: len(GOOD) // 2], "corrupt_archive"),
        (b"PK\x03\x04" + bytes(200), "corrupt_archive"),
        (zipped(("zeros", bytes(60_000_000)), packed=True), "archive_too_large"),
        (with_stated_size(GOOD, 0xFFFFFFF0), "archive_too_large"),
        (with_entries_on_one_spot(zipped(("a.png", picture()), ("b.png", picture(seed=2)))), "archive_too_large"),
        (b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 60_000, 60_000, 10, 0, 0), "archive_too_large"),
    ],
)
def test_an_evil_archive_is_refused_whole(upload: Send, archive: bytes, code: str) -> None:
    report = upload(**{"x.zip": archive, "good.png": picture()})

    assert [entry["error"]["code"] if entry["error"] else "" for entry in report["results"]] == [code, ""]


@pytest.mark.parametrize("stated", [10, 3000])
def test_a_member_that_is_not_as_long_as_it_says_is_refused(upload: Send, stated: int) -> None:
    report = upload(**{"x.zip": with_stated_size(GOOD, stated)})

    assert outcomes(report)["a.png"] == "corrupt_archive"


def test_an_empty_archive_is_opened_and_gives_nothing(upload: Send) -> None:
    assert outcomes(upload(**{"x.zip": zipped()})) == {"x.zip": "opened"}


def test_more_members_than_are_allowed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    path = tmp_path / "x.zip"
    path.write_bytes(zipped(*((f"{number}", b"x") for number in range(4))))

    with pytest.raises(PictureRefused, match=r"10,000 entries"):
        archives.members_of(path)


def test_a_member_is_never_longer_than_it_says(tmp_path: Path) -> None:
    path, target = tmp_path / "x.zip", tmp_path / "out"
    path.write_bytes(with_stated_size(zipped(("a", bytes(5_000_000)), packed=True), 1000))

    with pytest.raises(PictureRefused):
        archives.extract(path, 0, target)
    assert target.stat().st_size <= 2 * 1024**2
    assert zipfile.is_zipfile(path)
