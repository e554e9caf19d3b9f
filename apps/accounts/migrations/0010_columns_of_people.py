"""Who may change what of a person, column by column: the table is everybody's, and no policy stands before it.

The product never moves a row to another id; jobs and operators' commands make people and close their accounts, no more.
"""

from django.db import migrations

GRANTS = """
REVOKE UPDATE ON person FROM app_web, app_worker;
GRANT UPDATE (email, name, password, is_active, created_at, last_login) ON person TO app_web;
GRANT UPDATE (is_active) ON person TO app_worker;
"""


BACK = """
REVOKE UPDATE (email, name, password, is_active, created_at, last_login) ON person FROM app_web, app_worker;
GRANT UPDATE ON person TO app_web, app_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_operators_let_in")]
    operations = [migrations.RunSQL(GRANTS, BACK)]
