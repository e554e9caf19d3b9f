"""The fields of what lies below this app: name, labels, models and their scores, metadata, subsets."""

import hashlib
import re
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.predictions.models import Deployment
from apps.projects.models import Project
from apps.recipes.models import Label

from .fields import Asked, Choice, Clause, Field, Reading, UnknownValue, one_of
from .models import Subset

STEPS = 20  # bands of 0.05, as fine as the confidence slider's
BAND = re.compile(r"(0(?:\.\d{1,2})?|1(?:\.00?)?)-(0(?:\.\d{1,2})?|1(?:\.00?)?)")

NAME = """SELECT id AS item_id, 'name=' || lower(name) AS term FROM item
WHERE org_id = %(org)s AND id = ANY(%(items)s)"""

# Up to 100 keys of an item count; a long value stands by its hash, as one cannot be typed.
METADATA = """SELECT item_id, unnest(ARRAY['has=' || app.term(key), 'meta=' || app.term(key || '=' || value)]) FROM (
  SELECT i.id AS item_id, m.key, coalesce(m.value, 'null') AS value
  FROM item i CROSS JOIN LATERAL (SELECT * FROM jsonb_each_text(i.metadata) ORDER BY key COLLATE "C" LIMIT 100) m
  WHERE i.org_id = %(org)s AND i.id = ANY(%(items)s)) pairs"""

LABELS = """SELECT a.item_id, 'label=' || l.name
FROM annotation a JOIN label l ON l.org_id = %(org)s AND l.id = a.label_id
WHERE a.org_id = %(org)s AND a.project_id = %(project)s AND a.item_id = ANY(%(items)s)"""

# Of each version, and of all together (`*`), however many there were: the bands in which any prediction lies, and the
# band of the best. And the labels.
PREDICTED = """SELECT p.item_id, unnest(ARRAY['predicted=' || l.name, 'any=' || p.model_version_id || ':' || p.band,
                                   'best=' || p.model_version_id || ':' || p.best, 'any=*:' || p.band,
                                   'best=*:' || p.best_of_all]) FROM (
  SELECT DISTINCT item_id, model_version_id, label_id, app.band(score) AS band,
         max(app.band(score)) OVER (PARTITION BY item_id, model_version_id) AS best,
         max(app.band(score)) OVER (PARTITION BY item_id) AS best_of_all
  FROM prediction WHERE org_id = %(org)s AND item_id = ANY(%(items)s) AND NOT superseded) p
JOIN label l ON l.org_id = %(org)s AND l.id = p.label_id"""

MODELS = """SELECT item_id, 'model=' || model_version_id FROM inference
WHERE org_id = %(org)s AND item_id = ANY(%(items)s) AND state = 'done'"""

SUBSETS = """SELECT item_id, 'subset=' || subset_id FROM subset_item
WHERE org_id = %(org)s AND item_id = ANY(%(items)s)"""


def _labels(project: Project) -> list[Choice]:
    names = Label.objects.filter(org_id=project.org_id, project=project).values_list("name", flat=True)
    return [Choice(name, name) for name in dict.fromkeys(names.order_by("id")[:500])]


def _models(project: Project) -> list[Choice]:
    rows = Deployment.objects.filter(org_id=project.org_id, project=project).order_by("-created_at")[:100]
    return [Choice(str(row.model_version_id), f"{row.title} {row.version}") for row in rows]


def _subsets(project: Project) -> list[Choice]:
    rows = Subset.objects.filter(org_id=project.org_id, project=project).order_by("name")[:500]
    return [Choice(str(row.pk), row.name) for row in rows]


def _read_name(asked: Asked, value: str) -> Reading:
    return Reading(Clause(prefix="name=" + lowered(value)[:300]), value)


def _read_metadata(asked: Asked, value: str) -> Reading:
    key, equals, wanted = value.partition("=")
    if not key:
        raise UnknownValue(_("Write a metadata filter as key, or as key=value."), field="metadata")
    if equals:
        return Reading(Clause((f"meta={term_of(value)}",)), f"{key} = {wanted}")
    return Reading(Clause((f"has={term_of(key)}",)), key)


def _read_confidence(asked: Asked, value: str) -> Reading:
    found = BAND.fullmatch(value)
    low, high = (Decimal(part) * STEPS for part in found.groups()) if found else (Decimal(1), Decimal(0))
    if low >= high or low % 1 or high % 1:
        sentence = _("Write confidence as two scores from 0 to 1 in steps of 0.05, like 0.30-0.60.")
        raise UnknownValue(sentence, field="confidence")
    versions = [one for one in asked.values.get("model", "").split(",") if one] or ["*"]
    kind = "best" if asked.values.get("confidence_of") == "best" else "any"
    bands = range(int(low), int(high))
    terms = tuple(f"{kind}={version}:{band}" for version in versions for band in bands)
    text = _("%(low).2f to %(high).2f") % {"low": low / STEPS, "high": high / STEPS}
    return Reading(Clause(terms), text)


def _read_confidence_of(asked: Asked, value: str) -> Reading:
    if value not in {"any", "best"}:
        raise UnknownValue(_("Confidence is of any prediction (any) or of the best one (best)."), field="confidence_of")
    return Reading(None, _("of the best prediction") if value == "best" else "")


def lowered(text: str) -> str:
    """The twin of the database's `lower`, which takes letter by letter: Σ is σ at a word's end too, and İ is i."""
    return "".join(letter.lower()[0] for letter in text)


def term_of(text: str) -> str:
    """The twin of `app.term`: a long text by its start and its hash."""
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return text if len(text) <= 200 else f"{text[:200]}#{digest}"


FIELDS = (
    Field("name", gettext_lazy("Name"), _read_name, NAME),
    Field(
        "label",
        gettext_lazy("Label"),
        one_of("label", gettext_lazy("This project has no label called “%(value)s”.")),
        LABELS,
        _labels,
    ),
    Field(
        "predicted",
        gettext_lazy("Predicted label"),
        one_of("predicted", gettext_lazy("This project has no label called “%(value)s”.")),
        PREDICTED,
        _labels,
    ),
    Field(
        "model",
        gettext_lazy("Model"),
        one_of("model", gettext_lazy("No model version “%(value)s” serves this project.")),
        MODELS,
        _models,
    ),
    Field("confidence", gettext_lazy("Confidence"), _read_confidence),
    Field("confidence_of", gettext_lazy("Confidence of"), _read_confidence_of),
    Field("metadata", gettext_lazy("Metadata"), _read_metadata, METADATA),
    Field(
        "subset",
        gettext_lazy("Subset"),
        one_of("subset", gettext_lazy("This project has no subset “%(value)s”.")),
        SUBSETS,
        _subsets,
    ),
)
