"""One child process in a group of its own, which never outlives its parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

PR_SET_PDEATHSIG = 1
LONGEST_LOG = 20_000_000
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Child:
    """A command that can be started again after it ended. Start it from the main thread (see `die_with_parent`).

    Its output goes to the end of the log; without a log it goes where ours goes.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path | None,
        folder: Path,
        env: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: int | None = None,
        before_exec: Callable[[], None] | None = None,
    ) -> None:
        self.command = list(command)
        self.log = log
        self._folder, self._env, self._stop_signal = folder, env, stop_signal
        self._user, self._before_exec = user, before_exec
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the latest start."""
        return self._process.pid if self._process else None

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs or before it ran."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Run the command."""
        self._sweep_group()
        parent = os.getpid()

        def prepare() -> None:
            if self._before_exec:
                self._before_exec()
            # After the identity is settled: a change of credentials clears the request.
            die_with_parent(self._stop_signal, parent)

        with _open_log(self.log) if self.log else contextlib.nullcontext() as log:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT if log else None,
                cwd=self._folder,
                env=self._env,
                start_new_session=True,
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user is not None else None,
                preexec_fn=prepare,  # safe: the supervisor has no threads
            )

    def ask_to_stop(self) -> None:
        """Signal the process alone: it tells its own children, to whom a second signal would mean "at once"."""
        if self.is_alive and self._process:
            self._process.send_signal(self._stop_signal)

    def finish(self, until: float) -> None:
        """Wait for the end up to a moment of `time.monotonic`, then kill whatever is left of the group."""
        if not self._process:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.05, until - time.monotonic()))
        self._sweep_group()
        self._process.wait()

    def _sweep_group(self) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _open_log(path: Path) -> BinaryIO:
    """At its end; a log that grew long is put aside first."""
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > LONGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def last_words(log: Path, lines: int = 12) -> str:
    """The end of a log, for a message."""
    with contextlib.suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    return ""


def die_with_parent(number: signal.Signals, parent: int) -> None:
    """Ask the kernel, in a child before exec, to send a signal when the parent's thread ends (Linux only)."""
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)  # the parent died before the request was made
