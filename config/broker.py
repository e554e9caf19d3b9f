"""Entry of the worker processes: `python -m dramatiq config.broker --queues jobs`; `gpu_worker` imports it too."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.prod")

import django

django.setup()

from apps.jobs.actors import discover  # noqa: E402 - Django first
from apps.jobs.broker import broker as make_broker  # noqa: E402

discover()
broker = make_broker()
