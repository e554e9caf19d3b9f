import math
from io import BytesIO

import pytest
from PIL import Image, ImageChops

from config.demo import car_parks
from config.demo.car_parks.cars import Car, Sun, paste_car, paste_shadow
from config.demo.car_parks.models import MODELS, WHITE
from config.demo.car_parks.plan import plan_of

ASPHALT = (110, 112, 115)
SUN = Sun(0.7, 0.9)


@pytest.fixture(scope="module")
def small():
    """One cell of a car park."""
    return car_parks.draw(3, columns=1, rows=1)


@pytest.mark.parametrize("seed", range(5))
def test_a_car_park_has_at_least_24_megapixels_and_hundreds_of_cars_of_all_models(seed):
    boxes = car_parks.truth(seed)

    assert car_parks.WIDTH * car_parks.HEIGHT >= 24_000_000
    assert 200 <= len(boxes) <= 500
    assert {box.label for box in boxes} == {"car"}
    assert {box.model for box in boxes} == set(car_parks.MODEL_NAMES)
    assert all(60 <= max(box.width, box.height) <= 140 for box in boxes)
    assert all(box.x >= 0 and box.x + box.width <= car_parks.WIDTH for box in boxes)
    assert all(box.y >= 0 and box.y + box.height <= car_parks.HEIGHT for box in boxes)


def test_some_rows_are_turned_and_no_car_is_under_the_middle_of_a_tree():
    plan = plan_of(0)
    askew = [car for car in plan.cars if min(car.turn % (math.pi / 2), -car.turn % (math.pi / 2)) > 0.12]

    assert len(askew) > 50
    for car in plan.cars:
        assert all(math.hypot(car.x - tree.x, car.y - tree.y) > tree.radius for tree in plan.trees)


def test_the_same_seed_draws_the_same_bytes_and_another_seed_another_car_park(small):
    assert car_parks.truth(3) == car_parks.truth(3) != car_parks.truth(4)

    again = car_parks.draw(3, columns=1, rows=1)

    assert _jpeg(again) == _jpeg(small)


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
@pytest.mark.parametrize("turn", [0.0, 0.5, 2.2])
def test_a_box_holds_its_car_and_nothing_beyond(model, turn):
    paint = (220, 40, 40)
    picture = Image.new("RGB", (200, 200), ASPHALT)
    car = Car(model.name, 100.3, 99.6, model.length, model.width, turn, paint, seed=1)
    paste_car(picture, car, SUN)

    seen = ImageChops.difference(picture, Image.new("RGB", picture.size, ASPHALT)).getbbox()

    assert seen is not None
    assert all(abs(edge - true) <= 1.5 for edge, true in zip(seen, car.bounds(), strict=True))


def test_a_shadow_falls_where_the_sun_is_not():
    picture = Image.new("RGB", (200, 200), ASPHALT)
    car = Car("van", 100, 100, 126, 50, 0.0, WHITE, seed=1)
    paste_shadow(picture, car, SUN)

    left, top, right, bottom = (round(edge) for edge in car.bounds())
    assert picture.getpixel((right - 20, bottom + 4)) < ASPHALT
    assert picture.getpixel((left + 20, top - 8)) == ASPHALT


def test_the_true_boxes_show_cars_in_the_picture(small):
    """A white car: much of its box is brighter than asphalt, lines or kerbs in an empty bay ever are."""
    boxes = car_parks.truth(3, columns=1, rows=1)
    cars = plan_of(3, 1, 1).cars
    white = [box for box, car in zip(boxes, cars, strict=True) if car.paint == WHITE and box.model != "convertible"]

    assert small.size == (2000, 2048)
    assert len(white) > 5
    for box in white:
        inside = small.crop((round(box.x), round(box.y), round(box.x + box.width), round(box.y + box.height)))
        bright = inside.convert("L").point(lambda value: 255 * (value > 185))
        assert bright.histogram()[255] > 0.2 * box.width * box.height


def _jpeg(picture):
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()
