"""What must hold before a process serves: its database role can be bound by policies."""

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

UNBOUND = """
SELECT rolname, rolsuper OR rolbypassrls OR pg_has_role(current_user, 'app_owner', 'member')
FROM pg_roles WHERE rolname = current_user
"""


def require_bounded_role() -> None:
    """Refuse to run as a role that row-level security does not bind. Raises ImproperlyConfigured."""
    with connection.cursor() as cursor:
        cursor.execute(UNBOUND)
        name, unbound = cursor.fetchone()
    if unbound:
        raise ImproperlyConfigured(
            f"DATABASE_URL signs in as {name}, which row-level security does not bind. Use app_web or app_worker."
        )
