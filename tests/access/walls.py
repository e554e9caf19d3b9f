"""One wall at a time: the application's scoping switched off, row-level security switched off, a policy made silent."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.models import Q

from apps.core.tenancy import Context


@contextmanager
def scoping_off() -> Iterator[None]:
    """Managers filter nothing: what is still refused, the database refuses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Context, "may_see", lambda self, model: Q())
        yield


@contextmanager
def policies_off() -> Iterator[None]:
    """No policy binds: what is still refused, the application refuses."""
    _become("app_unwalled")
    try:
        yield
    finally:
        _become("app_web")


@contextmanager
def silent_policy(table: str) -> Iterator[None]:
    """A table whose policy lets everybody through, as after a migration that was forgotten."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT qual FROM pg_policies WHERE tablename = %s AND policyname = 'tenant'", [table])
        (condition,) = cursor.fetchone()
    _alter(table, "true")
    try:
        yield
    finally:
        _alter(table, condition)


def _alter(table: str, condition: str) -> None:
    _become("app_owner")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER POLICY tenant ON {table} USING ({condition})")
    _become("app_web")


def _become(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
