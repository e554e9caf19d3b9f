"""Entry of the jobs' worker processes: `python -m dramatiq config.broker --queues jobs`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.prod")

import django

django.setup()

from apps.core.boot import require_walls  # noqa: E402 - Django first
from apps.jobs.actors import discover  # noqa: E402
from apps.jobs.broker import broker as make_broker  # noqa: E402

require_walls()
discover()
broker = make_broker()
