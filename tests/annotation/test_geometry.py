"""Geometry as it is kept, and documents with honest provenance."""

import math
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.annotation.documents import Proposed, prepare
from apps.annotation.geometry import GeometryRefused, normal_box, normal_polygon
from apps.annotation.rules import Extent, rules_of
from apps.annotation.shapes import Box, Document, Polygon, Shape, as_plain
from apps.core.ids import new_id

CAR = str(new_id())
RULES = rules_of([{"id": CAR, "name": "car", "attributes": []}, {"id": str(new_id()), "name": "van", "attributes": []}])


def a_box(**fields: Any) -> Box:
    values: dict[str, Any] = {"x": 10, "y": 20, "width": 30, "height": 40, **fields}
    return Box(id=new_id(), label="car", **values)


def a_polygon(*rings: list[tuple[float, float]]) -> Polygon:
    return Polygon(id=new_id(), label="car", parts=[list(rings)])


def test_a_box_is_clipped_to_the_picture_and_rounded() -> None:
    normal = normal_box(a_box(x=-5.004, y=790.006, width=20, height=50), 1000, 800)
    assert normal.geometry == {"x": 0, "y": 790.01, "width": 15, "height": 9.99}
    assert normal.bounds == (0, 790.01, 15, 800)


@pytest.mark.parametrize(("turn", "kept"), [(-90, 270), (360, None), (405.123, 45.12), (719.999, None)])
def test_rotation_is_kept_between_nought_and_a_full_turn(turn: float, kept: float | None) -> None:
    assert normal_box(a_box(rotation=turn), 1000, 800).geometry.get("rotation") == kept


def test_a_rotated_box_keeps_its_sides_and_has_the_bounds_of_its_corners() -> None:
    normal = normal_box(a_box(x=100, y=100, width=40, height=20, rotation=90), 1000, 800)
    assert normal.geometry == {"x": 100, "y": 100, "width": 40, "height": 20, "rotation": 90}
    assert normal.bounds == pytest.approx((110, 90, 130, 130))
    with pytest.raises(GeometryRefused):
        normal_box(a_box(x=-100, rotation=45), 1000, 800)


def test_a_polygon_inside_is_kept_point_by_point() -> None:
    normal = normal_polygon(a_polygon([(0, 0), (10, 0), (10, 10.004), (0, 10)], [(2, 2), (4, 2), (4, 4)]), 100, 100)
    assert normal.geometry == {"parts": [[[[0, 0], [10, 0], [10, 10], [0, 10]], [[2, 2], [4, 2], [4, 4]]]]}
    assert (normal.bounds, normal.area) == ((0, 0, 10, 10), 98)


def test_a_polygon_that_leaves_the_picture_is_cut_there() -> None:
    normal = normal_polygon(a_polygon([(90, 90), (110, 90), (110, 110), (90, 110)]), 100, 100)
    assert (normal.bounds, normal.area) == ((90, 90, 100, 100), 100)


def test_a_polygon_that_crosses_itself_becomes_its_parts() -> None:
    normal = normal_polygon(a_polygon([(0, 0), (10, 10), (10, 0), (0, 10)]), 100, 100)
    assert (len(normal.geometry["parts"]), normal.area) == (2, 50)  # type: ignore[arg-type]


def test_what_crosses_itself_once_it_is_rounded_is_mended_too() -> None:
    ring = [(1.0, 0.00390625), (4.0, 0.0), (0.0, 0.0), (0.0, 1.0), (4.0, 0.0), (0.0, 2.0)]
    normal = normal_polygon(a_polygon(ring), 1000, 800)
    again = msgspec.convert({"type": "polygon", "id": str(new_id()), "label": "car", **normal.geometry}, Polygon)
    assert normal_polygon(again, 1000, 800).area == normal.area


coordinates = st.floats(min_value=-200, max_value=1200, allow_nan=False)


@given(st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=12))
def test_whatever_is_drawn_lies_inside_or_is_refused(points: list[tuple[float, float]]) -> None:
    try:
        normal = normal_polygon(a_polygon(points), 1000, 800)
    except GeometryRefused:
        return
    x1, y1, x2, y2 = normal.bounds
    assert 0 <= x1 < x2 <= 1000
    assert 0 <= y1 < y2 <= 800
    assert 0 < normal.area <= (x2 - x1) * (y2 - y1) + 0.02
    again = msgspec.convert({"type": "polygon", "id": str(new_id()), "label": "car", **normal.geometry}, Polygon)
    assert math.isclose(normal_polygon(again, 1000, 800).area, normal.area, abs_tol=0.1)


sizes = st.floats(min_value=-10, max_value=2000, allow_nan=False)


@given(coordinates, coordinates, sizes, sizes, st.floats(min_value=-720, max_value=720))
def test_whatever_box_is_drawn_has_bounds_inside_or_is_refused(
    x: float, y: float, width: float, height: float, rotation: float
) -> None:
    try:
        normal = normal_box(a_box(x=x, y=y, width=width, height=height, rotation=rotation), 1000, 800)
    except GeometryRefused:
        return
    x1, y1, x2, y2 = normal.bounds
    assert 0 <= x1 <= x2 <= 1000
    assert 0 <= y1 <= y2 <= 800
    assert normal.area > 0
    assert 0 <= float(str(normal.geometry.get("rotation", 0))) < 360


def prepared(shape: Shape, proposed: dict[UUID, Proposed]) -> Any:
    return prepare([shape], rules=RULES, width=1000, height=800, extent=Extent(), proposed=proposed)


@pytest.mark.parametrize(
    ("change", "action"),
    [({}, "accepted"), ({"x": 11}, "edited"), ({"label": "van"}, "edited"), ({"attributes": {}}, "accepted")],
)
def test_accepted_is_what_equals_the_prediction_whatever_the_sender_says(change: dict[str, Any], action: str) -> None:
    prediction, version = new_id(), new_id()
    proposal = Proposed(UUID(CAR), {"x": 10, "y": 20, "width": 30, "height": 40}, version, 0.7)
    sent = {**as_plain(a_box()), **change, "source": {"kind": "model", "prediction": prediction, "action": "drawn"}}
    result = prepared(msgspec.convert(sent, Box), {prediction: proposal})
    (shape,) = msgspec.json.decode(result.document, type=Document).shapes
    assert shape.source == {
        "kind": "model",
        "model_version": str(version),
        "prediction": str(prediction),
        "action": action,
    }
    assert (shape.score, result.counts) == (0.7, {action: 1})


def test_a_prediction_that_is_not_the_pictures_is_no_provenance() -> None:
    sent = {**as_plain(a_box()), "source": {"kind": "model", "prediction": new_id(), "action": "accepted"}, "score": 1}
    result = prepared(msgspec.convert(sent, Box), {})
    (shape,) = msgspec.json.decode(result.document, type=Document).shapes
    assert (shape.source, shape.score) == ({"kind": "human", "action": "drawn"}, None)


def test_the_same_shapes_have_the_same_digest() -> None:
    shape = a_box()
    assert prepared(shape, {}).digest == prepared(shape, {}).digest
