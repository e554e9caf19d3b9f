"""The board of work in flight, the page of a person's skills, and what My work says of both."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.roles import Role
from apps.distribution.models import Task
from apps.jobs.models import Job
from apps.pipelines.models import Stage
from tests.people import World, make_member

from .line import Line, as_owner, box, make_line, make_tasks
from .test_handing_out import give, kept
from .test_skills import membership_of
from .test_skips import skip


def floor(browser: Any, world: World, **query: str) -> str:
    answer = browser.get(f"{browser.org}/projects/{world.project.id}/work/", query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def post(browser: Any, world: World, path: str, **form: Any) -> str:
    answer = browser.post(f"{browser.org}/projects/{world.project.id}/work/{path}", form, follow=True)
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def work(browser: Any) -> str:
    return str(browser.get(f"{browser.org}/").content.decode())


def part(text: str, name: str) -> str:
    """A section of a page, by the id of its heading."""
    return text.partition(f'id="{name}"')[2].partition("</section>")[0]


def test_a_manager_sees_who_has_what_and_what_is_to_be_decided(
    world: World, line: Line, at: Any, signed_in: Any
) -> None:
    make_tasks(world, line, 5)
    skip(at(world.ada), at(world.ada).take(), "manager", "Is this a car?")
    at(world.bob).take()
    give(at(world.max), [world.ada], stage=str(line.label.pk), number=2)
    text = floor(signed_in(world.max), world)
    row = part(text, "stages")
    assert [cell.partition("</td>")[0].rpartition(">")[2] for cell in row.split("data-name=")[1:5]] == list("1211")
    assert "Is this a car?" in part(text, "skipped")
    assert "Ada" in part(text, "skipped")
    assert "Bob" in part(text, "held")
    assert "Label 0 + 2" in part(text, "people")


def test_only_managers_of_either_side_see_it_and_each_only_its_own_people(
    world: World, line: Line, at: Any, signed_in: Any
) -> None:
    make_tasks(world, line, 2)
    at(world.ada).take()
    path = f"projects/{world.project.id}/work/"
    for member, status in ((world.rita, 403), (world.ada, 403), (world.noor, 403), (world.eve, 404)):
        browser = signed_in(member)
        assert browser.get(f"{browser.org}/{path}").status_code == status
    mona = make_member(world.parking, "mona", Role.MANAGER)
    text = floor(signed_in(mona), world)
    assert "lot 0.jpg" in part(text, "held")
    assert "Ada" not in text
    assert "Bob" not in text


def test_the_board_costs_the_same_however_much_there_is_and_pages_through_the_rest(
    world: World, line: Line, at: Any, signed_in: Any
) -> None:
    make_tasks(world, line, 30)
    browser = signed_in(world.max)
    at(world.ada).claim(limit=1)
    at(world.bob).claim(limit=1)
    floor(browser, world)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            floor(browser, world)
        return len(queries)

    before = cost()
    for desk in (at(world.ada), at(world.bob), at(world.rita)):
        desk.claim(limit=9)
    assert cost() == before
    assert before <= 32
    text = floor(browser, world)
    held = part(text, "held")
    assert held.count("<li>") == 25
    following = held.partition('href="?held=')[2].partition('"')[0]
    assert part(floor(browser, world, held=following), "held").count("<li>") == 4


def test_the_stages_alone_are_renewed(world: World, line: Line, signed_in: Any) -> None:
    make_tasks(world, line, 1)
    browser = signed_in(world.max)
    answer = browser.get(f"{browser.org}/projects/{world.project.id}/work/", headers={"HX-Request": "true"})
    assert "<h1>" not in answer.content.decode()
    assert "Label" in answer.content.decode()


def test_work_is_given_out_dealt_anew_and_taken_back_by_buttons(
    world: World, line: Line, at: Any, signed_in: Any
) -> None:
    make_tasks(world, line, 3)
    browser = signed_in(world.max)
    people = [str(world.ada.id), str(world.bob.id)]
    said = post(browser, world, "assignments", stage=str(line.label.pk), number="2", split="equal", people=people)
    assert "2 tasks are given out." in said
    assert kept(world) == {world.ada.id: 1, world.bob.id: 1, None: 1}
    said = post(browser, world, "assignments", stage=str(line.label.pk), number="2", split="equal")
    assert "Choose at least one person" in said
    assert "in a moment" in post(browser, world, f"stages/{line.label.pk}/redistributions", to="queue")
    with as_owner(world.project):
        assert Job.objects.get(kind="task.redistribute").input["people"] == []
    task = at(world.ada).take()
    said = post(browser, world, f"tasks/{task['id']}/holder", person=str(world.bob.id))
    assert "kept for them" in said
    with as_owner(world.project):
        row = Task.objects.get(pk=task["id"])
        assert (row.state, row.preferred_person) == ("ready", world.bob.id)
    assert "Nobody holds this task now" in post(browser, world, f"tasks/{task['id']}/holder")


def test_a_decision_by_a_button(world: World, line: Line, at: Any, signed_in: Any) -> None:
    make_tasks(world, line, 1)
    task = at(world.ada).take()
    skip(at(world.ada), task, "manager")
    browser = signed_in(world.max)
    path = f"tasks/{task['id']}/decision"
    assert "Choose who shall do it." in post(browser, world, path, decision="give")
    assert "Decided." in post(browser, world, path, decision="give", person=str(world.bob.id))
    answer = browser.post(f"{browser.org}/projects/{world.project.id}/work/{path}", {"decision": "burn"})
    assert answer.status_code == 404


def test_without_a_run_the_board_says_what_to_do(world: World, signed_in: Any) -> None:
    text = floor(signed_in(world.max), world)
    assert "No run goes on" in text
    assert "Nobody holds a task" in text


def test_a_persons_skills_are_set_on_their_page(world: World, signed_in: Any) -> None:
    make_line(world, label={"settings": {"skill": "expert"}})
    browser = signed_in(world.max)
    path = f"{browser.org}/members/{membership_of(world.ada).pk}/skills"
    assert path in browser.get(f"{browser.org}/members/").content.decode()
    text = browser.get(path).content.decode()
    assert "a stage at work asks for it" in text
    seen = text.partition('name="seen" value="')[2].partition('"')[0].replace("&quot;", '"')
    browser.post(path, {"seen": seen, "skills": ["expert"], "another": "night shots"})
    text = browser.get(path).content.decode()
    assert 'value="expert" checked' in text
    assert 'value="night shots" checked' in text
    stale = browser.post(path, {"seen": seen, "skills": []})
    assert stale.status_code == 422
    rita, eve = signed_in(world.rita), signed_in(world.eve)
    assert rita.get(path).status_code == 403
    assert eve.get(path.replace("/o/meadow", "/o/elsewhere")).status_code == 404


def test_my_work_says_what_is_mine_and_what_is_closed_to_me(world: World, line: Line, at: Any, signed_in: Any) -> None:
    make_tasks(world, line, 4)
    ada = at(world.ada)
    skip(ada, ada.take(), "later", "After lunch.")
    skip(ada, ada.take(), "manager", "Is this a car?")
    give(at(world.max), [world.ada], stage=str(line.label.pk), number=1)
    ada.submit(ada.take(), box())
    give(at(world.max), [world.ada], stage=str(line.label.pk), number=1)
    hard = make_line(world, label={"settings": {"skill": "expert"}})
    with as_owner(world.project):
        Stage.objects.filter(pk=hard.label.pk).update(title="Hard ones")
    text = work(signed_in(world.ada))
    assert "Begin" in part(text, "given")
    assert "After lunch." in part(text, "put-off")
    assert "With a manager" in part(text, "put-off")
    assert "Needs the skill “expert”; ask your manager." in part(text, "lacking")
    assert "Hard ones" in part(text, "lacking")
    other = work(signed_in(world.bob))
    assert "After lunch." not in other
    assert 'id="given"' not in other


def test_work_that_wants_a_skill_or_is_given_by_hand_is_not_offered_to_others(world: World, signed_in: Any) -> None:
    line = make_line(world, label={"settings": {"hand_out": "push"}})
    make_tasks(world, line, 1)
    assert "Nothing is waiting for you" in work(signed_in(world.ada))
    expert = make_line(world, label={"settings": {"skill": "expert"}})
    (task,) = make_tasks(world, expert, 1)
    with as_owner(world.project):
        Task.objects.filter(pk=task.pk).update(required_skill="expert")
    assert "Nothing is waiting for you" in work(signed_in(world.ada))
