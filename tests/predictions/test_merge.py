from dataclasses import replace
from uuid import NAMESPACE_OID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.predictions.merge import Found, Merger
from apps.predictions.tiling import plan_tiles

WIDTH, HEIGHT, SIZE = 700, 500, 200
TILES = plan_tiles(WIDTH, HEIGHT, size=SIZE, overlap=0.25)


def found(identity, x, y, width, height, *, score=0.5, label="cup"):
    return Found(identity, label, score, x, y, width, height)


# Few tiles, so that examples are cheap; enough for corners that four of them share.
FEW = plan_tiles(420, 300, size=200, overlap=0.25)
# The machine may be busy with other things; slowness here says nothing about the code.
patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def boxes_in(tile):
    """Boxes inside the tile, many of them leaning on its borders; scores that are often equal."""
    corner = st.one_of(st.just(0), st.integers(0, 150))
    side = st.one_of(st.just(300), st.integers(20, 120))
    score, label = st.sampled_from([0.05, 0.3, 0.9]), st.sampled_from(["cup", "cat"])
    return st.lists(st.tuples(corner, corner, side, side, score, label), max_size=3).map(
        lambda drawn: [_inside(tile, rank, *values) for rank, values in enumerate(drawn)]
    )


def _inside(tile, rank, left, top, width, height, score, label):
    left, top = min(left, tile.width - 10), min(top, tile.height - 10)
    size = min(width, tile.width - left), min(height, tile.height - top)
    return found(f"{tile.index}-{rank}", tile.x + left, tile.y + top, *size, score=score, label=label)


def detections():
    return st.fixed_dictionaries({tile.index: boxes_in(tile) for tile in FEW})


def few():
    return Merger(FEW, width=420, height=300)


def merger():
    return Merger(TILES, width=WIDTH, height=HEIGHT)


@patiently
@given(results=detections(), order=st.permutations(sorted(tile.index for tile in FEW)))
def test_the_result_does_not_depend_on_the_order_in_which_tiles_end(results, order):
    one, other = few(), few()
    for index in sorted(tile.index for tile in FEW):
        one.add(index, results[index])
    for index in order:
        other.add(index, results[index])

    assert one.merged() == other.merged()


@patiently
@given(results=detections(), order=st.permutations(sorted(tile.index for tile in FEW)))
def test_what_was_shown_step_by_step_is_the_result(results, order):
    live, shown = few(), {}
    for index in order:
        step = live.add(index, results[index])
        shown.update((one.id, one) for one in step.shown)
        for identity in step.gone:
            del shown[identity]

    assert sorted(shown.values(), key=lambda one: one.id) == sorted(live.merged(), key=lambda one: one.id)


@patiently
@given(results=detections(), seed=st.integers(0, 99))
def test_another_inference_with_other_ids_gives_the_same_boxes(results, seed):
    def boxes(ids):
        live = few()
        for index, parts in results.items():
            live.add(index, [replace(part, id=ids(part.id)) for part in parts])
        return [(one.label, one.score, one.x, one.y, one.width, one.height) for one in live.merged()]

    assert boxes(str) == boxes(lambda identity: str(uuid5(NAMESPACE_OID, f"{seed}{identity}")))


@patiently
@given(results=detections())
def test_a_survivor_has_the_id_score_and_label_of_its_best_part(results):
    live = few()
    for index, boxes in results.items():
        live.add(index, boxes)
    parts = {one.id: one for boxes in results.values() for one in boxes}

    for survivor in live.merged():
        assert (survivor.score, survivor.label) == (parts[survivor.id].score, parts[survivor.id].label)


@patiently
@given(results=detections())
def test_adding_a_tile_twice_changes_nothing(results):
    live = few()
    for index, boxes in results.items():
        live.add(index, boxes)
    before = live.merged()

    for index, boxes in results.items():
        assert live.add(index, boxes).shown == []
    assert live.merged() == before


def neighbours():
    """Two tiles side by side in the upper row."""
    row = sorted((tile for tile in TILES if not tile.is_whole and tile.y == 0), key=lambda tile: tile.x)
    return row[0], row[1]


def test_a_cut_object_waits_for_its_neighbours_and_becomes_one():
    left, right = neighbours()
    live = merger()
    live.add(0, [])
    piece = found("a", left.right - 80, 20, 80, 60, score=0.6)

    assert live.add(left.index, [piece]).shown == []

    step = live.add(right.index, [found("b", right.x, 20, 90, 60, score=0.5)])
    assert [(one.id, one.x, one.width, one.score) for one in step.shown] == [
        ("a", piece.x, right.x + 90 - piece.x, 0.6)
    ]
    assert len(live.merged()) == 1


def test_an_object_inside_its_tile_is_shown_at_once():
    left, _ = neighbours()

    assert [one.id for one in merger().add(left.index, [found("a", 50, 50, 40, 40)]).shown] == ["a"]


def test_the_picture_s_own_border_cuts_nothing():
    left, _ = neighbours()

    assert merger().add(left.index, [found("a", 0, 0, 40, 40)]).shown


def test_a_piece_gives_way_to_the_detection_that_saw_the_object_whole():
    left, _ = neighbours()
    live = merger()
    live.add(left.index, [found("piece", left.right - 100, 20, 100, 100, score=0.8)])
    live.add(0, [found("whole", left.right - 100, 20, 300, 100, score=0.4)])

    survivor = live.merged()[0]
    assert (survivor.id, survivor.width, survivor.score) == ("piece", 300, 0.8)


def test_a_small_object_is_not_swallowed_by_a_large_one_of_the_same_class():
    left, _ = neighbours()
    live = merger()
    live.add(left.index, [found("small", 50, 50, 40, 40, score=0.4)])
    live.add(0, [found("crowd", 0, 0, 650, 450, score=0.9)])

    assert {one.id for one in live.merged()} == {"small", "crowd"}


def test_the_second_look_at_an_object_in_the_overlap_replaces_a_worse_first():
    left, right = neighbours()
    x = right.x + 5
    live = merger()
    live.add(left.index, [found("first", x, 40, 30, 30, score=0.5)])
    step = live.add(right.index, [found("second", x + 1, 40, 30, 30, score=0.7)])

    assert ([one.id for one in step.shown], step.gone) == (["second"], ["first"])


def test_other_classes_are_never_merged():
    left, right = neighbours()
    live = merger()
    live.add(left.index, [found("cup", right.x + 5, 40, 30, 30)])
    live.add(right.index, [found("cat", right.x + 5, 40, 30, 30, label="cat")])

    assert len(live.merged()) == 2


@pytest.mark.parametrize(("score", "objects"), [(0.09, 2), (0.11, 1)])
def test_faint_pieces_are_suppressed_but_not_joined(score, objects):
    left, right = neighbours()
    live = merger()
    live.add(left.index, [found("a", left.right - 160, 20, 160, 60, score=0.9)])
    live.add(right.index, [found("b", right.x, 20, 90, 60, score=score)])

    assert len(live.merged()) == objects
