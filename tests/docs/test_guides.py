"""The guides: one for each role, short, with pictures that the script can take, and links that lead somewhere."""

import re
from pathlib import Path

import pytest
from PIL import Image

from apps.core.roles import Role
from config.environment import ROOT
from docs.screenshots.shots import SHOTS

from .pages import DOCS

GUIDES = DOCS / "guides"
PICTURES = GUIDES / "img"
PAGES = [*GUIDES.glob("*.md"), *DOCS.glob("*.md"), ROOT / "README.md", ROOT / "ARCHITECTURE.md"]
TWO_SCREENS = 60
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
SHOWN = re.compile(r"!\[[^\]]+\]\(img/([a-z-]+)\.png\)")


def shown() -> set[str]:
    """The pictures that guides show, each with words for those who do not see it."""
    return {name for page in GUIDES.glob("*.md") for name in SHOWN.findall(page.read_text())}


@pytest.mark.parametrize("role", Role.values)
def test_each_role_has_a_guide_of_two_screens(role: str) -> None:
    text = (GUIDES / f"{role}.md").read_text()

    assert text.startswith(f"# For {role}s\n")
    assert len(text.splitlines()) <= TWO_SCREENS
    assert f"guides/{role}.md" in (DOCS / "README.md").read_text()


def test_the_script_takes_the_pictures_that_guides_show_and_no_others() -> None:
    assert shown() == set(SHOTS)


@pytest.mark.parametrize("name", sorted(SHOTS))
def test_a_picture_is_there_and_small(name: str) -> None:
    path = PICTURES / f"{name}.png"

    assert path.stat().st_size <= 150_000
    with Image.open(path) as picture:
        assert picture.size == (1440, 900)


def test_no_other_picture_lies_beside_them() -> None:
    assert {path.stem for path in PICTURES.iterdir()} == set(SHOTS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        assert target.startswith("https://") or (page.parent / target).exists(), target
