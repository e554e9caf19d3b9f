"""What a killed supervisor left behind."""

import json
import subprocess
import sys

import psutil
import pytest

from config.supervisor.leftovers import end_leftovers, note_children
from config.supervisor.service import Program


@pytest.fixture
def program(tmp_path):
    program = Program(
        "jobs",
        [sys.executable, "-c", "import time; time.sleep(600)"],
        env={},
        folder=tmp_path,
        log=tmp_path / "jobs.log",
    )
    program.start()
    yield program
    program.stop()


def test_a_child_that_still_lives_is_ended(program, tmp_path):
    note_children(tmp_path / "children.json", [program])

    end_leftovers(tmp_path / "children.json")

    assert not program.is_alive


def test_a_stranger_who_got_the_same_process_id_is_spared(tmp_path):
    with subprocess.Popen(["sleep", "600"]) as stranger:
        born = psutil.Process(stranger.pid).create_time()
        (tmp_path / "children.json").write_text(json.dumps([[stranger.pid, born - 100]]))

        end_leftovers(tmp_path / "children.json")

        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("content", [None, "", "[[1"])
def test_no_note_or_half_a_note_is_no_trouble(tmp_path, content):
    path = tmp_path / "children.json"
    if content is not None:
        path.write_text(content)

    end_leftovers(path)
