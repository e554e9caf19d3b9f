"""What makes a graph one that can run; each refusal names the stage and says what to do."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest

from apps.pipelines.graphs import Edge, Graph, InvalidGraph
from apps.pipelines.line import Line
from apps.pipelines.templates import graph_of


def template() -> dict[str, Any]:
    """The template as JSON, to be bent."""
    bent: dict[str, Any] = msgspec.to_builtins(graph_of("pre_label_and_review", {"deployment": str(uuid4())}))
    return bent


def refusal_of(graph: dict[str, Any]) -> InvalidGraph:
    """Why a graph is refused."""
    with pytest.raises(InvalidGraph) as refused:
        Line(msgspec.convert(graph, Graph))
    return refused.value


def test_the_template_is_a_line() -> None:
    line = Line(msgspec.convert(template(), Graph))

    assert line.order == ["dataset", "predict", "label", "review", "done"]
    assert line.edges["review"]["rework"] == "label"
    assert line.comes_after_predict("label")


def test_the_templates_without_a_model_are_lines_too() -> None:
    label_only, label_and_review = (Line(graph_of(name, {})) for name in ("label_only", "label_and_review"))

    assert label_only.order == ["dataset", "label", "done"]
    assert label_and_review.order == ["dataset", "label", "review", "done"]
    assert label_and_review.edges["review"]["rework"] == "label"
    assert label_and_review.settings["label"].held_out is None


def test_an_edge_is_written_with_from_and_to() -> None:
    assert msgspec.to_builtins(Edge(source="a", target="b")) == {"from": "a", "to": "b", "outcome": "done"}


@pytest.mark.parametrize(
    ("stage", "changes", "sentence"),
    [
        ("predict", {"settings": {}}, "deployment"),
        ("predict", {"settings": {"deployment": str(uuid4()), "floor": 2}}, "from 0 to 1"),
        ("label", {"settings": {"tools": ["brush"]}}, "not right"),
        ("label", {"settings": {"held_out": 1.5}}, "from 0 to 1"),
        ("label", {"settings": {"lease_seconds": 1}}, "lasts 60 to"),
        ("review", {"settings": {"roles": ["annotator"]}}, "Annotators decide on nothing"),
        ("label", {"settings": {"roles": ["auditor"]}}, "not right"),
        ("review", {"settings": {"rate": 0.1}}, "rate"),
        ("label", {"kind": "magic"}, "no known kind"),
        ("label", {"key": "a b"}, "A key is"),
        ("label", {"key": "review"}, "Two stages"),
        ("label", {"kind": "dataset", "settings": {}}, "one dataset"),
    ],
)
def test_a_stage_that_cannot_work_is_named(stage: str, changes: dict[str, Any], sentence: str) -> None:
    graph = template()
    next(one for one in graph["stages"] if one["key"] == stage).update(changes)

    assert sentence in refusal_of(graph).text


def without(graph: dict[str, Any], source: str, outcome: str) -> dict[str, Any]:
    """The graph less one edge."""
    edges = [edge for edge in graph["edges"] if (edge["from"], edge["outcome"]) != (source, outcome)]
    return graph | {"edges": edges}


@pytest.mark.parametrize(
    ("bent", "stage", "sentence"),
    [
        (without(template(), "review", "done"), "review", "Nothing follows review"),
        (without(template(), "review", "rework"), "review", "nowhere to return"),
        (without(template(), "dataset", "done"), "dataset", "Nothing follows dataset"),
    ],
)
def test_units_may_not_stop_on_the_way(bent: dict[str, Any], stage: str, sentence: str) -> None:
    refusal = refusal_of(bent)

    assert refusal.details == {"stage": stage}
    assert sentence in refusal.text


def test_only_rework_goes_back() -> None:
    graph = template()
    next(edge for edge in graph["edges"] if edge["from"] == "review" and edge["outcome"] == "done")["to"] = "predict"

    assert "comes back to predict" in refusal_of(graph).text


def test_a_stage_that_no_unit_reaches_is_named() -> None:
    graph = template()
    graph["stages"].append({"key": "island", "kind": "done"})

    assert refusal_of(graph).details == {"stage": "island"}


def test_rework_returns_to_people_before_it() -> None:
    graph = template()
    next(edge for edge in graph["edges"] if edge["outcome"] == "rework")["to"] = "predict"

    assert "must lead to a label stage" in refusal_of(graph).text


def test_an_edge_to_a_stage_that_is_not_there_is_named() -> None:
    graph = template()
    graph["edges"].append({"from": "done", "to": "moon"})

    assert refusal_of(graph).details == {"stage": "moon"}


def test_of_two_ways_on_one_must_go() -> None:
    graph = template()
    graph["edges"].append({"from": "label", "to": "done"})

    assert "two edges" in refusal_of(graph).text


def test_somebody_must_work() -> None:
    graph = {
        "stages": [{"key": "a", "kind": "dataset"}, {"key": "b", "kind": "done"}],
        "edges": [{"from": "a", "to": "b"}],
    }

    assert "Add a label stage" in refusal_of(graph).text
