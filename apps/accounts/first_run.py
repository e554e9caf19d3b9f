"""The one-time code that proves, on an empty installation, that who opens its first page also sees its log.

Kept hashed in the var folder. The supervisor writes it and imports this without Django.
"""

import hashlib
import hmac
import json
import secrets
from pathlib import Path

FILE = "first_run.json"
# Crockford's base 32: no letter that can be taken for another; 12 of them are 60 random bits.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 12, 4
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


def make_code(folder: Path) -> str:
    """A new code, shown here only; the one before it is void."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    path = folder / FILE
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps({"digest": _digest(letters)}))
    return "-".join(letters[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def is_open(folder: Path) -> bool:
    """Whether a code waits to be used."""
    return (folder / FILE).exists()


def is_right(code: str, folder: Path) -> bool:
    """Whether this is the code, however it was typed."""
    try:
        kept = json.loads((folder / FILE).read_text())["digest"]
    except (OSError, ValueError, KeyError):
        return False
    return hmac.compare_digest(_digest(code.upper().translate(MISREAD)), kept)


def end_code(folder: Path) -> None:
    """No code opens anything any more."""
    (folder / FILE).unlink(missing_ok=True)


def _digest(letters: str) -> str:
    return hashlib.sha256(letters.encode()).hexdigest()
