"""The one-time code of an installation without any organization (`apps/accounts/first_run.py`)."""

from pathlib import Path

import psycopg

from apps.accounts.first_run import end_code, make_code

from .ports import LOOPBACK

CONNECT_SECONDS = 5


def first_run_lines(database: str, folder: Path, port: int) -> list[str]:
    """What to print while nobody founded an organization: where to do so, and a new code. Otherwise nothing, and no
    code opens anything."""
    if _is_founded(database):
        end_code(folder)
        return []
    return [
        f"Tessera is empty. Make the first organization at http://{LOOPBACK}:{port}/first-run",
        f"One-time code: {make_code(folder)}",
    ]


def _is_founded(database: str) -> bool:
    with psycopg.connect(database, connect_timeout=CONNECT_SECONDS) as connection:
        row = connection.execute("SELECT app.is_founded()").fetchone()
    return bool(row and row[0])
