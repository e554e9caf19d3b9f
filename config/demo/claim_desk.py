"""An insurer's claim desk, as a program of its own that knows nothing but Tessera's API.

It sends pictures of cars with what a model of the insurer's saw on them. Confident ones are decided at once, the others
by people before a deadline; who plays the people is another account. Beside a running demo:

    python -m config.demo.claim_desk --url http://127.0.0.1:8000 --claims 12
"""

import argparse
import random
import statistics
import time
import uuid
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import requests

from apps.accounts.demo import PASSWORD

from . import car_parks

PROJECT, PIPELINE, DATASET, LABEL = "Claim desk", "Claims", "Claims", "car"
MODEL = {"name": "Insurer's car finder", "version": 3}
SURE, UNSURE = (0.91, 0.995), (0.35, 0.88)
SHARE_SURE = 0.6
AROUND = 90  # pixels around the car that a claim is about
PATIENCE = 120  # seconds until all must be decided
OPEN = {"deciding", "with_people"}


class Refused(Exception):
    """What the server said no to, in its own sentence."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody at a server, for one organization."""

    url: str
    org: str
    token: str

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The answer's body. Raises Refused."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        headers |= more.pop("headers", {})
        place = f"{self.url}/api/v1/orgs/{self.org}/{path}"
        answer = requests.request(method, place, json=body, headers=headers, timeout=60, **more)
        if not answer.ok:
            raise Refused(f"{method} {path}: {answer.status_code} {answer.json()['error']['message']}")
        return answer.json() if answer.content else None


@dataclass(slots=True)
class Claim:
    """A picture with what the insurer's model saw, and what became of it."""

    name: str
    picture: bytes
    predictions: list[dict[str, Any]]
    by_upload: bool
    intake: dict[str, Any] = field(default_factory=dict)

    @property
    def lowest(self) -> float:
        return min((one["score"] for one in self.predictions), default=0.0)


def signed_in(url: str, org: str, email: str, password: str) -> Desk:
    """With a token of its own for the organization. Raises Refused."""
    asked = {"email": email, "password": password, "name": "claim desk", "organizations": [org]}
    answer = requests.post(f"{url}/api/v1/tokens", json=asked, timeout=60)
    if not answer.ok:
        raise Refused(answer.json()["error"]["message"])
    return Desk(url, org, answer.json()["token"])


def line_of(desk: Desk, at_least: float) -> tuple[str, str]:
    """The project, and the dataset over which a production intake runs; both made where they are missing."""
    projects = desk.ask("GET", "projects?limit=200")["results"]
    project = next((one for one in projects if one["name"] == PROJECT), None)
    if project is None:
        project = desk.ask("POST", "projects", {"name": PROJECT, "description": "Cars of claims, decided in time."})
        recipe = desk.ask("POST", f"projects/{project['id']}/recipes", {"name": "Cars"})
        labels = [{"name": LABEL, "title": "Car", "key": "1"}]
        desk.ask("POST", f"recipes/{recipe['id']}/versions", {"labels": labels, "instructions": "Box every car."})
    place = f"projects/{project['id']}"
    runs = desk.ask("GET", f"{place}/pipeline_runs")["results"]
    running = next((run for run in runs if run["state"] == "running"), None)
    if running is None:
        dataset = desk.ask("POST", f"{place}/datasets", {"name": f"{DATASET} {datetime.now(UTC):%d %b %H:%M:%S}"})
        settings = {"at_least": at_least, "instructions": "Is every car boxed, and nothing else?"}
        wanted = {"name": f"{PIPELINE} {uuid.uuid4().hex[:6]}", "template": "production_intake", "settings": settings}
        version = desk.ask("POST", f"{place}/pipelines", wanted)["version"]
        asked = {"pipeline_version": version["id"], "dataset": dataset["id"]}
        running = desk.ask("POST", f"{place}/pipeline_runs", asked)
        waited_for(desk, f"jobs/{running['job']}")
    return project["id"], running["dataset"]


