"""Items with predictions get their bands over all versions too: they are marked, and worked off by the scheduler."""

from django.db import migrations

# The owner of the tables must see what is there for that.
MARK = """
ALTER TABLE item_facet NO FORCE ROW LEVEL SECURITY;
ALTER TABLE stale_item NO FORCE ROW LEVEL SECURITY;
INSERT INTO stale_item (org_id, project_id, item_id)
SELECT DISTINCT org_id, project_id, item_id FROM item_facet WHERE term LIKE 'best=%';
ALTER TABLE item_facet FORCE ROW LEVEL SECURITY;
ALTER TABLE stale_item FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_gallery")]
    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]
