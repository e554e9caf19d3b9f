from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.predictions.tiling import Area, plan_tiles

# The machine may be busy with other things; slowness here says nothing about the code.
patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
sides = st.integers(1, 3000)


@patiently
@given(width=sides, height=sides, size=st.integers(64, 500), overlap=st.floats(0, 0.5))
def test_every_pixel_lies_in_a_tile_and_no_tile_leaves_the_picture(width, height, size, overlap):
    tiles = plan_tiles(width, height, size=size, overlap=overlap)
    grid = [tile for tile in tiles if not tile.is_whole] or tiles

    for covered, length in (
        ({n for t in grid for n in range(t.x, t.right)}, width),
        ({n for t in grid for n in range(t.y, t.bottom)}, height),
    ):
        assert covered == set(range(length))
    assert len({(tile.x, tile.y) for tile in grid}) == len({t.x for t in grid}) * len({t.y for t in grid})


@patiently
@given(width=st.integers(900, 3000), height=sides, size=st.integers(100, 400), overlap=st.floats(0.1, 0.4))
def test_neighbours_share_at_least_the_overlap(width, height, size, overlap):
    starts = sorted({tile.x for tile in plan_tiles(width, height, size=size, overlap=overlap) if not tile.is_whole})

    assert all(right - left <= size * (1 - overlap) + 1 for left, right in zip(starts, starts[1:], strict=False))


@patiently
@given(view=st.tuples(st.floats(0, 4000), st.floats(0, 3000)))
def test_a_tile_keeps_its_index_wherever_one_looks(view):
    def places(tiles):
        return {tile.index: (tile.x, tile.y) for tile in tiles}

    assert places(plan_tiles(4000, 3000, size=416, centre=view)) == places(plan_tiles(4000, 3000, size=416))


def test_the_tile_in_view_comes_first_then_the_whole_picture_then_outwards():
    first, whole, *others = plan_tiles(6000, 4096, size=416, centre=(5800, 200))

    assert first.x <= 5800 < first.right and first.y <= 200 < first.bottom
    assert whole.is_whole and (whole.width, whole.height) == (6000, 4096)
    distances = [abs(tile.x + 208 - 5800) + abs(tile.y + 208 - 200) for tile in others]
    assert distances[0] < 500 and distances[-1] > 8000


def test_a_picture_that_the_model_can_take_in_is_not_cut():
    assert [tile.index for tile in plan_tiles(741, 500, size=416)] == [0]


def test_a_region_asks_only_for_its_tiles():
    region = Area(1000, 1000, 300, 300)
    tiles = plan_tiles(6000, 4096, size=416, region=region)

    assert 1 <= len(tiles) <= 9
    assert all(tile.meets(region) and not tile.is_whole for tile in tiles)
