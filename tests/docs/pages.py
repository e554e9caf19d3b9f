"""The Markdown pages of this repository, as far as tests look into them."""

import re
from pathlib import Path

from config.environment import ROOT

DOCS = ROOT / "docs"
FENCED = re.compile(r"^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a language, in the order of the page."""
    return [found["code"] for found in FENCED.finditer(page.read_text()) if found["language"] == language]
