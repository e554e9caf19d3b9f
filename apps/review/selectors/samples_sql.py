"""The statements that find evidence. Each walks the index of a project's time from a random moment of a cell's day.

From there it takes the next `LOOKED_AT` submissions of the cell, and goes on from the day's first where the day ends;
so a day of thousands costs as little as one of a hundred. Row-level security is what hides another vendor's work here.
"""

LOOKED_AT, OF_ONE, MOST_SHAPES = 60, 2, 200

CELLS = """WITH cell AS (
  SELECT at AS cell, (day::timestamp AT TIME ZONE %(zone)s) AS starts,
         ((day + 1)::timestamp AT TIME ZONE %(zone)s) AS ends, person, author, dice
  FROM unnest(%(days)s::date[], %(people)s::uuid[], %(authors)s::uuid[], %(dice)s::float8[])
    WITH ORDINALITY AS c(day, person, author, dice, at))
"""
OF_RECIPE = """(%(recipe)s::uuid IS NULL OR EXISTS (
  SELECT FROM stage g JOIN pipeline_version p ON p.org_id = g.org_id AND p.id = g.pipeline_version_id
  WHERE g.org_id = t.org_id AND g.id = t.stage_id AND p.recipe_version_id = %(recipe)s::uuid))"""


def _walk(table: str, select: str) -> str:
    """`select` twice over the part of a day between its `{low}` and `{high}`: after the moment, then before it."""
    after, before = (select.format(low=low, high=high) for low, high in (("m.mark", "c.ends"), ("c.starts", "m.mark")))
    return f"""(
    SELECT min(o.at) + c.dice * (max(o.at) - min(o.at)) AS mark FROM {table} o
    WHERE o.org_id = %(org)s AND o.project_id = %(project)s AND o.at >= c.starts AND o.at < c.ends) m
  CROSS JOIN LATERAL (
    SELECT w.* FROM (({after} LIMIT {LOOKED_AT}) UNION ALL ({before} LIMIT {LOOKED_AT}) LIMIT {LOOKED_AT}) w
    ORDER BY md5(w.id::text || %(seed)s)) v"""


JUDGED = _walk(
    "verdict",
    f"""
      SELECT v.id, v.org_id, v.at, v.verdict, v.reason, v.comment, s.revision_id AS before,
             coalesce(v.revision_id, s.revision_id) AS after
      FROM verdict v JOIN submission s ON s.org_id = v.org_id AND s.id = v.submission_id
        JOIN task t ON t.org_id = s.org_id AND t.id = s.task_id
      WHERE v.org_id = %(org)s AND v.project_id = %(project)s AND v.at >= {{low}} AND v.at < {{high}}
        AND v.author_id = c.person AND s.author_id = c.author AND v.verdict = ANY(%(verdicts)s)
        AND (%(reason)s::text IS NULL OR v.reason = %(reason)s) AND (NOT %(first)s OR t.round = 1) AND {OF_RECIPE}
      ORDER BY v.at""",
)
HANDED_IN = _walk(
    "submission",
    f"""
      SELECT s.id, s.org_id, s.at, s.revision_id, s.rejected, t.round
      FROM submission s JOIN task t ON t.org_id = s.org_id AND t.id = s.task_id
      WHERE s.org_id = %(org)s AND s.project_id = %(project)s AND s.at >= {{low}} AND s.at < {{high}}
        AND s.author_id = c.person AND t.arm <> 'held_out'
        AND (t.round = 1 OR %(outcome)s <> 'rejected') AND {OF_RECIPE}
      ORDER BY s.at""",
)
PICTURE = """JOIN item i ON i.org_id = v.org_id AND i.id = b.item_id AND i.deleted_at IS NULL
    JOIN dataset q ON q.org_id = i.org_id AND q.id = i.dataset_id AND q.deleted_at IS NULL"""
SHAPE = "(id uuid, label_id uuid, type text, geometry jsonb, attributes jsonb, score float8, source jsonb)"


def _role(role: str, shape: str) -> str:
    return (
        f"jsonb_build_object('role', '{role}', 'type', {shape}.type, 'geometry', {shape}.geometry,"
        f" 'label', {shape}.label_id)"
    )


PROPOSED = """CASE WHEN x.source ? 'prediction' THEN jsonb_build_array(jsonb_build_object('role', 'proposed',
  'geometry', jsonb_build_object('prediction', x.source ->> 'prediction'))) ELSE '[]' END"""

OBJECTS = f"""{CELLS}
SELECT c.cell, f.* FROM cell c CROSS JOIN LATERAL (
  SELECT i.id AS item_id, i.name, i.width, i.height, v.at, x.label_id AS label, v.verdict, v.reason, v.comment,
         {PROPOSED} || jsonb_build_array({_role("handed_in", "x")})
         || CASE WHEN %(outcome)s IN ('kept', 'changed') THEN jsonb_build_array({_role("decided", "y")}) ELSE '[]' END
         AS shapes
  FROM {JUDGED} JOIN annotation_revision b ON b.org_id = v.org_id AND b.id = v.before
    JOIN annotation_revision a ON a.org_id = v.org_id AND a.id = v.after
    {PICTURE}
    CROSS JOIN LATERAL (
      SELECT x.*, y.type AS y_type, y.geometry AS y_geometry, y.label_id AS y_label
      FROM jsonb_to_recordset(b.document -> 'shapes') AS x{SHAPE}
        LEFT JOIN jsonb_to_recordset(a.document -> 'shapes') AS y{SHAPE} ON y.id = x.id
      WHERE (%(label)s::uuid IS NULL OR x.label_id = %(label)s::uuid)
        AND %(outcome)s = CASE
          WHEN v.verdict = 'reject' THEN 'returned' WHEN y.id IS NULL THEN 'removed'
          WHEN (x.label_id, x.geometry, x.attributes) = (y.label_id, y.geometry, y.attributes) THEN 'kept'
          ELSE 'changed' END
      ORDER BY md5(x.id::text || %(seed)s) LIMIT {OF_ONE}) x
    CROSS JOIN LATERAL (SELECT x.y_type AS type, x.y_geometry AS geometry, x.y_label AS label_id) y
  LIMIT %(shown)s) f
"""

