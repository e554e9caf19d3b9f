"""The product's settings with one more app, for processes that tests start."""

from config.settings.prod import *  # noqa: F403 - settings are one namespace by Django's design
from config.settings.prod import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobs.labour"]
