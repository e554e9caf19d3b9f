from PIL import Image, ImageChops

from config.demo import mosaic
from config.demo.pictures import PHOTOGRAPHS, boxes_of

LABELS = {"cup", "person", "cat", "horse"}


def test_every_photograph_is_in_its_wheel_and_has_a_licence():
    for photograph in PHOTOGRAPHS.values():
        assert photograph.open().width >= 400
        assert photograph.licence and photograph.credit


def test_measured_boxes_lie_inside_their_photographs():
    for photograph in PHOTOGRAPHS.values():
        width, height = photograph.open().size
        for box in boxes_of(photograph):
            assert box.label in LABELS
            assert 0 <= box.x < box.x + box.width <= width
            assert 0 <= box.y < box.y + box.height <= height


def test_the_mosaic_has_at_least_24_megapixels_and_many_small_objects():
    boxes = mosaic.truth()

    assert mosaic.WIDTH * mosaic.HEIGHT >= 24_000_000
    assert len(boxes) > 200
    assert {box.label for box in boxes} == LABELS
    assert all(mosaic.SMALLEST - 1 <= max(box.width, box.height) <= mosaic.LARGEST + 1 for box in boxes)
    assert all(box.x >= 0 and box.x + box.width <= mosaic.WIDTH for box in boxes)
    assert all(box.y >= 0 and box.y + box.height <= mosaic.HEIGHT for box in boxes)


def test_prints_do_not_cover_each_other():
    places = [(one.x, one.y, one.x + one.size[0], one.y + one.size[1]) for one in mosaic.prints()]

    for index, one in enumerate(places):
        for other in places[:index]:
            assert one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]


def test_the_same_seed_draws_the_same_picture_and_another_seed_another():
    assert mosaic.truth(3) == mosaic.truth(3) != mosaic.truth(4)
    small = Image.Resampling.NEAREST
    one, again = (mosaic.draw(3).resize((600, 410), small) for _ in range(2))
    assert ImageChops.difference(one, again).getbbox() is None


def test_a_true_box_shows_its_object():
    """A horse is black on white: its box has black at all four sides, and none beyond."""
    picture = mosaic.draw().convert("L")
    horses = [box for box in mosaic.truth() if box.label == "horse" and box.width > 100][:5]

    for box in horses:
        edge = 3
        left, top = round(box.x), round(box.y)
        right, bottom = round(box.x + box.width), round(box.y + box.height)
        around = picture.crop((left - edge, top - edge, right + edge, bottom + edge)).point(
            lambda value: 255 * (value < 110)
        )
        found = around.getbbox()
        assert found is not None
        assert all(
            abs(a - b) <= 2 for a, b in zip(found, (edge, edge, right - left + edge, bottom - top + edge), strict=True)
        )
