"""Bringing a saved installation back into an empty one: roles, database, files and secrets, all compared at the end."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .backup import (
    DUMP,
    FILES,
    MANIFEST,
    SECRETS,
    at_hand,
    copy_secret,
    digest_of,
    extent_of,
    files_of,
    place_of,
    program,
    run,
)
from .home import Home
from .inventory import TABLES, difference, inventory_of
from .provision import LOGIN_ROLES, as_admin, provision, url_for
from .refusal import CannotStart


def restore(home: Home, given: Mapping[str, str], folder: Path) -> None:
    """Raises CannotStart with what is in the way, or with the first thing that is not as it was saved."""
    manifest = _manifest_of(folder)
    _refuse_taken(home, given)
    _bring_secrets(home, folder / SECRETS)
    with at_hand(home, given) as admin:
        name, passwords = urlsplit(admin).path.strip("/"), home.secrets()
        server = admin if given.get("DATABASE_URL") else url_for(admin, database="postgres")
        provision(server, database=name, passwords={role: passwords[role] for role in LOGIN_ROLES})
        _refuse_filled(admin)
        place, password = place_of(admin)
        command = [program("pg_restore", given), *place, "--exit-on-error", str(folder / DUMP)]
        run(command, password, "The database could not be restored:")
        with as_admin(admin) as connection:
            found = inventory_of(connection)
    files = files_of(home, given)
    if files and (folder / FILES).exists():
        shutil.copytree(folder / FILES, files, symlinks=True, dirs_exist_ok=True)
    if wrong := difference(manifest["inventory"], found):
        raise CannotStart(f"The restored database differs from the saved one. {wrong}")
    print(
        f"Restored {sum(found['rows'].values()):,} rows and {manifest['files']:,} files, saved {manifest['made_at']}."
    )
    print("All tables, policies, functions and keys are as they were saved. Now `make start`.")


def _manifest_of(folder: Path) -> Any:
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        dump, extent = manifest["dump"], (manifest["files"], manifest["bytes"])
    except (OSError, ValueError, KeyError) as error:
        raise CannotStart(f"{folder} holds no whole backup: its {MANIFEST} cannot be read.") from error
    if not (folder / DUMP).exists() or digest_of(folder / DUMP) != dump:
        raise CannotStart(f"The backup in {folder} was changed or cut off: {DUMP} is not the one that was saved.")
    if extent_of(folder / FILES) != extent or not (folder / SECRETS).exists():
        raise CannotStart(f"The backup in {folder} was changed or cut off: its files are not all that were saved.")
    return manifest


def _refuse_taken(home: Home, given: Mapping[str, str]) -> None:
    files = files_of(home, given)
    taken = [home.path / "postgres"] if not given.get("DATABASE_URL") else []
    for path in [*taken, *([files] if files else [])]:
        if path.exists() and any(path.iterdir()):
            raise CannotStart(f"{path} is not empty. Restore into a new folder: set TESSERA_VAR, or move {path} away.")


def _refuse_filled(admin: str) -> None:
    with as_admin(admin) as connection:
        if connection.execute(TABLES).fetchone():
            raise CannotStart("The database of DATABASE_URL holds tables already. Name an empty one.")


def _bring_secrets(home: Home, saved: Path) -> None:
    kept = home.path / SECRETS
    if not kept.exists():
        copy_secret(saved, kept)
    elif kept.read_bytes() != saved.read_bytes():
        raise CannotStart(f"{kept} holds other secrets than the backup. Move it away, or set TESSERA_VAR.")
