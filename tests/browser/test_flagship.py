"""The flagship walk: from a car park through tiles and single objects, by two different people, to the export."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from config.demo.flagship import DATASET, PROJECT, SEEDS
from tests.installation import Installation, wait_until

from .crew import SURE, Score, Truth, Worker, number_in, truth_of
from .work import begin

pytestmark = pytest.mark.browser
SECONDS = 1000
TASKS = """
SELECT count(*) FROM task t JOIN stage s ON s.id = t.stage_id JOIN project p ON p.id = t.project_id
WHERE p.name = '{project}' AND s.key = '{stage}' AND t.state = ANY('{{{states}}}')
"""


def count(installation: Installation, stage: str, *states: str) -> int:
    """Tasks of a stage of the flagship in these states."""
    ((number,),) = installation.rows(TASKS.format(project=PROJECT, stage=stage, states=",".join(states)))
    return int(number)


def test_a_car_park_goes_the_whole_way(
    installation: Installation,
    signed_in_page: Callable[..., Page],
    shot: Callable[[Page, str], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wait_until(lambda: count(installation, "find", "ready") >= 20 * len(SEEDS), 240)
    truth = truth_of(SEEDS)
    tiles = find_in_tiles(installation, signed_in_page("ada@meadow.example"), shot, truth)
    assert tiles == 20 * len(SEEDS)

    wait_until(lambda: count(installation, "join", "accepted") == len(SEEDS), 60)
    wait_until(lambda: count(installation, "name", "ready") > 100, 60)
    bob = signed_in_page("bob@meadow.example")
    name_objects(installation, bob, shot, truth)
    wait_until(lambda: count(installation, "check", "ready") == len(SEEDS), 60)
    review(signed_in_page("rita@meadow.example"), shot)
    wait_until(lambda: count(installation, "check", "accepted") == len(SEEDS), 30)

    noor = signed_in_page("noor@northlot.example")
    alone, line = predicted(noor, truth), Score()
    coco = export(noor, shot, tmp_path)
    names = {image["id"]: image["file_name"] for image in coco["images"]}
    for name, cars in truth.items():
        line.add([one for one in coco["annotations"] if names[one["image_id"]] == name], cars)
    with capsys.disabled():
        sys.stdout.write(f"\n{line.cars} vehicles. The model alone at {SURE}: {alone}. After the line: {line}\n")
    assert line.recall > max(alone.recall, 0.95)
    assert all(one["tessera"]["attributes"]["model"] for one in coco["annotations"])


def find_in_tiles(installation: Installation, ada: Page, shot: Callable[[Page, str], Path], truth: Truth) -> int:
    """Ada does one tile by hand, the others with what she knows; gives how many in all."""
    shot(ada, "flagship-1-my-work")
    begin(ada, "Find what was missed")
    expect(ada.locator("#commit-all-text")).to_contain_text(re.compile(r"\d"), timeout=20 * SECONDS)
    ada.wait_for_timeout(1500)  # the picture's tiles, for the eyes that look at the screenshot
    shot(ada, "flagship-2-a-tile")
    suggested = number_in(ada.locator("#shown").inner_text())
    ada.keyboard.press("Shift+Enter")
    expect(ada.locator("#objects-count")).to_have_text(re.compile(str(suggested)), timeout=10 * SECONDS)
    shot(ada, "flagship-3-committed")
    before = ada.url
    ada.keyboard.press("Control+Enter")
    ada.wait_for_function("before => location.href !== before", arg=before, timeout=20 * SECONDS)
    ada.goto("/o/meadow/")
    worker = Worker(ada, "meadow", truth)
    project = worker.project(PROJECT)
    held = worker.send("GET", "tasks?state=leased")["results"]
    for task in held:
        one = worker.send("GET", f"tasks/{task['id']}")
        worker.send("DELETE", f"tasks/{task['id']}/lease", Lease_Token=one["lease"]["token"])
    return worker.work(project, "find") + 1


def name_objects(installation: Installation, bob: Page, shot: Callable[[Page, str], Path], truth: Truth) -> None:
    """Bob answers two questions by key, the others with what he knows."""
    shot(bob, "flagship-4-experts-work")
    begin(bob, "Name each object")
    for number in range(2):
        expect(bob.locator("#question")).to_be_visible(timeout=20 * SECONDS)
        if number == 0:
            bob.wait_for_timeout(1500)
            shot(bob, "flagship-5-an-object")
        before = bob.url
        bob.keyboard.press("1")
        bob.wait_for_function("before => location.href !== before", arg=before, timeout=20 * SECONDS)
    bob.goto("/o/meadow/")
    worker = Worker(bob, "meadow", truth)
    for task in worker.send("GET", "tasks?state=leased")["results"]:
        one = worker.send("GET", f"tasks/{task['id']}")
        worker.send("DELETE", f"tasks/{task['id']}/lease", Lease_Token=one["lease"]["token"])
    worker.work(worker.project(PROJECT), "name")
    assert count(installation, "name", "ready", "leased", "waiting") == 0


def review(rita: Page, shot: Callable[[Page, str], Path]) -> None:
    """Rita accepts each picture as a whole, by key."""
    rita.goto("/o/meadow/projects/")
    rita.get_by_role("link", name=PROJECT).first.click()
    rita.get_by_role("link", name="Review").first.click()
    expect(rita.get_by_role("heading", name="Review", exact=True)).to_be_visible()
    shot(rita, "flagship-6-review-queue")
    rita.keyboard.press("n")
    rita.wait_for_url("**/work/**")
    for number in range(len(SEEDS)):
        expect(rita.locator("#crumb-item")).not_to_be_empty(timeout=20 * SECONDS)
        rita.wait_for_timeout(1500)
        shot(rita, f"flagship-6-review-{number + 1}")
        before = rita.url
        rita.keyboard.press("a")
        if number < len(SEEDS) - 1:
            rita.wait_for_function("before => location.href !== before", arg=before, timeout=20 * SECONDS)
    expect(rita.locator("#done")).to_be_visible(timeout=20 * SECONDS)


def predicted(noor: Page, truth: Truth) -> Score:
    """The model alone, as one would take it without looking."""
    worker, score = Worker(noor, "northlot", truth), Score()
    datasets = worker.send("GET", f"projects/{worker.project(PROJECT)}/datasets")["results"]
    dataset = next(one for one in datasets if one["name"] == DATASET)
    for item in worker.send("GET", f"datasets/{dataset['id']}/items")["results"]:
        said = worker.send("GET", f"items/{item['id']}/predictions?min_confidence={SURE}")["results"]
        score.add(said, truth[item["name"]])
    return score


def export(noor: Page, shot: Callable[[Page, str], Path], folder: Path) -> dict[str, list[dict[str, Any]]]:
    """By the page, to the file."""
    noor.goto("/o/northlot/projects/")
    noor.get_by_role("link", name=PROJECT).first.click()
    noor.get_by_role("link", name="Exports").first.click()
    noor.get_by_role("button", name=re.compile(f"Export {len(SEEDS)} pictures")).click()
    link = noor.get_by_role("link", name="Download").first
    expect(link).to_be_visible(timeout=30 * SECONDS)
    shot(noor, "flagship-7-export")
    with noor.expect_download() as started:
        link.click()
    path = folder / "coco.json"
    started.value.save_as(path)
    document: dict[str, list[dict[str, Any]]] = json.loads(path.read_text())
    return document
