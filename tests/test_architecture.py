"""Ceilings and promises that no linter knows: sizes, HTTP below the views, pins, no addresses of registries."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE_LINES, TEST_LINES, EDITOR_LINES, FUNCTION_LINES = 400, 800, 250, 40
README_LINES = 60
SIZED = {".py", ".js", ".ts", ".css", ".html", ".sql"}
# Modules that must work the same for a page, a job and a command.
BELOW_HTTP = {"services", "selectors", "models"}
HTTP = ("django.http", "django.shortcuts", "django.views", "rest_framework", "channels")


def _tracked() -> list[Path]:
    """What git has or would take: no built or installed files."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def _ceiling(path: Path) -> int:
    parts = path.relative_to(ROOT).parts
    if parts[0] == "tests":
        return TEST_LINES
    return EDITOR_LINES if parts[:2] == ("static", "editor") else SOURCE_LINES


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in _tracked():
        # Migrations are written once, by a tool, and never read as prose.
        if path.suffix == ".py" and "migrations" not in path.parts:
            yield path, ast.parse(path.read_text(), filename=str(path))


def test_no_file_is_longer_than_its_ceiling():
    sized = [path for path in _tracked() if path.suffix in SIZED and "migrations" not in path.parts]
    lengths = {path: len(path.read_text().splitlines()) for path in sized}

    assert not {str(path): length for path, length in lengths.items() if length > _ceiling(path)}


def test_no_function_is_longer_than_forty_lines():
    long = {}
    for path, module in _modules():
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    long[f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"] = length

    assert not long


def test_services_selectors_and_models_know_nothing_of_http():
    guilty = []
    for path, module in _modules():
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[0] != "apps" or not BELOW_HTTP & set(parts[2:3]):
            continue
        guilty += [f"{path.relative_to(ROOT)}: {name}" for name in _imports(module) if name.startswith(HTTP)]

    assert not guilty


def _imports(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_every_direct_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    direct = {_plain(name) for group in groups for name in group}
    pinned = {_plain(line) for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line}

    assert direct <= pinned


def _plain(requirement: str) -> str:
    name = re.split(r"[\[=<>]", requirement)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", ["package-lock.json", "constraints.txt", "pyproject.toml", "package.json", ".npmrc"])
def test_no_registry_is_named(name):
    text = (ROOT / name).read_text()

    assert not re.findall(r"https?://[^\s\"']+", text)
    assert "index-url" not in text


def test_the_commands_of_the_readme_are_those_that_are_run():
    readme, makefile = (ROOT / "README.md").read_text(), (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))

    assert {"demo", "test"} <= set(re.findall(r"(?:`|^    )make ([a-z]+)", readme, re.MULTILINE)) <= targets
    assert "exec make test" in (ROOT / ".ci" / "run").read_text()
    assert len(readme.splitlines()) <= README_LINES
