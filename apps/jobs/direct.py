"""A database connection past the pool: for LISTEN and for locks that a session holds."""

from typing import Any

import psycopg
from django.db import connection


def connect() -> "psycopg.Connection[Any]":
    """One of its own, in autocommit; the caller closes it."""
    parameters = connection.get_connection_params()
    for ours in ("context", "cursor_factory", "prepare_threshold"):
        parameters.pop(ours, None)
    return psycopg.connect(**parameters, autocommit=True)
