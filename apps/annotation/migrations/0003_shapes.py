"""How annotation rows are shown, and which of them a unit owns: asked by every hot function of the engine."""

from django.db import migrations

# How a row is shown: the shape form of the API.
SHAPE = """
CREATE FUNCTION app.shape(a annotation, p_label text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', a.id, 'label', p_label, 'type', a.type, 'attributes', a.attributes,
                            'source', a.source)
         || CASE WHEN a.score IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('score', a.score) END
         || a.geometry
$$;

-- Which rows of an item a unit owns: all of them, those whose centre lies in its region (half-open), or its subject.
CREATE FUNCTION app.owns(a annotation, p_kind text, p_region float8[], p_subject uuid) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_kind
    WHEN 'item' THEN true
    WHEN 'tile' THEN (a.x1 + a.x2) / 2 >= p_region[1] AND (a.x1 + a.x2) / 2 < p_region[1] + p_region[3]
                 AND (a.y1 + a.y2) / 2 >= p_region[2] AND (a.y1 + a.y2) / 2 < p_region[2] + p_region[4]
    ELSE a.id = p_subject END
$$;
"""

# Made anew to be the youngest: while a table is empty all its indexes seem to cost the same, the planner then takes the
# youngest, and sessions keep that plan until the first ANALYZE, by which time the others read every row of the owner.
ORDER = """
DROP INDEX annotation_of_item;
CREATE INDEX annotation_of_item ON annotation (org_id, project_id, item_id);
"""

BACKWARD = """
DROP FUNCTION app.owns(annotation, text, float8[], uuid);
DROP FUNCTION app.shape(annotation, text);
"""


class Migration(migrations.Migration):
    dependencies = [("annotation", "0002_walls"), ("projects", "0002_walls")]
    operations = [migrations.RunSQL(SHAPE, BACKWARD), migrations.RunSQL(ORDER, migrations.RunSQL.noop)]
