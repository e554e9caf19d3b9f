"""The schema is made from the code, whole and without guesses."""

from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The document as it is served."""
    GENERATOR_STATS.reset()
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return document


def operations(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every operation with its name."""
    return [
        (f"{method} {path}", stated) for path, methods in schema["paths"].items() for method, stated in methods.items()
    ]


def test_nothing_had_to_be_guessed(schema: dict[str, Any]) -> None:
    assert not GENERATOR_STATS


def test_every_operation_says_what_it_is_and_what_it_answers(schema: dict[str, Any]) -> None:
    for name, stated in operations(schema):
        assert stated.get("summary"), name
        assert any(code < "400" for code in stated["responses"]), name
        assert {"401", "403", "404", "422"} <= set(stated["responses"]), name


def test_operations_have_names_of_their_own(schema: dict[str, Any]) -> None:
    names = [stated["operationId"] for _, stated in operations(schema)]

    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    known = set(schema["components"]["schemas"])

    assert {reference.rpartition("/")[2] for reference in _references(schema)} <= known


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for inner in value.values() for found in _references(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in _references(inner)]
    return []
