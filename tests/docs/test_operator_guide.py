"""The operator guide names what there is: every variable, process, database role and command, and no others."""

import re
from collections.abc import Iterator

import pytest
from django.core.management import get_commands

from config.environment import ROOT
from config.supervisor.provision import ROLES

from .pages import DOCS, row_names

PAGE = DOCS / "operator-guide.md"
READ = re.compile(
    r"""(?:environ(?:\.get|\.setdefault)?[\[(]|environment\.\w+\(|given\.get\(|given\[|connection_to\()\s*"([A-Z_]+)\""""
)
NOT_OURS = {"PATH", "DETECTORS_READY"}  # the system's, and a note between two children of the supervisor


def variables_read() -> Iterator[str]:
    """By the text: a variable that no line reads is no variable."""
    for folder in ("apps", "config", "gpu_worker"):
        for path in (ROOT / folder).rglob("*.py"):
            yield from READ.findall(path.read_text())


def test_the_table_of_variables_is_whole() -> None:
    assert row_names(PAGE, "variable") == set(variables_read()) - NOT_OURS


def test_the_roles_are_those_that_the_server_gets() -> None:
    made = set(re.findall(r"^    \('(app_\w+)'", ROLES.read_text(), re.MULTILINE))

    assert set(re.findall(r"`(app_\w+)`", PAGE.read_text())) == made


def test_every_command_of_ours_is_named_and_every_command_named_is_there() -> None:
    known = get_commands()
    ours = {name for name, app in known.items() if app.startswith("apps.")}
    named = set(re.findall(r"manage\.py (\w+)", PAGE.read_text()))

    assert ours <= named <= set(known)


@pytest.mark.parametrize("name", ["README.md", "docs/operator-guide.md"])
def test_make_targets_that_a_page_names_are_there(name: str) -> None:
    named = re.findall(r"(?:^    |`)make ([a-z]+)", (ROOT / name).read_text(), re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text()

    assert "start" in named
    assert [target for target in named if f"\n{target}:" not in makefile] == []
