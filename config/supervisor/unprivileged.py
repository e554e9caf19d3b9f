"""How PostgreSQL, which refuses to run as root, runs when we are root.

First choice is a user namespace in which root bears another number: nothing on the machine changes and files stay
root's. Where the kernel or the container forbids that, the server runs as the user `nobody`.
"""

import ctypes
import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .refusal import CannotStart

CLONE_NEWUSER = 0x10000000
# Loaded here, not after the fork, where only a little is safe.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Guise:
    """What to pass to a Child: a user to become, or what to do before exec. Both None: run as we are."""

    user: int | None = None
    before_exec: Callable[[], None] | None = None


def guise() -> Guise:
    """How to start a server that must not be root; raises CannotStart where there is no way."""
    if os.geteuid() != 0:
        _refuse_nameless(os.geteuid())
        return Guise()
    inside = _a_named_user()
    enter = _namespace_of(inside)
    if _libc is not None and _works(enter):
        return Guise(before_exec=enter)
    return Guise(user=inside)


def _refuse_nameless(uid: int) -> None:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise CannotStart(
            f"The user id {uid} has no name on this machine, and PostgreSQL does not run for a nameless user. "
            f"Give it one (as root: useradd --uid {uid} tessera), use another user, "
            "or set DATABASE_URL to a PostgreSQL of your own."
        ) from None


def _a_named_user() -> int:
    for name in ("nobody", "daemon"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise CannotStart(
        "PostgreSQL does not run as root, and this machine has no user `nobody` to lend it. "
        "Start Tessera as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own."
    )


def _namespace_of(inside: int) -> Callable[[], None]:
    group = os.getegid()

    def enter() -> None:
        if _libc is None or _libc.unshare(CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "no user namespace")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{inside} 0 1")
        Path("/proc/self/gid_map").write_text(f"{inside} {group} 1")

    return enter


def _works(enter: Callable[[], None]) -> bool:
    try:
        subprocess.run(["/bin/sh", "-c", ":"], preexec_fn=enter, check=True, capture_output=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return True
