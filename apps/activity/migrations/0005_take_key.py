"""Take an Idempotency-Key and look for its answer in one round trip, for the requests that come hundreds a second."""

from django.db import migrations

FORWARD = """
-- Whether this transaction now holds the key, until its end, and the answer that was kept under it, if there is one.
CREATE FUNCTION app.take_key(p_org uuid, p_user uuid, p_method text, p_path text, p_key text,
                             OUT took boolean, OUT body_digest bytea, OUT status smallint, OUT answer bytea,
                             OUT media_type text)
LANGUAGE plpgsql AS $$
BEGIN
  took := pg_try_advisory_xact_lock(hashtextextended(concat_ws(E'\\n', p_org, p_user, p_method, p_path, p_key), 0));
  IF took THEN
    SELECT k.body_digest, k.status, k.answer, k.media_type INTO body_digest, status, answer, media_type
      FROM idempotency_key k
      WHERE k.org_id = p_org AND k.user_id = p_user AND k.method = p_method AND k.path = p_path AND k.key = p_key;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("activity", "0004_sealing")]
    operations = [
        migrations.RunSQL(FORWARD, "DROP FUNCTION app.take_key(uuid, uuid, text, text, text)"),
    ]
