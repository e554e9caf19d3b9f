"""A throw-away installation for benches: servers of the test suite, migrated, with a project that a model serves."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import django

from config.supervisor.provision import LOGIN_ROLES, provision, url_for
from tests import cluster

if TYPE_CHECKING:
    from apps.predictions.models import Deployment
    from apps.projects.models import Dataset

LABELS = ("cat", "cup", "horse", "person")


@dataclass(frozen=True)
class World:
    """What the worker's bench needs."""

    org_id: UUID
    dataset: "Dataset"
    deployment: "Deployment"


@contextmanager
def servers(role: str = "app_worker") -> Iterator[None]:
    """PostgreSQL and Valkey for as long as the bench runs; this process has that role, and Django is set up."""
    cluster.start_cluster()
    try:
        admin = os.environ["DATABASE_ADMIN_URL"]
        passwords = {user: secrets.token_hex(16) for user in LOGIN_ROLES}
        provision(url_for(admin, database="postgres"), database=cluster.DATABASE, passwords=passwords)
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.prod"
        for name, user in (("DATABASE_OWNER_URL", "app_migrate"), ("DATABASE_URL", role)):
            os.environ[name] = url_for(admin, user=user, password=passwords[user], database=cluster.DATABASE)
        subprocess.run([sys.executable, "manage.py", "migrate", "--database", "owner", "-v0"], check=True)
        django.setup()
        yield
    finally:
        cluster.stop_cluster()


def make_world() -> World:
    """An organization, its project with the demo's labels, and the public detector serving it."""
    # Only after `servers` has set Django up.
    from apps.core.tenancy import owner_context, tenant_tx  # noqa: PLC0415
    from apps.projects.models import Dataset, Project  # noqa: PLC0415
    from apps.recipes.models import Label, Recipe  # noqa: PLC0415
    from config.demo.detector import install_detector  # noqa: PLC0415
    from gpu_worker.detector import provide_detectors  # noqa: PLC0415
    from tests.people import make_organization  # noqa: PLC0415

    provide_detectors(print)
    org_id = make_organization("bench").id
    with tenant_tx(owner_context(org_id)):
        project = Project.objects.create(org_id=org_id, name="Bench")
        dataset = Dataset.objects.create(org_id=org_id, project=project, name="Bench")
        recipe = Recipe.objects.create(org_id=org_id, project=project, name="Bench")
        for label in LABELS:
            Label.objects.create(org_id=org_id, project=project, recipe=recipe, name=label)
        return World(org_id, dataset, install_detector(project, LABELS))
