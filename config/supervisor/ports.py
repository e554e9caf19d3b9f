"""Which TCP ports of this machine are free."""

import errno
import socket

from .refusal import CannotStart

LOOPBACK = "127.0.0.1"
WEB_PORT = 8000
HIGHEST = 65535


def free_port() -> int:
    """A port that nobody listens on at this moment; another process may still be quicker to take it."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def web_port(wanted: str) -> int:
    """The port for the web: the one asked for, else the first free one from 8000 on. Raises CannotStart."""
    if wanted:
        return _refuse_unusable(wanted)
    for port in range(WEB_PORT, WEB_PORT + 100):
        if not _obstacle(port):
            return port
    return free_port()


def _refuse_unusable(wanted: str) -> int:
    if not (wanted.isascii() and wanted.isdecimal()) or not 1 <= int(wanted) <= HIGHEST:
        raise CannotStart(f"PORT must be a number from 1 to {HIGHEST}, not {wanted!r}.")
    match _obstacle(int(wanted)):
        case None:
            return int(wanted)
        case errno.EACCES:
            raise CannotStart(f"Port {wanted} may not be used by this user. Choose one above 1023, or leave PORT out.")
    raise CannotStart(f"Port {wanted} is taken by another program. Stop that one, choose another, or leave PORT out.")


def _obstacle(port: int) -> int | None:
    """The error number that a server would meet there; None when there is none."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are only lingering counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            return error.errno
    return None
