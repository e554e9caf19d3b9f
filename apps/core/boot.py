"""What must hold before a process serves: its database role can be bound by policies, and the policies stand."""

from django.core.exceptions import ImproperlyConfigured
from django.db import connections

# Whatever the role could become counts: SET ROLE needs no more than membership.
UNBOUND = """
SELECT current_user, string_agg(rolname, ', ' ORDER BY rolname) FROM pg_roles
WHERE (rolsuper OR rolbypassrls OR rolname IN ('app_owner', 'app_auth')) AND pg_has_role(current_user, oid, 'MEMBER')
"""
# Tables of tenants, and those of people and organizations that have policies. A partition is reached through its parent
# alone.
OPEN = """
SELECT string_agg(c.relname, ', ' ORDER BY c.relname) FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND (EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'org_id')
       OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
  AND (NOT (c.relrowsecurity AND c.relforcerowsecurity)
       OR NOT c.relispartition AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
"""


def require_walls() -> None:
    """Refuse to serve where row-level security would not hold. Raises ImproperlyConfigured with what to do."""
    require_bounded_role()
    require_closed_tables()


def require_bounded_role(database: str = "default") -> None:
    """Refuse a role that row-level security does not bind, or that may become one. Raises ImproperlyConfigured."""
    with connections[database].cursor() as cursor:
        cursor.execute(UNBOUND)
        name, reaches = cursor.fetchone()
    if reaches:
        raise ImproperlyConfigured(
            f"DATABASE_URL signs in as {name}, which row-level security does not bind: it is or may become {reaches}. "
            "Use app_web or app_worker as config/supervisor/roles.sql makes them."
        )


def require_closed_tables(database: str = "default") -> None:
    """Refuse a tenant's table that a restore or a change by hand left open. Raises ImproperlyConfigured."""
    with connections[database].cursor() as cursor:
        cursor.execute(OPEN)
        (tables,) = cursor.fetchone()
    if tables:
        raise ImproperlyConfigured(
            f"Row-level security is not in force on {tables}. Restore a backup, or migrate an empty database: "
            "the operator guide says how."
        )
