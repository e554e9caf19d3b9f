"""The decoding child: what kills it costs one file, not the upload, and it knows no secrets."""

import os
import signal
import time
from pathlib import Path

import pytest

from apps.projects.pictures.rules import CorruptImage, ImageTooLarge, UnsupportedImageType
from apps.projects.pictures.workshop import Workshop
from tests.projects.pictures import picture


def file_with(folder: Path, content: bytes) -> Path:
    """A file to be decoded."""
    path = folder / "file"
    path.write_bytes(content)
    return path


def test_a_child_that_dies_is_replaced(tmp_path: Path) -> None:
    path = file_with(tmp_path, picture())
    with Workshop(tmp_path) as workshop:
        os.kill(workshop._start().pid, signal.SIGKILL)
        with pytest.raises(CorruptImage, match="broke the decoder"):
            workshop.derive(path, tmp_path / "out")
        assert workshop.derive(path, tmp_path / "out").width == 40


def test_a_child_that_hangs_is_killed(tmp_path: Path) -> None:
    path = file_with(tmp_path, picture())
    with Workshop(tmp_path, seconds=0.4) as workshop:
        child = workshop._start()
        os.kill(child.pid, signal.SIGSTOP)
        with pytest.raises(ImageTooLarge, match="took too long"):
            workshop.kind_of(path)
        assert child.poll() is not None


def test_the_child_is_given_no_secrets_and_little_memory(tmp_path: Path) -> None:
    with Workshop(tmp_path) as workshop:
        process = Path(f"/proc/{workshop._start().pid}")
        with pytest.raises(UnsupportedImageType):
            workshop.kind_of(file_with(tmp_path, b"text"))
        environment, limits = process.joinpath("environ").read_text(), process.joinpath("limits").read_text()
    assert "SECRET" not in environment
    assert "postgres" not in environment
    (data,) = (line.split() for line in limits.splitlines() if line.startswith("Max data size"))
    assert int(data[3]) == 3 * 1024**3


def test_nothing_is_left_running(tmp_path: Path) -> None:
    with Workshop(tmp_path) as workshop:
        child = workshop._start()
    deadline = time.monotonic() + 5
    while child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert child.poll() is not None