def claims(count: int, seed: int) -> list[Claim]:
    """Pictures of single cars from a generated car park, with scores that are sure of some and unsure of others."""
    chance = random.Random(seed)  # noqa: S311 - a demo that repeats
    park = car_parks.draw(seed, columns=1, rows=1)
    cars = car_parks.truth(seed, columns=1, rows=1)
    made = []
    for number, car in enumerate(chance.sample(cars, min(count, len(cars))), start=1):
        left, top = max(0, round(car.x) - AROUND), max(0, round(car.y) - AROUND)
        right = min(park.width, round(car.x + car.width) + AROUND)
        bottom = min(park.height, round(car.y + car.height) + AROUND)
        written = BytesIO()
        park.crop((left, top, right, bottom)).save(written, "JPEG", quality=90)
        inside = [one for one in cars if left <= one.x and top <= one.y and one.x + one.width <= right]
        inside = [one for one in inside if one.y + one.height <= bottom]
        band = SURE if chance.random() < SHARE_SURE else UNSURE
        seen = [_prediction(one, left, top, chance.uniform(*band)) for one in inside]
        made.append(Claim(f"claim-{number:03}.jpg", written.getvalue(), seen, by_upload=number % 2 == 0))
    return made


def send(desk: Desk, dataset: str, claim: Claim, deadline: datetime) -> None:
    """As a new picture in one request, or uploaded first and sent as an item that is there."""
    body: dict[str, Any] = {
        "predictions": claim.predictions,
        "model": MODEL,
        "external_id": claim.name.removesuffix(".jpg"),
        "deadline": deadline.isoformat(),
        "metadata": {"line": "motor"},
    }
    if claim.by_upload:
        files = [("files", (claim.name, claim.picture, "image/jpeg"))]
        upload = desk.ask("POST", f"datasets/{dataset}/uploads", files=files)
        waited_for(desk, f"jobs/{upload['job']['id']}")
        body["item"] = desk.ask("GET", f"uploads/{upload['id']}")["results"][0]["item"]
    else:
        body["picture"] = {"name": claim.name, "content": b64encode(claim.picture).decode()}
    claim.intake = desk.ask("POST", f"datasets/{dataset}/intake", body)


def work_as_people(desk: Desk, project: str) -> int:
    """Decide one task as a person would who agrees with the model; gives how many were there."""
    claimed = desk.ask("POST", f"projects/{project}/claims", {"limit": 1})
    for task in (claimed or {"tasks": []})["tasks"]:
        said = desk.ask("GET", f"items/{task['item']['id']}/predictions")["results"]
        body = {"annotations": [_accepted(one) for one in said]}
        desk.ask("POST", f"tasks/{task['id']}/submission", body, headers={"Lease-Token": task["lease"]["token"]})
    return len(claimed["tasks"]) if claimed else 0


def settle(desk: Desk, person: Desk | None, project: str, sent: Sequence[Claim], patience: float) -> None:
    """Ask until all are decided, or for so long; meanwhile the person works, if there is one."""
    until = time.monotonic() + patience
    while any(claim.intake["state"] in OPEN for claim in sent) and time.monotonic() < until:
        if person is None or not work_as_people(person, project):
            time.sleep(0.5)
        for claim in sent:
            if claim.intake["state"] in OPEN:
                claim.intake = desk.ask("GET", f"intakes/{claim.intake['id']}")


def table(sent: Sequence[Claim]) -> str:
    """A line for each claim, and what they come to."""
    head = f"{'claim':10} {'sent as':8} {'cars':>4} {'lowest':>6}  {'state':12} {'by':7} {'rule':10}"
    lines = [f"{head} {'seconds':>7}  {'in time':8} certified"]
    for claim in sent:
        intake, decision = claim.intake, claim.intake["decision"] or {}
        rule = decision["rules"][-1]["rule"] if decision.get("rules") else ""
        lines.append(
            f"{intake['external_id']:10} {'item' if claim.by_upload else 'picture':8} {len(claim.predictions):4}"
            f" {claim.lowest:6.2f}  {intake['state']:12} {decision.get('by', ''):7} {rule:10}"
            f" {_seconds(intake):>7}  {MET[intake['met']]:8} {CERTIFIED[decision.get('certified')]}"
        )
    return "\n".join([*lines, "", *_sums(sent)])


