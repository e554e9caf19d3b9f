"""Whether everyone can read the pages: contrast of the token pairs that the components use, in both themes."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text()
THEMES = ("light", "dark")
TEXT = 4.5
MARK = 3.0

GROUNDS = ("page", "surface", "raised", "sunken", "hover", "pressed")
STATES = ("good", "warn", "bad", "info")
TEXT_PAIRS = [
    *[(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in GROUNDS],
    *[(ink, f"{state}-soft") for state in STATES for ink in ("ink", "ink-2", state)],
    ("ink", "accent-soft"),
    ("ink-2", "accent-soft"),
    ("accent", "page"),
    ("accent", "surface"),
    ("good", "surface"),
    ("warn", "surface"),
    ("bad", "surface"),
    ("bad", "page"),
    ("on-action", "action"),
    ("on-action", "action-hover"),
    ("on-accent", "accent"),
]
MARK_PAIRS = [
    *[("edge", ground) for ground in ("page", "surface", "raised", "sunken")],
    *[("accent", ground) for ground in GROUNDS],
    *[(f"{state}-mark", ground) for state in STATES for ground in ("surface", f"{state}-soft")],
    *[(f"series-{number}", "surface") for number in (1, 2, 3)],
]


def colour(name: str, theme: str) -> str:
    """The value of a token in a theme, as #rrggbb."""
    pair = re.search(rf"--{name}:\s*light-dark\((#\w+),\s*(#\w+)\)", TOKENS)
    if pair:
        return pair[1 + THEMES.index(theme)]
    single = re.search(rf"--{name}:\s*(#\w{{6}})\b", TOKENS)
    assert single, f"--{name} is not a colour in tokens.css"
    return single[1]


def contrast(one: str, other: str) -> float:
    """The WCAG ratio of two colours."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(code: str) -> float:
    channels = (int(code[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_ratio_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#ffffff", "#ffffff") == 1


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_can_be_read_on_its_ground(text: str, ground: str, theme: str) -> None:
    assert contrast(colour(text, theme), colour(ground, theme)) >= TEXT


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("mark", "ground"), MARK_PAIRS)
def test_a_mark_stands_out_from_its_ground(mark: str, ground: str, theme: str) -> None:
    assert contrast(colour(mark, theme), colour(ground, theme)) >= MARK


@pytest.mark.parametrize("number", range(1, 21))
def test_a_label_carries_black_text(number: int) -> None:
    ink, ground = colour(f"label-{number}-ink", "light"), colour(f"label-{number}", "light")
    assert contrast(ink, ground) >= TEXT


def test_no_component_makes_up_a_colour_of_its_own() -> None:
    # Black and white with alpha are shades of what lies below, not colours: swatch edges and the dialog's backdrop.
    shades = re.compile(r"#(?:000|0b0c0e)[0-9a-f]{0,2}\b")
    sources = [path for path in CSS.rglob("*.css") if path.name not in {"tokens.css", "editor.css"}]
    made_up = [
        (path.name, code)
        for path in sources
        for code in re.findall(r"#[0-9a-fA-F]{3,8}\b", path.read_text())
        if not shades.fullmatch(code)
    ]
    assert len(sources) >= 5
    assert made_up == []


def test_every_token_that_a_component_uses_exists() -> None:
    used = {
        name
        for path in CSS.rglob("*.css")
        if path.name != "editor.css"
        for name in re.findall(r"var\(--([\w-]+)", path.read_text())
    }
    assert used <= set(re.findall(r"--([\w-]+):", TOKENS))
