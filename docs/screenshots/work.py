"""What people do before the camera: a project set up, pictures labeled and judged, all through the API."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from . import detector
from .lots import LABELS, Box, Lot, as_jpeg
from .people import PASSWORD

PICTURES, LEFT_OVER, FOR_REVIEW, RETURNED_STILL = 72, 9, 4, 2
WELL_FITTED = 0.85
SURE = 0.35  # what an annotator takes for a suggestion worth a look
ROTA = ("ada", "bob", "ada", "chi")
TITLES = {"car": "Car", "van": "Van", "pickup": "Pickup", "lorry": "Lorry", "motorbike": "Motorbike"}
INSTRUCTIONS = (
    "A tight box around every vehicle, also around one that is cut off by the edge. Its shadow is not part of it."
)
WRONG = (
    ("missed", "The motorbike beside the third bay is missing."),
    ("shape", "Leave the shadows out, please: the boxes reach too far to the right."),
    ("label", "Two of the vans are cars."),
)


@dataclass(frozen=True, slots=True)
class Done:
    """A task that somebody did: what the clock will be set by."""

    task: str
    person: str
    stage: str
    objects: int
    verdict: str = ""


class Line:
    """The project and everybody's way into it."""

    def __init__(self, url: str, slug: str) -> None:
        self.url, self.slug = url, slug
        self.lots = {f"lot-{number:03d}.jpg": Lot(number) for number in range(1, PICTURES + 1)}
        self._clients: dict[str, httpx.Client] = {}
        self.done: list[Done] = []
        self._author: dict[str, str] = {}
        self._chance = random.Random(7)

    def ask(self, who: str, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask as one of the cast; a refusal ends the program."""
        if who not in self._clients:
            body = {"email": f"{who}@northlot.example", "password": PASSWORD, "name": "screenshots"}
            token = httpx.post(f"{self.url}/api/v1/tokens", json=body, timeout=60).raise_for_status().json()["token"]
            headers = {"Authorization": f"Bearer {token}"}
            base = f"{self.url}/api/v1/orgs/{self.slug}/"
            self._clients[who] = httpx.Client(base_url=base, headers=headers, timeout=120)
        answer = self._clients[who].request(method, path, **more)
        if answer.is_error:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer

    def set_up(self) -> None:
        """From nothing to a running line whose pictures the model has read."""
        made = {"name": "Autumn lots", "description": "Every vehicle on car parks seen from above, by kind."}
        self.project = self.ask("max", "POST", "projects", json=made).json()["id"]
        home = f"projects/{self.project}"
        dataset = self.ask("max", "GET", f"{home}/datasets").json()["results"][0]["id"]
        self._publish(home)
        deployment = self._deploy(home)
        files = [("files", (name, as_jpeg(lot), "image/jpeg")) for name, lot in self.lots.items()]
        upload = self.ask("max", "POST", f"datasets/{dataset}/uploads", files=files).json()
        self.wait(f"jobs/{upload['job']['id']}")
        settings = {"deployment": deployment, "instructions": INSTRUCTIONS, "held_out": 0.1, "lease_seconds": 1800}
        drawn = {"name": "Pre-label and review", "template": "pre_label_and_review", "settings": settings}
        version = self.ask("max", "POST", f"{home}/pipelines", json=drawn).json()["version"]
        self.stages = {stage["key"]: stage["id"] for stage in version["stages"]}
        run = {"pipeline_version": version["id"], "dataset": dataset}
        self.wait(f"jobs/{self.ask('max', 'POST', f'{home}/pipeline_runs', json=run).json()['job']}")
        detector.read_all(self.lots, total=PICTURES)

    def work(self) -> None:
        """Label most pictures, judge most of them, and do again what was returned."""
        for number in range(PICTURES - LEFT_OVER):
            self.label(ROTA[number % len(ROTA)])
        for number in range(PICTURES - LEFT_OVER - FOR_REVIEW):
            self.judge(number)
        ready = {"stage": self.stages["label"], "state": "ready", "limit": 200}
        returned = [one for one in self.ask("max", "GET", "tasks", params=ready).json()["results"] if one["returned"]]
        for one in returned[:-RETURNED_STILL]:
            self.label(self._author[one["item"]], one["id"])

    def label(self, who: str, task_id: str | None = None) -> None:
        """Take a task, look at each suggestion, draw what was missed, hand in."""
        wanted = {"task": task_id} if task_id else {"stage": self.stages["label"]}
        task = self.ask(who, "POST", f"projects/{self.project}/claims", json=wanted).json()["tasks"][0]
        found = self.ask(who, "GET", f"items/{task['item']['id']}/predictions").json()["results"]
        shapes, rejected = self._decided(self.lots[task["item"]["name"]], found, again=bool(task["returned"]))
        lease = {"Lease-Token": task["lease"]["token"]}
        body = {"annotations": shapes, "rejected": rejected}
        self.ask(who, "POST", f"tasks/{task['id']}/submission", json=body, headers=lease)
        self._author[task["item"]["id"]] = who
        self.done.append(Done(task["id"], who, "label", len(shapes)))

    def judge(self, number: int) -> None:
        """Mostly right; some are mended, a few go back."""
        asked = {"stage": self.stages["review"]}
        task = self.ask("rita", "POST", f"projects/{self.project}/claims", json=asked).json()["tasks"][0]
        body: dict[str, Any] = {"verdict": "accept"}
        if number % 9 == 4:
            reason, comment = WRONG[number // 9 % len(WRONG)]
            body = {"verdict": "reject", "reason": reason, "comment": comment}
        elif number % 7 == 3:
            body = {"verdict": "fix", "reason": "missed", "annotations": self._mended(task)}
        self.ask(
            "rita", "POST", f"tasks/{task['id']}/verdict", json=body, headers={"Lease-Token": task["lease"]["token"]}
        )
        self.done.append(Done(task["id"], "rita", "review", len(task["annotations"]), body["verdict"]))

    def wait(self, path: str) -> None:
        """Until a job is done."""
        while (state := self.ask("max", "GET", path).json()["state"]) in {"queued", "running"}:
            time.sleep(0.5)
        if state != "done":
            raise SystemExit(f"{path}: {state}")

    def _publish(self, home: str) -> None:
        recipe = self.ask("max", "POST", f"{home}/recipes", json={"name": "Vehicles"}).json()["id"]
        labels = [
            {"name": name, "title": TITLES[name], "color": number, "key": str(number)}
            for number, name in enumerate(LABELS, start=1)
        ]
        self.ask("max", "POST", f"recipes/{recipe}/versions", json={"labels": labels, "instructions": INSTRUCTIONS})

    def _deploy(self, home: str) -> str:
        model = self.ask("noor", "GET", "models").json()["results"][0]["id"]
        version = self.ask("noor", "GET", f"models/{model}/versions").json()["results"][0]["id"]
        made = self.ask("noor", "POST", f"{home}/deployments", json={"model_version": version}).json()["id"]
        detector.mark_ready(made)
        return str(made)

    def _decided(self, lot: Lot, found: list[dict[str, Any]], *, again: bool) -> tuple[list[dict[str, Any]], list[str]]:
        """The shapes of somebody careful who overlooks one vehicle in twenty at first."""
        shapes, rejected, seen = [], [], set()
        for one in (one for one in found if one["score"] >= SURE):
            number = _meant(lot, one)
            if number is None or number in seen:
                rejected.append(one["id"])
                continue
            seen.add(number)
            vehicle = lot.vehicles[number]
            source = {"kind": "model", "model_version": one["source"]["model_version"], "prediction": one["id"]}
            close = _overlap(_corners(one), vehicle.box) > 0.75 and one["label"] == vehicle.label
            shapes.append({**_shape(vehicle.label, _corners(one) if close else vehicle.box), "source": source})
        overlooked = 0.0 if again else 0.05
        for number in (number for number in range(len(lot.vehicles)) if number not in seen):
            if self._chance.random() >= overlooked:
                shapes.append(_shape(lot.vehicles[number].label, lot.vehicles[number].box))
        return shapes, rejected

    def _mended(self, task: dict[str, Any]) -> list[dict[str, Any]]:
        """What was overlooked is added, and what fits badly fitted."""
        lot, shapes = self.lots[task["item"]["name"]], []
        known = {_meant(lot, one): one for one in task["annotations"]}
        for number, vehicle in enumerate(lot.vehicles):
            if (one := known.get(number)) is None:
                shapes.append(_shape(vehicle.label, vehicle.box))
            elif _overlap(_corners(one), vehicle.box) < WELL_FITTED:
                shapes.append(one | _sides(*(round(value, 2) for value in vehicle.box)))
            else:
                shapes.append(one)
        return shapes


def _shape(label: str, box: Box) -> dict[str, Any]:
    left, top, right, bottom = (round(value, 2) for value in box)
    return {"id": str(uuid4()), "label": label, "type": "box", **_sides(left, top, right, bottom)}


def _sides(left: float, top: float, right: float, bottom: float) -> dict[str, float]:
    return {"x": left, "y": top, "width": round(right - left, 2), "height": round(bottom - top, 2)}


def _corners(one: dict[str, Any]) -> Box:
    return one["x"], one["y"], one["x"] + one["width"], one["y"] + one["height"]


def _meant(lot: Lot, one: dict[str, Any]) -> int | None:
    """The vehicle that a shape is about."""
    best = max(_overlaps(lot, _corners(one)), default=(0.0, 0))
    return best[1] if best[0] > 0.4 else None


def _overlaps(lot: Lot, box: Box) -> Iterator[tuple[float, int]]:
    return ((_overlap(box, vehicle.box), number) for number, vehicle in enumerate(lot.vehicles))


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = ((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / (sum(areas) - width * height)
