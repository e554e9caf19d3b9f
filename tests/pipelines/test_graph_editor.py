"""The graph editor in Chromium: drawn by keys alone and by the pointer, kept over a reload, also without a server."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import sync_playwright

from apps.core.tenancy import tenant_tx
from apps.pipelines import services
from tests.browser.conftest import QUIET, chromium_path
from tests.factories import make_recipe_version
from tests.look.kept import Kept, browsers_of, served
from tests.look.places import Page
from tests.people import World

pytestmark = pytest.mark.browser
Act = Callable[[Tab], Any]
GRAPH = """() => {
  const place = Object.keys(localStorage).find((key) => key.startsWith('pipeline-graph:'));
  return place ? JSON.parse(localStorage.getItem(place)).graph : null;
}"""
HERE = "() => document.activeElement.dataset.key ?? null"


@pytest.fixture
def drawn(world: World) -> Iterator[Callable[[Act], Any]]:
    """What an act on the page of a line with a review comes to; in a thread, as the database wants none around it."""
    make_recipe_version(world, "car", "van")
    with tenant_tx(world.noor.context):
        line = services.create_pipeline(
            project=world.project, name="Line", template="label_and_review", settings={}
        ).pipeline
    path = f"/o/parking/projects/{world.project.pk}/pipeline/{line.pk}/edit"
    kept = Kept()
    kept.keep(browsers_of(world)["noor"], Page("edit", ("noor",)), path)
    with served(kept) as site, ThreadPoolExecutor(1) as thread:
        yield lambda act: thread.submit(_on_page, site + next(iter(kept.pages)), act).result()


def _on_page(address: str, act: Act) -> Any:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(QUIET))
        tab = browser.new_page(viewport={"width": 1440, "height": 900})
        errors: list[str] = []
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.route("**/check", lambda route: route.abort())  # nobody answers: the page goes on without
        tab.goto(address)
        tab.locator("[data-key=done]").wait_for()
        found = act(tab)
        browser.close()
    assert errors == []
    return found


def edges(graph: Any) -> list[str]:
    """As `from outcome to`."""
    return [f"{edge['from']} {edge['outcome']} {edge['to']}" for edge in graph["edges"]]


def press(tab: Tab, *keys: str) -> None:
    """One key after another."""
    for key in keys:
        tab.keyboard.press(key)


def test_a_stage_is_added_set_moved_and_taken_out_by_keys_alone(drawn: Any) -> None:
    def by_keys(tab: Tab) -> Any:
        tab.focus("[data-act=zoom-in]")
        press(tab, "Tab", "ArrowRight")
        at_label = tab.evaluate(HERE)
        tab.focus("[data-adds=convert]")
        press(tab, "Enter")
        added = tab.evaluate(HERE), tab.evaluate(GRAPH)
        press(tab, "Enter", "Control+A")
        tab.keyboard.type("Boxes")
        press(tab, "Escape")
        titled = tab.evaluate(HERE), tab.evaluate(GRAPH)["stages"][2]["title"]
        press(tab, "Delete")
        without = tab.evaluate(GRAPH)
        press(tab, "Control+z")
        again = tab.evaluate(GRAPH)
        press(tab, "Control+z", "Control+z")
        at_first = tab.evaluate(GRAPH)
        press(tab, "Control+Shift+z")
        return at_label, added, titled, without, again, at_first, tab.evaluate(GRAPH)

    at_label, (key, added), titled, without, again, at_first, redone = drawn(by_keys)
    assert (at_label, key, titled) == ("label", "convert", ("convert", "Boxes"))
    assert {"label done convert", "convert done review"} <= set(edges(added))
    assert without is None  # it is as it was published
    assert again["stages"][2]["title"] == "Boxes"
    assert at_first is None
    assert redone["stages"][2]["title"] == "Convert"


def test_an_edge_is_pulled_from_a_port_and_a_stage_is_led_elsewhere_in_its_form(drawn: Any) -> None:
    def middle(tab: Tab, selector: str) -> tuple[float, float]:
        box = tab.locator(selector).bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def by_pointer(tab: Tab) -> Any:
        tab.mouse.move(*middle(tab, "[data-port=label]"))
        tab.mouse.down()
        tab.mouse.move(*middle(tab, "[data-key=done] .body"), steps=4)
        tab.mouse.up()
        pulled = tab.evaluate(GRAPH)
        tab.select_option("[data-outcome=done]", "review")
        return pulled, tab.evaluate(GRAPH)

    pulled, led = drawn(by_pointer)
    assert "label done done" in edges(pulled)
    assert led is None


def test_rules_of_a_route_are_put_in_order_by_keys(drawn: Any) -> None:
    def rules(tab: Tab) -> Any:
        press_on = tab.focus
        press_on("[data-key=label]")
        press_on("[data-adds=route]")
        press(tab, "Enter")
        press_on("[data-act=add-rule]")
        press(tab, "Enter")
        tab.keyboard.type("Vans")
        tab.select_option("[data-at='1'] [data-setting=test]", "class")
        tab.select_option("[data-at='1'] [data-setting=label]", "van")
        press_on("[data-at='1'] [data-act=up]")
        press(tab, "Enter")
        tab.select_option("[data-outcome=rule-2]", "done")
        return tab.evaluate(GRAPH)

    graph = drawn(rules)
    route = next(stage for stage in graph["stages"] if stage["kind"] == "route")
    assert [(rule["key"], rule["title"]) for rule in route["settings"]["rules"]] == [
        ("rule-2", "Vans"),
        ("rule-1", "Sure"),
    ]
    assert route["settings"]["rules"][0]["when"] == [{"test": "class", "label": "van"}]
    assert set(route["settings"]) == {"rules"}
    assert {"route rule-2 done", "route default review", "label done route"} <= set(edges(graph))


def test_what_is_drawn_outlasts_a_reload_until_it_is_discarded(drawn: Any) -> None:
    def left_and_back(tab: Tab) -> Any:
        tab.click("[data-key=label]")
        tab.fill("[data-field=title]", "Find all cars")
        tab.reload()
        tab.locator("[aria-label^='Find all cars']").wait_for()
        shown = tab.is_visible("text=Not published"), tab.is_visible("text=did not answer")
        tab.click("[data-act=discard]")
        return shown, tab.evaluate(GRAPH), json.loads(tab.evaluate("() => JSON.stringify({...localStorage})"))

    shown, graph, kept = drawn(left_and_back)
    assert shown == (True, True)
    assert graph is None
    assert not [place for place in kept if place.startswith("pipeline-graph")]
