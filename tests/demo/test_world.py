import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from apps.core.tenancy import tenant_tx
from apps.distribution.models import PipelineRun
from apps.jobs.models import Job, JobState
from config.demo import people, world
from tests.conftest import as_worker
from tests.demo.test_detector import CHOICE


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A detector that nobody runs, and one picture that nobody reads."""
    monkeypatch.setenv("TESSERA_VAR", str(tmp_path))
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "weights.safetensors").write_bytes(b"weights")
    (tmp_path / "weights" / "detector.json").write_text(CHOICE)
    monkeypatch.setattr(world, "_files", lambda: [UploadedFile(ContentFile(b"x"), name="x.png", size=1)])


def test_a_seed_that_was_broken_off_reads_its_pictures_before_it_starts_the_run(db, small, monkeypatch):
    def die(job_id):
        raise KeyboardInterrupt

    def read(job_id):
        with tenant_tx(people.member("noor@northlot.example").context):
            runs.append(PipelineRun.objects.count())
            Job.objects.filter(pk=job_id).update(state=JobState.DONE)

    runs = []
    with as_worker():
        monkeypatch.setattr(world, "work_off", die)
        with pytest.raises(KeyboardInterrupt):
            world.make_world()
        monkeypatch.setattr(world, "work_off", read)
        world.make_world()
        world.make_world()

        with tenant_tx(people.member("noor@northlot.example").context):
            assert PipelineRun.objects.count() == 1
    assert runs == [0, 1], "pictures before the run, its tasks after it"
