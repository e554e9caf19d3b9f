"""The suite: as `app_web` through a login that may also become `app_worker`; `owner` creates, migrates and flushes."""

import os

from config import environment

from .base import *  # noqa: F403 - settings are one namespace by Django's design
from .base import CACHES, DATABASES, connection_to

DATABASES["default"] = connection_to("DATABASE_URL", role="app_web")
if environment.is_set("DATABASE_OWNER_URL"):
    DATABASES["owner"] = connection_to("DATABASE_OWNER_URL")

# The real Argon2 takes 60 ms a sign-in; its own test names it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", "django.contrib.auth.hashers.Argon2PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "config.storage.UrlStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Static files straight from static/, without collecting them first.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
# A database of the cache for each of xdist's workers: a test that empties it must not forget another's tries.
CACHES["default"]["LOCATION"] = (
    f"{CACHES['default']['LOCATION']}?db={os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw')}"
)
