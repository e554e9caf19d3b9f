"""The suite's settings with addresses that lead nowhere: mypy's Django plugin loads them to learn the models."""

import os

os.environ.update(
    SECRET_KEY="unused" * 6,
    DATABASE_URL="postgresql://nobody@127.0.0.1/nothing",
    REDIS_URL="redis://127.0.0.1/0",
    REDIS_CACHE_URL="redis://127.0.0.1/0",
)

from config.settings.test import *  # noqa: E402, F403 - the addresses must be there first
