"""Whether the database and the built files already fit this code: then a start skips their preparation.

The mark lies on the database itself (its comment), so it cannot outlive another database of the same name, and in the
var folder, for the static files and the list of sign-ins that lie there.
"""

import hashlib
from pathlib import Path

from psycopg import sql

from .home import Home
from .programs import ROOT
from .provision import as_admin

# Whatever migrations, seed and static files are made of.
SOURCES: tuple[str, ...] = ("apps", "config", "docs/guides/img", "gpu_worker", "static")
LOCKS = ("constraints.txt", "package-lock.json")


class Preparation:
    """Compares this code, run in this variant (the mode and its options), with what was prepared last."""

    def __init__(self, home: Home, admin_url: str, *, variant: str) -> None:
        self._file = home.run_folder / "prepared"
        self._admin_url = admin_url
        self._mark = f"{variant} {digest_of(ROOT)}"

    @property
    def is_done(self) -> bool:
        return self._file.exists() and self._file.read_text() == self._mark == self._comment()

    def note_done(self) -> None:
        """Call after everything succeeded."""
        with as_admin(self._admin_url) as connection:
            name = sql.Identifier(connection.info.dbname)
            connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(self._mark)))
        self._file.write_text(self._mark)

    def _comment(self) -> str | None:
        query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        with as_admin(self._admin_url) as connection:
            row = connection.execute(query).fetchone()
        return row[0] if row else None


def digest_of(root: Path) -> str:
    """One hash over names and contents of everything that preparation reads."""
    total = hashlib.sha256()
    paths = [path for name in SOURCES for path in (root / name).rglob("*") if path.is_file() and path.suffix != ".pyc"]
    for path in sorted(paths) + [root / name for name in LOCKS if (root / name).exists()]:
        total.update(f"{path.relative_to(root)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
