"""The walls around the catalog, and what keeps its facets: words for terms, and triggers that mark changed items."""

from django.db import migrations

from apps.core.operations import SecureTable

WORDS = """
-- A long text stands by its start and its hash; the twin of catalog/own_fields.term_of.
CREATE FUNCTION app.term(p_text text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN length(p_text) <= 200 THEN p_text ELSE left(p_text, 200) || '#' || md5(p_text) END
$$;

-- Which of twenty bands a score lies in; rounded first, since 0.15 * 20 is not quite 3.
CREATE FUNCTION app.band(p_score float8) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT least(19, floor(round((p_score * 20)::numeric, 6))::integer)
$$;
"""

# Appended only: an update of the item's own facets would make those who work on one large picture wait for each other.
MARKS = """
CREATE FUNCTION app.mark_item() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  INSERT INTO stale_item (org_id, project_id, item_id) VALUES (NEW.org_id, NEW.project_id, NEW.id);
  RETURN NULL;
END $$;

CREATE FUNCTION app.mark_item_of() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  INSERT INTO stale_item (org_id, project_id, item_id) VALUES (NEW.org_id, NEW.project_id, NEW.item_id);
  RETURN NULL;
END $$;

CREATE FUNCTION app.mark_item_left() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  INSERT INTO stale_item (org_id, project_id, item_id) VALUES (OLD.org_id, OLD.project_id, OLD.item_id);
  RETURN NULL;
END $$;

CREATE TRIGGER item_marks AFTER INSERT OR UPDATE OF name, metadata, dataset_id, deleted_at ON item
  FOR EACH ROW EXECUTE FUNCTION app.mark_item();
-- Every writing of annotations makes a revision, and every run that ends well has its predictions in: one mark each.
CREATE TRIGGER annotation_revision_marks AFTER INSERT ON annotation_revision
  FOR EACH ROW EXECUTE FUNCTION app.mark_item_of();
CREATE TRIGGER inference_marks AFTER UPDATE OF state ON inference
  FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION app.mark_item_of();
CREATE TRIGGER inference_made_marks AFTER INSERT ON inference
  FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION app.mark_item_of();
CREATE TRIGGER subset_item_marks AFTER INSERT ON subset_item FOR EACH ROW EXECUTE FUNCTION app.mark_item_of();
CREATE TRIGGER subset_item_left_marks AFTER DELETE ON subset_item FOR EACH ROW EXECUTE FUNCTION app.mark_item_left();

-- An undone deletion finds what it had hidden.
CREATE INDEX item_deleted ON item (org_id, project_id, deleted_at) WHERE deleted_at IS NOT NULL;
"""

# What is there already is marked, and worked off once the processes run. The owner of the tables must see it for that.
FILL = """
ALTER TABLE item NO FORCE ROW LEVEL SECURITY;
ALTER TABLE stale_item NO FORCE ROW LEVEL SECURITY;
INSERT INTO stale_item (org_id, project_id, item_id) SELECT org_id, project_id, id FROM item WHERE deleted_at IS NULL;
ALTER TABLE item FORCE ROW LEVEL SECURITY;
ALTER TABLE stale_item FORCE ROW LEVEL SECURITY;
"""

BACKWARD = """
DROP INDEX item_deleted;
DROP TRIGGER subset_item_left_marks ON subset_item;
DROP TRIGGER subset_item_marks ON subset_item;
DROP TRIGGER inference_made_marks ON inference;
DROP TRIGGER inference_marks ON inference;
DROP TRIGGER annotation_revision_marks ON annotation_revision;
DROP TRIGGER item_marks ON item;
DROP FUNCTION app.mark_item_left();
DROP FUNCTION app.mark_item_of();
DROP FUNCTION app.mark_item();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("annotation", "0003_shapes"),
        ("predictions", "0003_inference_lately"),
        ("jobs", "0002_walls"),
    ]
    operations = [
        SecureTable("Facet", "shared", org_key=False, unique=False),
        SecureTable("StaleItem", "shared", org_key=False, unique=False, worker_sees_all=True),
        SecureTable("Subset", "shared"),
        SecureTable("SubsetItem", "shared"),
        SecureTable("SavedView", "work"),
        SecureTable("BulkAct", "shared"),
        SecureTable("PredictionRun", "shared"),
        SecureTable("PredictionRunItem", "shared"),
        migrations.RunSQL(WORDS, "DROP FUNCTION app.band(float8); DROP FUNCTION app.term(text);"),
        migrations.RunSQL(MARKS, BACKWARD),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
