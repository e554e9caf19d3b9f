"""All that can be asked of an organization: the URL table, with bodies made from what each operation states.

An id in a path, a query or a body is written as a place, `{dataset}`; whose id stands there is decided by who asks.
"""

import re
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from apps.core.access import action_of
from apps.core.ids import new_id
from tests.test_access import every_route, methods_of

ARGUMENT = re.compile(r"<(\w+):(\w+)>")
# An argument or a field whose name is not its table's.
TABLES = {
    "view": "saved_view",
    "act": "bulk_act",
    "run": "pipeline_run",
    "version": "model_version",
    "group": "team",
    "role": "custom_role",
    "until": "notification",
    "items": "item",
    "units": "unit",
    "mentions": "person",
    "user": "person",
    "members": "membership",
    "tasks": "task",
    "people": "person",
    "rejected": "prediction",
    "shown": "prediction",
}
# Nothing is looked up by these: clients make them up themselves, and `until` is a moment in the order of ids.
MADE_UP = {"op_id", "shape_id", "id", "group_id", "values", "until"}
NEW = str(new_id())
WORDS = {"name": "manager", "table": "classes", "secret": "a-secret"}
# What an operation needs before it looks anything up, where the first value of each kind would not do.
BODIES: dict[str, dict[str, Any]] = {
    "ActIn": {"act": "delete", "selection": {"items": ["{own:item}"]}},
    "PredictionRunIn": {"selection": {"items": ["{own:item}"]}},
    "SubmissionIn": {"annotations": []},
    "PipelineVersionIn": {"graph": {"stages": [], "edges": []}},
    "GraphIn": {"graph": {"stages": [], "edges": []}},
    "RecipeVersionIn": {"labels": [{"name": "car"}]},
    "ItemEdit": {"name": "renamed.jpg"},
    "ProjectEdit": {"name": "Renamed"},
    "ViewIn": {"name": "Mine", "filter": {"state": "open"}},
    "MemberEdit": {"role": "reviewer"},
    "InvitationIn": {"email": "nia@new.example", "role": "annotator"},
    "DraftOps": {"base_revision": 0, "ops": []},
    "VerdictIn": {"annotations": []},
    "IntakeIn": {"model": {"name": "Elsewhere", "version": 1}},
    "TrialIn": {"rules": [{"key": "all", "when": [{"test": "share", "percent": 100}]}]},
}
WITH_DEPLOYMENT = {
    "graph": {
        "stages": [
            {"key": "dataset", "kind": "dataset", "title": "Pictures"},
            {"key": "read", "kind": "predict", "title": "Read", "settings": {"deployment": "{deployment}"}},
            {"key": "done", "kind": "done", "title": "Done"},
        ],
        "edges": [
            {"from": "dataset", "outcome": "done", "to": "read"},
            {"from": "read", "outcome": "done", "to": "done"},
        ],
    }
}
# Ids that stand in texts, or in fields that only count together with others.
MORE: dict[str, list[dict[str, Any]]] = {
    "ActIn": [
        {"act": "add_to_subset", "selection": {"items": ["{own:item}"]}, "subset": "{subset}"},
        {"act": "delete", "selection": {"items": ["{own:item}", "{own:item}", "{item}"]}},
        {"act": "delete", "selection": {"filter": {}, "dataset": "{dataset}"}},
        {"act": "delete", "selection": {"filter": {"subset": "{subset}"}}},
        {"act": "set_metadata", "selection": {"items": ["{item}"]}, "metadata": {"set": {"lot": "x"}}},
    ],
    "PredictionRunIn": [
        {"deployment": "{own:deployment}", "selection": {"items": ["{own:item}", "{item}"]}},
        {"deployment": "{own:deployment}", "selection": {"filter": {}, "dataset": "{dataset}"}},
        {"deployment": "{own:deployment}", "selection": {"filter": {"confidence_of": "{deployment}"}}},
    ],
    "IntakeIn": [
        {"predictions": [], "item": "{own:item}", "deployment": "{deployment}"},
        {"predictions": [], "item": "{item}", "deployment": "{own:deployment}"},
        {"predictions": [], "item": "{own:item}", "deployment": "{own:deployment}", "run": "{pipeline_run}"},
    ],
    "RunIn": [
        {"pipeline_version": "{own:pipeline_version}", "dataset": "{dataset}"},
        {"pipeline_version": "{pipeline_version}", "dataset": "{own:dataset}"},
    ],
    "AssignmentsIn": [
        {"people": ["{own:person}"], "stage": "{stage}", "number": 1},
        {"people": ["{person}"], "stage": "{own:stage}", "number": 1},
    ],
    "DecisionIn": [{"decision": "give", "person": "{person}"}],
    "DraftOps": [{"base_revision": 0, "ops": [{"op_id": NEW, "rejected": True, "prediction": "{prediction}"}]}],
    "ViewIn": [{"name": "Mine", "filter": {name: "{" + name + "}"}} for name in ("subset", "label")]
    + [{"name": "Mine", "filter": {"model": "{model_version}"}}],
    "PipelineIn": [
        {"name": "Line", "template": "pre_label_and_review", "settings": {"deployment": "{deployment}"}},
        {"name": "Line", "template": "label_only", "recipe_version": "{recipe_version}"},
    ],
    "PipelineVersionIn": [WITH_DEPLOYMENT],
    "GraphIn": [WITH_DEPLOYMENT],
}
QUERIES: dict[str, list[str]] = {
    "CatalogPage": [
        "subset={subset}",
        "confidence_of={deployment}&confidence=0.5",
        "model={model_version}",
        "label={label}",
    ],
    "FiguresIn": ["stage={stage}"],
}
# Forms of pages, and words after their question mark: by the end of the route.
FORMS: dict[str, list[dict[str, Any]]] = {
    "POST /work/": [
        {"project": "{project}"},
        {"project": "{own:project}", "stage": "{stage}"},
        {"project": "{own:project}", "task": "{task}"},
    ],
    "POST /models/": [{"model_version": "{model_version}"}],
    "POST /pipeline/": [
        {"dataset": "{dataset}", "template": "label_only"},
        {"dataset": "{own:dataset}", "template": "pre_label_and_review", "deployment": "{deployment}", "held_out": "5"},
    ],
    "POST /pipelines/new": [{"name": "Line", "template": "pre_label_and_review", "deployment": "{deployment}"}],
    "POST /exports/": [{"dataset": "{dataset}", "format": "coco"}],
    "POST /set-up/labels": [{"copy_from": "{project}"}, {"copy_from": "{recipe_version}"}, {"on": "{recipe_version}"}],
    "POST /set-up/line": [
        {"template": "pre_label_and_review", "reviewers": "manager", "model_version": "{model_version}"}
    ],
    "POST /recipe/": [{"on": "{recipe_version}", "labels": '[{"name": "car"}]'}],
    "POST /runs/<uuid:run_id>": [],
    "POST /work/assignments": [
        {"stage": "{stage}", "number": "1", "people": "{own:person}"},
        {"stage": "{own:stage}", "number": "1", "people": "{person}"},
    ],
    "POST /holder": [{"person": "{person}"}],
    "POST /decision": [{"decision": "give", "person": "{person}"}],
}
ASKED: dict[str, list[str]] = {
    "/dataset/<uuid:dataset_id>/": ["subset={subset}", "model={model_version}", "label={label}"],
    "/items/<uuid:item_id>/": ["subset={subset}"],
    "/pipeline/rules/": ["stage={stage}", "dataset={dataset}"],
    "/quality/": ["label={label}", "recipe={recipe}"],
    "/quality/evidence": ["label={label}", "recipe={recipe}", "version={model_version}"],
    "/performance/": ["stage={stage}"],
    "/performance/table.csv": ["stage={stage}"],
}


