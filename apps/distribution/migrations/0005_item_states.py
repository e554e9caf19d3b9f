"""Tasks and units mark their item for the catalog, whose lists know where items stand."""

from django.db import migrations

# Claims and submissions move a task; a unit is moved only together with one, but for those that a run is emptied of.
MARKS = """
CREATE FUNCTION app.mark_item_of_task() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  INSERT INTO stale_item (org_id, project_id, item_id)
  SELECT NEW.org_id, NEW.project_id, u.item_id FROM unit u WHERE u.org_id = NEW.org_id AND u.id = NEW.unit_id;
  RETURN NULL;
END $$;

CREATE TRIGGER task_moved_marks AFTER UPDATE OF state ON task
  FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION app.mark_item_of_task();
CREATE TRIGGER unit_moved_marks AFTER INSERT OR UPDATE OF state ON unit
  FOR EACH ROW EXECUTE FUNCTION app.mark_item_of();
"""

BACKWARD = """
DROP TRIGGER unit_moved_marks ON unit;
DROP TRIGGER task_moved_marks ON task;
DROP FUNCTION app.mark_item_of_task();
"""


class Migration(migrations.Migration):
    dependencies = [("distribution", "0004_measures"), ("catalog", "0002_walls")]
    operations = [migrations.RunSQL(MARKS, BACKWARD)]
