"""The Markdown pages of this repository, as far as tests look into them."""

import re
from pathlib import Path

from config.environment import ROOT

DOCS = ROOT / "docs"
FENCED = re.compile(r"^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a language, in the order of the page."""
    return [found["code"] for found in FENCED.finditer(page.read_text()) if found["language"] == language]


def row_names(page: Path, heading: str) -> set[str]:
    """What stands in the first column of the table that begins with this heading, each name in backticks."""
    table = page.read_text().partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    first = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")]
    return {name for cell in first for name in re.findall(r"`([^`]+)`", cell)}
