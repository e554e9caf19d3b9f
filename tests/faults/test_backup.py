"""The drill: a running Tessera is saved, brought back elsewhere, and goes on with its people, work and pictures."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from apps.accounts.demo import PASSWORD
from config.supervisor.programs import ROOT
from tests.installation import PRIVATE, Installation, running, wait_until

pytestmark = pytest.mark.faults
ITEMS = "SELECT count(*) FROM item"
READ = "SELECT count(*) > 0 AND bool_and(state = 'done') FROM inference"


def tessera(act: str, folder: Path, var: Path) -> str:
    """What the command says."""
    kept = {name: value for name, value in os.environ.items() if name not in PRIVATE}
    done = subprocess.run(
        [sys.executable, "-m", "config.supervisor", act, str(folder)],
        env=kept | {"TESSERA_VAR": str(var)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_installation_comes_back_from_its_backup(installation: Installation, tmp_path: Path) -> None:
    wait_until(lambda: installation.rows(READ) == [(True,)], 120)
    tessera("backup", tmp_path / "saved", installation.folder)
    said = tessera("restore", tmp_path / "saved", tmp_path / "var")
    assert "All tables, policies, functions and keys are as they were saved." in said
    with running(tmp_path / "var", mode="start") as restored, httpx.Client(base_url=restored.url) as client:
        assert restored.rows(ITEMS) == installation.rows(ITEMS) != [(0,)]
        body = {"email": "noor@northlot.example", "password": PASSWORD, "name": "drill"}
        token = client.post("/api/v1/tokens", json=body).json()["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        ((item,),) = restored.rows("SELECT id FROM item ORDER BY id LIMIT 1")
        picture = client.get(f"/api/v1/orgs/northlot/items/{item}/image?size=thumb", headers=bearer)
        assert picture.status_code == 200
        assert picture.headers["Content-Type"].startswith("image/")