@dataclass(frozen=True)
class Call:
    """One thing to ask. `path` has places for ids; `body` is JSON, a form, or None."""

    method: str
    path: str
    places: tuple[str, ...]
    body: Any = None
    query: str = ""
    is_api: bool = True
    multipart: bool = False
    action: str | None = None
    what: str = field(default="path", compare=False)

    @property
    def name(self) -> str:
        """For a person who reads what went wrong."""
        asked = f"?{self.query}" if self.query else ""
        return f"{self.method} {self.path}{asked}" + (f" with {self.body}" if self.what != "path" and self.body else "")


@cache
def calls() -> tuple[Call, ...]:
    """Every route under an organization by every method, ids in the path alone."""
    return tuple(
        _call(route, callback, method)
        for route, callback in every_route()
        if "<slug:org>" in route
        for method in methods_of(callback)
    )


@cache
def with_ids_elsewhere() -> tuple[Call, ...]:
    """The calls again, once for each id that a query or a body can hold."""
    found: list[Call] = []
    for route, callback in every_route():
        if "<slug:org>" not in route:
            continue
        for method in methods_of(callback):
            call, stated = _call(route, callback, method), _stated(callback, method)
            found += [replace(call, query=query, what="query") for query in _queries(route, stated)]
            found += [replace(call, body=body, what="body") for body in _bodies(route, method, stated)]
    return tuple(found)


