import pytest

from apps.core.tenancy import tenant_tx
from apps.distribution.models import PipelineRun
from apps.jobs.models import Job, JobState
from config.demo import flagship, people, steps, world
from tests.conftest import as_worker
from tests.demo.test_detector import CHOICE


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Detectors that nobody runs, and a picture for each project that nobody reads."""
    monkeypatch.setenv("TESSERA_VAR", str(tmp_path))
    (tmp_path / "weights").mkdir()
    for name in ("weights.safetensors", "car-parks.safetensors"):
        (tmp_path / "weights" / name).write_bytes(name.encode())
    (tmp_path / "weights" / "detector.json").write_text(CHOICE)
    monkeypatch.setattr(world, "_files", lambda: {"x.png": b"x"})
    monkeypatch.setattr(flagship, "_files", lambda: {"y.png": b"y"})


def test_a_seed_that_was_broken_off_reads_its_pictures_before_it_starts_the_run(db, small, monkeypatch):
    def die(job_id):
        raise KeyboardInterrupt

    def read(job_id):
        with tenant_tx(people.member("noor@northlot.example").context):
            runs.append(PipelineRun.objects.count())
            Job.objects.filter(pk=job_id).update(state=JobState.DONE)

    runs = []
    with as_worker():
        monkeypatch.setattr(steps, "work_off", die)
        with pytest.raises(KeyboardInterrupt):
            world.make_world()
        monkeypatch.setattr(steps, "work_off", read)
        world.make_world()
        world.make_world()

        with tenant_tx(people.member("noor@northlot.example").context):
            assert PipelineRun.objects.count() == 2
    assert runs == [0, 1, 1, 2], "pictures before the run, its tasks after it"
