"""One child process."""

import sys

from config.supervisor import child
from config.supervisor.service import Program

from .conftest import wait_until


def _run(tmp_path, code):
    program = Program("jobs", [sys.executable, "-c", code], env={}, folder=tmp_path, log=tmp_path / "jobs.log")
    program.start()
    wait_until(lambda: not program.is_alive)


def test_output_is_added_to_the_log(tmp_path):
    for word in ("one", "two"):
        _run(tmp_path, f"import sys; print('{word}'); print('{word} wrong', file=sys.stderr)")

    assert sorted((tmp_path / "jobs.log").read_text().split("\n")) == ["", "one", "one wrong", "two", "two wrong"]


def test_a_log_that_grew_long_is_put_aside_at_the_next_start(tmp_path, monkeypatch):
    monkeypatch.setattr(child, "LONGEST_LOG", 10)
    (tmp_path / "jobs.log").write_text("much too long\n")

    _run(tmp_path, "print('new')")

    assert (tmp_path / "jobs.log").read_text() == "new\n"
    assert (tmp_path / "jobs.log.1").read_text() == "much too long\n"


def test_last_words_of_a_log_that_is_missing_or_no_text_are_no_trouble(tmp_path):
    (tmp_path / "binary.log").write_bytes(b"\xff\xfe\n" * 20)

    assert child.last_words(tmp_path / "none.log") == ""
    assert len(child.last_words(tmp_path / "binary.log", lines=3).splitlines()) == 3
