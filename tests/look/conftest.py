"""Pages of an empty and of a full world."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apps.accounts.first_run import make_code
from tests.people import World

from .filled import fill
from .kept import Kept, gather
from .places import STRANGER, Page


@pytest.fixture
def before(db: None, settings: Any, tmp_path: Path) -> Kept:
    """The page of an installation in which there is nobody yet; asked for before there is a world."""
    settings.VAR = tmp_path
    make_code(tmp_path)
    kept = Kept()
    kept.keep(Client(), Page("/first-run", (STRANGER,)), "/first-run")
    return kept


@pytest.fixture
def empty(before: Kept, world: World) -> Kept:
    """What one sees before anything was done."""
    return gather(world, before)


@pytest.fixture
def full(world: World) -> Kept:
    """What one sees in full swing."""
    fill(world)
    return gather(world, Kept())