def table_of(name: str) -> str:
    """The table in which an id of this name is looked up."""
    name = name.removesuffix("_id")
    return TABLES.get(name, name)


def places_in(value: Any) -> set[str]:
    """The places of a path, a query or a body, not those that are one's own."""
    return {place for place in re.findall(r"\{([\w:]+)\}", str(value)) if not place.startswith("own:")}


def _call(route: str, callback: Any, method: str) -> Call:
    stated = _stated(callback, method)
    is_api = route.startswith("/api/")
    places: list[str] = []

    def place(found: re.Match[str]) -> str:
        kind, name = found.groups()
        if name == "org":
            return "{org}"
        if kind != "uuid":
            return WORDS.get(name, "0")
        places.append("prediction_run" if name == "run_id" and "prediction_runs/" in route else table_of(name))
        return "{" + places[-1] + "}"

    path = ARGUMENT.sub(place, route)
    body = _example(stated.body) if stated and stated.body else (None if is_api else {})
    is_multipart, action = bool(stated and stated.multipart), action_of(callback, method)
    return Call(method, path, tuple(places), body, is_api=is_api, multipart=is_multipart, action=action)


def _stated(callback: Any, method: str) -> Any:
    return getattr(getattr(getattr(callback, "view_class", None), method.lower(), None), "operation", None)


def _queries(route: str, stated: Any) -> Iterator[str]:
    if stated is None:
        yield from next((asked for end, asked in ASKED.items() if route.endswith(end)), [])
    elif stated.query is not None:
        for path in _ids(stated.query):
            yield f"{path[-1]}={{{table_of(path[-1])}}}"
        yield from QUERIES.get(stated.query.__name__, [])


def _bodies(route: str, method: str, stated: Any) -> Iterator[Any]:
    if stated is None:
        for end, forms in FORMS.items():
            if f"{method} {route}".startswith(end.split("/")[0]) and route.endswith(end.partition(" ")[2]):
                yield from forms
    elif stated.body is not None:
        for path in _ids(stated.body):
            yield _with_id(stated.body, path)
        yield from MORE.get(stated.body.__name__, [])


def _example(struct: Any) -> Any:
    """A body that can be read: what is required, each by the simplest value of its kind."""
    made = {one.encode_name: _value(one.type, one.name) for one in msgspec.structs.fields(struct) if one.required}
    kind = struct.__struct_config__
    tag = {kind.tag_field: kind.tag} if kind.tag_field else {}
    return tag | made | BODIES.get(struct.__name__, {})


def _value(kind: Any, name: str) -> Any:
    if _is_struct(kind):
        return _example(kind)
    origin = typing.get_origin(kind)
    if origin is typing.Literal:
        return typing.get_args(kind)[0]
    if origin in {typing.Union, types.UnionType}:
        return _value(typing.get_args(kind)[0], name)
    simple = {
        str: "x",
        int: 1,
        float: 0.5,
        bool: True,
        UUID: NEW if name in MADE_UP else "{own:" + table_of(name) + "}",
    }
    return simple.get(kind, [] if origin is list else {})


def _ids(struct: Any) -> Iterator[tuple[str, ...]]:
    """Where ids stand in a struct: the names of fields on the way."""
    for one in msgspec.structs.fields(struct):
        if one.name in MADE_UP:
            continue
        for kind in _kinds(one.type):
            if kind is UUID:
                yield (one.encode_name,)
            elif _is_struct(kind):
                yield from ((one.encode_name, *rest) for rest in _ids(kind))


def _kinds(kind: Any) -> Iterator[Any]:
    parts = typing.get_args(kind)
    if parts and typing.get_origin(kind) is not typing.Literal:
        for part in parts:
            yield from _kinds(part)
    else:
        yield kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _with_id(struct: Any, path: tuple[str, ...]) -> Any:
    """The example, with a foreign id in one field; in a list beside one's own."""
    body = dict(_example(struct))
    known = {one.encode_name: one for one in msgspec.structs.fields(struct)}
    name, kind = path[0], known[path[0]].type
    is_list = any(typing.get_origin(part) is list for part in (kind, *typing.get_args(kind)))
    if len(path) > 1:
        inner = next(part for part in _kinds(kind) if _is_struct(part) and path[1] in _names(part))
        value: Any = _with_id(inner, path[1:])
    else:
        value = "{" + table_of(name) + "}"
    own = "{own:" + table_of(name) + "}"
    body[name] = ([own, value] if len(path) == 1 else [value]) if is_list else value
    return body


def _names(struct: Any) -> set[str]:
    return {one.encode_name for one in msgspec.structs.fields(struct)}
