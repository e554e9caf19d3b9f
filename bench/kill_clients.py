"""People at work over HTTP who take no answer for "unknown": they ask again with the same Idempotency-Key."""

import itertools
import json
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

PATIENCE = 5.0  # seconds for an answer
PAUSE = 0.3
REJECTED = 0.1


@dataclass
class Told:
    """What the server has acknowledged to anybody: submitted tasks, the newest shapes by unit, verdicts; and how often
    no answer came."""

    submitted: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    judged: list[str] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    unanswered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Person(threading.Thread):
    """Claims, works and hands in until told to stop."""

    def __init__(
        self, seed: dict[str, Any], token: str, ports: Sequence[int], told: Told, stop: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self._base = f"/api/v1/orgs/{seed['org']}"
        self._project, self._token = seed["project"], token
        self._ports = itertools.cycle(ports)
        self._told, self._stop_asked = told, stop
        self._chance = Random(token)

    def run(self) -> None:
        with httpx.Client(timeout=PATIENCE, headers={"Authorization": f"Bearer {self._token}"}) as self._client:
            while not self._stop_asked.is_set():
                status, answer = self._ask(f"projects/{self._project}/claims", {})
                if status == 201:
                    for task in answer["tasks"]:
                        self._do(task)
                else:
                    self._note(status, answer)
                    time.sleep(PAUSE)

    def _do(self, task: dict[str, Any]) -> None:
        if task["stage"]["kind"] == "review":
            verdict = "reject" if self._chance.random() < REJECTED else "accept"
            status, answer = self._ask(f"tasks/{task['id']}/verdict", {"verdict": verdict, "comment": "Again."}, task)
            if status == 201:
                with self._told.lock:
                    self._told.judged.append(task["id"])
        else:
            shape = _shape(task)
            status, answer = self._ask(f"tasks/{task['id']}/submission", {"annotations": [shape]}, task)
            if status == 201:
                with self._told.lock:
                    self._told.submitted[task["id"]] = answer["submission"]
                    self._told.shapes[task["unit"]["id"]] = shape["id"]
        if status != 201:
            self._note(status, answer)

    def _ask(self, path: str, body: dict[str, Any], task: dict[str, Any] | None = None) -> tuple[int, Any]:
        """Until there is an answer that says what became of it. Gives up only when all is over."""
        headers = {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json"}
        if task:
            headers["Lease-Token"] = task["lease"]["token"]
        content = json.dumps(body)
        while not self._stop_asked.is_set():
            url = f"http://127.0.0.1:{next(self._ports)}{self._base}/{path}"
            try:
                answer = self._client.post(url, content=content, headers=headers)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < 500 and answer.status_code != 429 and not _in_hand(answer):
                return answer.status_code, answer.json() if answer.content else {}
            with self._told.lock:
                self._told.unanswered += 1
            time.sleep(PAUSE)
        return 0, {}

    def _note(self, status: int, answer: Any) -> None:
        code = answer.get("error", answer).get("code", "") if isinstance(answer, dict) else ""
        with self._told.lock:
            key = f"{status} {code}".strip()
            self._told.refused[key] = self._told.refused.get(key, 0) + 1


def _in_hand(answer: httpx.Response) -> bool:
    """The same key is being worked on: the first try lives."""
    return answer.status_code == 409 and "request_in_progress" in answer.text


def _shape(task: dict[str, Any]) -> dict[str, Any]:
    region = task["unit"].get("region") or {"x": 0, "y": 0}
    return {
        "id": str(uuid.uuid4()),
        "label": "car",
        "type": "box",
        "x": region["x"] + 20,
        "y": region["y"] + 20,
        "width": 60,
        "height": 40,
    }
