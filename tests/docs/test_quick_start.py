"""The API quick start, run as it stands on the page: its shell blocks as one script, its Python blocks as another."""

import os
import re
import subprocess
import sys
from uuid import UUID

import pytest
from django.urls import get_resolver, resolve

from apps.core.errors import Refusal
from tests.installation import Installation

from .pages import DOCS, blocks

PAGE = DOCS / "api-quick-start.md"
SECONDS = 120
ROUTE = re.compile(r"`(?:GET|POST|PUT|PATCH|DELETE) ([a-z_/{}]+)`")
CODE = re.compile(r"`([a-z]+_[a-z_]+)`")


def run(command: list[str], script: str, url: str) -> str:
    """What the script prints; the test fails with what it complains of."""
    env = {"PATH": os.environ["PATH"], "TESSERA": url}
    done = subprocess.run(command, input=script, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.browser
def test_the_quick_start_does_what_it_says(installation: Installation) -> None:
    listed = run(["bash", "-eu"], "\n".join(blocks(PAGE, "sh")), installation.url)
    assert '"results":' in listed

    said = run([sys.executable, "-"], "\n".join(blocks(PAGE, "python")), installation.url)

    assert "lot-1.png: 1 objects, accepted" in said
    assert "2 pictures, 3 objects" in said
    accepted = "SELECT count(*) FROM unit u JOIN project p ON p.id = u.project_id WHERE p.name = 'Parked cars'"
    assert installation.rows(f"{accepted} AND u.state = 'accepted'") == [(2,)]


def test_every_operation_that_the_page_names_is_there() -> None:
    named = ROUTE.findall(PAGE.read_text())
    assert len(named) > 2
    for route in named:
        resolve("/api/v1/orgs/meadow/" + route.replace("{id}", str(UUID(int=0))))


def test_every_code_that_the_table_names_is_answered() -> None:
    table = "".join(line for line in PAGE.read_text().splitlines() if line.startswith("| 4"))
    named = set(CODE.findall(table))
    assert len(named) > 3
    assert get_resolver().url_patterns, "what the addresses import is what can refuse"
    assert named <= {refusal.code for refusal in _all_of(Refusal)}


def _all_of(refusal: type[Refusal]) -> list[type[Refusal]]:
    return [refusal, *(one for below in refusal.__subclasses__() for one in _all_of(below))]