MET = {True: "yes", False: "LATE", None: ""}
CERTIFIED = {True: "yes", False: "no", None: ""}


def main() -> None:
    """Send, wait, print."""
    options = _options()
    desk = (
        Desk(options.url, options.org, options.token)
        if options.token
        else signed_in(options.url, options.org, options.email, options.password)
    )
    person = None if options.alone else signed_in(options.url, options.org, options.person, options.password)
    project, dataset = line_of(desk, options.at_least)
    sent = claims(options.claims, options.seed)
    for claim in sent:
        send(desk, dataset, claim, datetime.now(UTC) + timedelta(seconds=options.deadline))
    settle(desk, person, project, sent, options.patience)
    print(table(sent))  # noqa: T201 - what it is for


def waited_for(desk: Desk, path: str) -> dict[str, Any]:
    """A job once it has ended. Raises Refused where it did not end well."""
    while True:
        job: dict[str, Any] = desk.ask("GET", path)
        if job["state"] not in {"queued", "running"}:
            break
        time.sleep(0.1)
    if job["state"] != "done":
        raise Refused(f"The job {job['kind']} {job['state']}.")
    return job


def _prediction(car: car_parks.CarBox, left: int, top: int, score: float) -> dict[str, Any]:
    place = {"x": round(car.x - left, 2), "y": round(car.y - top, 2), "width": car.width, "height": car.height}
    return {"type": "box", "label": LABEL, **place, "score": round(score, 3)}


def _accepted(prediction: dict[str, Any]) -> dict[str, Any]:
    place = {name: prediction[name] for name in ("label", "type", "x", "y", "width", "height")}
    source = {"kind": "model", "prediction": prediction["id"], "action": "accepted"}
    return {"id": str(uuid.uuid4()), **place, "source": source}


def _seconds(intake: dict[str, Any]) -> str:
    if not intake["decided_at"]:
        return ""
    return f"{_took(intake):.2f}"


def _took(intake: dict[str, Any]) -> float:
    began, ended = (datetime.fromisoformat(intake[name]) for name in ("created_at", "decided_at"))
    return (ended - began).total_seconds()


def _sums(sent: Sequence[Claim]) -> list[str]:
    decided = [claim.intake for claim in sent if claim.intake["decision"]]
    lines = []
    for by, words in (("model", "decided at once by a rule"), ("people", "decided by people")):
        took = [_took(intake) for intake in decided if intake["decision"]["by"] == by]
        middle = f", median {statistics.median(took):.2f} s" if took else ""
        lines.append(f"{len(took)} of {len(sent)} {words}{middle}")
    late = sum(claim.intake["late"] for claim in sent)
    still = sum(claim.intake["state"] in OPEN for claim in sent)
    return [
        *lines,
        f"{still} still open, {late} late, {sum(not one['decision']['certified'] for one in decided)} not certified",
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Play an insurer's claim desk against a running Tessera.")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--org", default="meadow")
    parser.add_argument("--token", default="", help="of the desk; without it, email and password make one")
    parser.add_argument("--email", default="max@meadow.example")
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument("--person", default="ada@meadow.example", help="who decides what is not confident")
    parser.add_argument("--alone", action="store_true", help="leave what is not confident to people at their desks")
    parser.add_argument("--claims", type=int, default=12)
    parser.add_argument("--at-least", type=float, default=0.9)
    parser.add_argument("--deadline", type=float, default=60, help="seconds")
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


if __name__ == "__main__":
    main()
