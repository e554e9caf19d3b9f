"""People who know the truth about a generated car park, working through the API as their browser session may.

They see as people do: now and then a vehicle that the model missed escapes them too, the same ones every time.
"""

import random
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from config.demo import car_parks
from config.demo.car_parks import CarBox

SAME = 0.5  # intersection over union of a box and a vehicle that it stands for
OVERLOOKED = 0.03
FLOOR = 0.3  # from where these people look at suggestions
SURE = 0.5  # from where one would take them as they are
Truth = dict[str, list[CarBox]]


@dataclass(frozen=True)
class Extent:
    """A box in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


def extent(shape: Any) -> Extent:
    """Of a shape of the API, a COCO box, or a vehicle of the truth."""
    if isinstance(shape, CarBox):
        return Extent(shape.x, shape.y, shape.width, shape.height)
    if "bbox" in shape:
        return Extent(*shape["bbox"])
    return Extent(shape["x"], shape["y"], shape["width"], shape["height"])


def overlap(one: Extent, other: Extent) -> float:
    """Intersection over union."""
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if across <= 0 or down <= 0:
        return 0.0
    shared = across * down
    return shared / (one.width * one.height + other.width * other.height - shared)


@dataclass
class Score:
    """How many vehicles have a box of their own, of how many, and how many boxes there are."""

    found: int = 0
    cars: int = 0
    boxes: int = 0

    def add(self, shapes: Iterable[Any], truth: Sequence[CarBox]) -> None:
        """Count one picture in."""
        left = [extent(shape) for shape in shapes]
        self.boxes += len(left)
        self.cars += len(truth)
        for car in truth:
            best = max(left, key=lambda one: overlap(one, extent(car)), default=None)
            if best is not None and overlap(best, extent(car)) >= SAME:
                left.remove(best)
                self.found += 1

    @property
    def recall(self) -> float:
        return self.found / self.cars

    def __str__(self) -> str:
        return f"recall {self.recall:.3f} (precision {self.found / max(1, self.boxes):.3f})"


class Worker:
    """Somebody signed in, who takes tasks of one stage until there are none."""

    def __init__(self, page: Page, org: str, truth: Truth) -> None:
        self.page, self.api, self.truth = page, f"/api/v1/orgs/{org}", truth
        self.token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """A request with the page's session; gives the decoded answer, None for an empty one."""
        named = {"X-CSRFToken": self.token, "Referer": self.page.url} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        options: dict[str, Any] = {"method": method, "headers": named}
        if body is not None:
            options["data"] = body
        answer = self.page.context.request.fetch(f"{self.api}/{path}", **options)
        while answer.status == 429:  # faster than any person
            self.page.wait_for_timeout(1000 * answer.json()["error"]["details"]["retry_after"])
            answer = self.page.context.request.fetch(f"{self.api}/{path}", **options)
        assert answer.ok, f"{method} {path}: {answer.status} {answer.text()[:300]}"
        return answer.json() if answer.status != 204 and answer.body() else None

    def project(self, name: str) -> str:
        """The id of a project that they may see."""
        return next(one["id"] for one in self.send("GET", "projects")["results"] if one["name"] == name)

    def work(self, project: str, stage: str) -> int:
        """Hand in every task of a stage (its key) that they may have; gives how many."""
        done = 0
        while claimed := self.send("POST", f"projects/{project}/claims", {"limit": 5}):
            for task in claimed["tasks"]:
                assert task["stage"]["key"] == stage, task["stage"]["key"]
                shapes = self._found(task) if task["unit"]["kind"] == "tile" else self._named(task)
                path = f"tasks/{task['id']}/submission"
                self.send("POST", path, {"annotations": shapes}, Lease_Token=task["lease"]["token"])
                done += 1
        return done

    def _found(self, task: dict[str, Any]) -> list[dict[str, Any]]:
        """A tile's vehicles: suggestions that are right, boxes around what was missed, without what escapes them."""
        region = extent(task["unit"]["region"])
        cars = [car for car in self.truth[task["item"]["name"]] if _is_inside(extent(car), region)]
        said = self.send("GET", f"items/{task['item']['id']}/predictions?min_confidence={FLOOR}")["results"]
        suggestions = [shape for shape in said if _is_inside(extent(shape), region)]
        shapes = []
        for car in cars:
            best = _closest(suggestions, car)
            if best is not None:
                suggestions.remove(best)
                shapes.append(_committed(best))
            elif random.Random(f"{car.x}:{car.y}").random() >= OVERLOOKED:
                shapes.append(_drawn(car))
        return shapes

    def _named(self, task: dict[str, Any]) -> list[dict[str, Any]]:
        """An object with the model of the vehicle that it stands for."""
        (shape,) = task["annotations"]
        cars = self.truth[task["item"]["name"]]
        car = max(cars, key=lambda one: overlap(extent(one), extent(shape)))
        return [shape | {"attributes": {"model": car.model}}]


def truth_of(seeds: Sequence[int]) -> Truth:
    """By the names that the demo gives its car parks."""
    return {f"car park {number}.jpg": car_parks.truth(seed) for number, seed in enumerate(seeds, start=1)}


def number_in(text: str) -> int:
    """The first number of a text such as "1,204 objects"."""
    found = re.search(r"\d[\d,]*", text)
    assert found, text
    return int(found[0].replace(",", ""))


def _closest(shapes: Sequence[dict[str, Any]], car: CarBox) -> dict[str, Any] | None:
    """The shape that stands for a vehicle, if one does."""
    best = max(shapes, key=lambda one: overlap(extent(one), extent(car)), default=None)
    return best if best is not None and overlap(extent(best), extent(car)) >= SAME else None


def _is_inside(one: Extent, region: Extent) -> bool:
    x, y = one.centre
    return region.x <= x < region.x + region.width and region.y <= y < region.y + region.height


def _committed(suggestion: dict[str, Any]) -> dict[str, Any]:
    version = suggestion["source"]["model_version"]
    source = {"kind": "model", "model_version": version, "prediction": suggestion["id"], "action": "accepted"}
    kept = {name: suggestion[name] for name in ("label", "type", "x", "y", "width", "height")}
    return {"id": str(uuid.uuid4()), **kept, "source": source}


def _drawn(car: CarBox) -> dict[str, Any]:
    box = {"x": car.x, "y": car.y, "width": car.width, "height": car.height}
    return {"id": str(uuid.uuid4()), "label": car_parks.LABEL, "type": "box", **box}
