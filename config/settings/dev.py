"""For developers: reloads, tracebacks on pages."""

from .base import *  # noqa: F403 - settings are one namespace by Django's design

DEBUG = True
STORAGES = {  # unhashed names, so that a changed file is seen at once
    "default": {"BACKEND": "config.storage.UrlStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
