"""The running product, the demo included: DEBUG is off."""

from .base import *  # noqa: F403 - settings are one namespace by Django's design