VERDICTS = f"""{CELLS}
SELECT c.cell, f.* FROM cell c CROSS JOIN LATERAL (
  SELECT i.id AS item_id, i.name, i.width, i.height, v.at, NULL::uuid AS label, v.verdict, v.reason, v.comment,
         true AS is_whole, coalesce(x.shapes, '[]') AS shapes
  FROM {JUDGED} JOIN annotation_revision b ON b.org_id = v.org_id AND b.id = v.before
    LEFT JOIN annotation_revision a ON a.org_id = v.org_id AND a.id = v.after AND v.after <> v.before
    {PICTURE}
    CROSS JOIN LATERAL (
      SELECT jsonb_agg(s) AS shapes FROM (
        SELECT {_role("handed_in", "x")} AS s
        FROM jsonb_to_recordset(b.document -> 'shapes') AS x{SHAPE}
        UNION ALL
        SELECT {_role("decided", "y")} FROM jsonb_to_recordset(a.document -> 'shapes') AS y{SHAPE}
        WHERE NOT EXISTS (SELECT FROM jsonb_to_recordset(b.document -> 'shapes') AS x{SHAPE}
                          WHERE x.id = y.id AND x.geometry = y.geometry AND x.label_id = y.label_id)
        LIMIT {MOST_SHAPES}) s) x
  LIMIT %(shown)s) f
"""

SUGGESTIONS = f"""{CELLS}
SELECT c.cell, f.* FROM cell c CROSS JOIN LATERAL (
  SELECT i.id AS item_id, i.name, i.width, i.height, v.at, x.label_id AS label, coalesce(j.verdict, '') AS verdict,
         coalesce(j.reason, '') AS reason, coalesce(j.comment, '') AS comment,
         x.shapes || CASE WHEN y.id IS NOT NULL THEN jsonb_build_array({_role("decided", "y")}) ELSE '[]' END AS shapes
  FROM {HANDED_IN}
    JOIN annotation_revision b ON b.org_id = v.org_id AND b.id = v.revision_id
    {PICTURE}
    CROSS JOIN LATERAL (
      -- What stood there in a round before was decided then.
      SELECT coalesce(array_agg(z.id), '{{}}') AS ids
      FROM annotation_revision e CROSS JOIN LATERAL jsonb_to_recordset(e.document -> 'shapes') AS z(id uuid)
      WHERE v.round > 1 AND e.org_id = v.org_id AND e.item_id = b.item_id AND e.number < b.number) e
    CROSS JOIN LATERAL (
      (SELECT x.id, x.label_id, {PROPOSED} || jsonb_build_array({_role("handed_in", "x")}) AS shapes
       FROM jsonb_to_recordset(b.document -> 'shapes') AS x{SHAPE}
       WHERE x.source ->> 'action' = CASE WHEN %(outcome)s = 'missed' THEN 'drawn' ELSE %(outcome)s END
         AND x.id <> ALL(e.ids) AND (%(label)s::uuid IS NULL OR x.label_id = %(label)s::uuid)
         AND (%(version)s::text IS NULL OR x.source ->> 'model_version' = %(version)s::text)
         AND (%(band)s::integer IS NULL OR least(9, floor(x.score * 10)) = %(band)s::integer)
       ORDER BY md5(x.id::text || %(seed)s) LIMIT {OF_ONE})
      UNION ALL
      (SELECT x.id, x.label_id, jsonb_build_array({_role("proposed", "x")})
       FROM jsonb_array_elements_text(v.rejected) AS r(id)
         JOIN prediction x ON x.org_id = v.org_id AND x.id = r.id::uuid
       WHERE %(outcome)s = 'rejected' AND (%(label)s::uuid IS NULL OR x.label_id = %(label)s::uuid)
         AND (%(version)s::uuid IS NULL OR x.model_version_id = %(version)s::uuid)
         AND (%(band)s::integer IS NULL OR least(9, floor(x.score * 10)) = %(band)s::integer)
       ORDER BY md5(x.id::text || %(seed)s) LIMIT {OF_ONE})) x
    LEFT JOIN LATERAL (
      SELECT w.verdict, w.reason, w.comment, w.revision_id FROM verdict w
      WHERE w.org_id = v.org_id AND w.submission_id = v.id ORDER BY w.at DESC LIMIT 1) j ON true
    LEFT JOIN annotation_revision a ON a.org_id = v.org_id AND a.id = j.revision_id
    LEFT JOIN LATERAL jsonb_to_recordset(a.document -> 'shapes') AS y{SHAPE} ON y.id = x.id
  LIMIT %(shown)s) f
"""
