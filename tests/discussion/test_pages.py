"""The pages of questions and notifications."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.names import names_of
from apps.core.ids import new_id
from apps.core.tenancy import tenant_tx
from apps.discussion.models import Notification, NotificationKind, Thread
from apps.discussion.services import Notice, notify
from apps.discussion.shown import told_of
from apps.projects.models import Project
from tests.distribution.line import Line, make_tasks
from tests.people import World


@pytest.fixture
def asked(world: World, line: Line, at: Any) -> str:
    """Ada's task, about which she has asked Max."""
    make_tasks(world, line, 1)
    ada = at(world.ada)
    task: str = ada.take()["id"]
    ada.send("POST", f"tasks/{task}/comments", {"text": "@Max, does a <b>trailer</b> count?"})
    return task


def thread_page(world: World) -> str:
    with tenant_tx(world.noor.context):
        return f"projects/{world.project.pk}/questions/{Thread.objects.get().pk}"


def test_the_questions_of_a_project_are_listed_by_state(world: World, asked: str, signed_in: Any) -> None:
    max_ = signed_in(world.max)
    address = f"{max_.org}/projects/{world.project.pk}/questions/"
    text = max_.get(address).content.decode()
    assert "@Max, does a &lt;b&gt;trailer&lt;/b&gt; count?" in text
    assert "Waits for an answer" in text
    assert "No questions yet" in max_.get(f"{address}?state=resolved").content.decode()


def test_a_list_of_questions_costs_the_same_however_many_there_are(
    world: World, line: Line, asked: str, at: Any, signed_in: Any
) -> None:
    max_ = signed_in(world.max)
    address = f"{max_.org}/projects/{world.project.pk}/questions/"
    with CaptureQueriesContext(connection) as one:
        max_.get(address)
    make_tasks(world, line, 3)
    ada = at(world.ada)
    for _ in range(3):
        ada.send("POST", f"tasks/{ada.take()['id']}/comments", {"text": "And this?"})
    with CaptureQueriesContext(connection) as four:
        assert "And this?" in max_.get(address).content.decode()
    assert asked_of(one) == asked_of(four) <= 12


def test_a_question_is_answered_and_resolved_on_its_page(world: World, asked: str, signed_in: Any) -> None:
    max_ = signed_in(world.max)
    page = f"{max_.org}/{thread_page(world)}"
    assert max_.post(page, {"text": "Yes, it does."}).status_code == 302
    text = max_.get(page).content.decode()
    assert "Yes, it does." in text
    assert "Resolve" in text
    thread = page.rpartition("/")[2]
    part = max_.post(f"{max_.org}/threads/{thread}/state", {"state": "resolved"}, headers={"X-Part": "thread"})
    assert "Reopen" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert max_.post(f"{max_.org}/threads/{thread}/state", {"state": "odd"}).status_code == 404


def test_a_question_leads_to_the_task_of_who_may_open_it(world: World, asked: str, signed_in: Any) -> None:
    for member, opens in ((world.ada, True), (world.max, True), (world.rita, False), (world.noor, True)):
        browser = signed_in(member)
        text = browser.get(f"{browser.org}/{thread_page(world)}").content.decode()
        assert (f"/work/{asked}" in text) is opens, member.user.name


def test_an_empty_answer_is_refused_where_it_was_written(world: World, asked: str, signed_in: Any) -> None:
    ada = signed_in(world.ada)
    refused = ada.post(f"{ada.org}/tasks/{asked}/thread", {"text": " "}, headers={"X-Part": "thread"})
    assert refused.status_code == 422
    assert "Write 1 to 2,000 characters." in refused.content.decode()


def test_the_editor_reads_the_thread_of_a_task_and_strangers_do_not(world: World, asked: str, signed_in: Any) -> None:
    ada, bob, eve = signed_in(world.ada), signed_in(world.bob), signed_in(world.eve)
    assert "You" in ada.get(f"{ada.org}/tasks/{asked}/thread").content.decode()
    assert bob.get(f"{bob.org}/tasks/{asked}/thread").status_code == 403
    assert eve.get(f"{eve.org}/tasks/{asked}/thread").status_code == 404
    assert eve.get(f"{eve.org}/{thread_page(world)}").status_code == 404
    assert bob.get(f"{bob.org}/{thread_page(world)}").status_code == 404


def test_the_bell_counts_and_following_a_notification_reads_it(world: World, asked: str, signed_in: Any) -> None:
    max_ = signed_in(world.max)
    listed = max_.get(f"{max_.org}/notifications/").content.decode()
    assert "Ada mentioned you about lot 0.jpg" in listed
    assert "@Max, does a &lt;b&gt;trailer" in listed
    assert 'data-part="unread">1<' in listed
    with tenant_tx(world.max.context):
        row = Notification.objects.get()
    answer = max_.get(f"{max_.org}/notifications/{row.pk}")
    assert answer.headers["Location"] == f"{max_.org}/{thread_page(world)}"
    assert 'data-part="unread" hidden>0<' in max_.get(f"{max_.org}/notifications/").content.decode()
    assert "You have read everything" in max_.get(f"{max_.org}/notifications/?only=unread").content.decode()


def test_a_notification_is_its_persons_alone(world: World, asked: str, signed_in: Any) -> None:
    with tenant_tx(world.max.context):
        row = Notification.objects.get()
    for member in (world.ada, world.rita, world.noor, world.eve):
        browser = signed_in(member)
        assert browser.get(f"{browser.org}/notifications/{row.pk}").status_code == 404
        assert browser.get(f"{browser.api}/notifications").json()["results"] == []
        assert browser.put(f"{browser.api}/notifications/{row.pk}/reading").status_code == 404


def test_a_person_has_one_pseudonym_in_each_project(world: World, signed_in: Any) -> None:
    with tenant_tx(world.noor.context):
        other = Project.objects.create(org_id=world.parking.id, name="Lorries")
    reader = replace(world.max.context, projects=frozenset({world.project.pk, other.pk}))
    with tenant_tx(reader):
        for project in (world.project, other):
            notice = Notice(
                kind=NotificationKind.MENTIONED,
                org_id=world.parking.id,
                project_id=project.pk,
                page="projects:list",
                actor_id=world.noor.id,
                text=f"@[{world.noor.id}]",
            )
            notify(notice, [(world.max.id, world.meadow.id)])
        with CaptureQueriesContext(connection) as queries:
            told = told_of(Notification.objects.order_by("id"))
        names = [names_of([world.noor.id], project.pk)[world.noor.id] for project in (world.project, other)]
    assert [one["text"].partition(" mentioned")[0] for one in told] == names
    assert [one["excerpt"] for one in told] == [f"@{name}" for name in names]
    assert len(queries) <= 3, "whatever the number of projects"


def test_the_questions_page_reads_a_thread_of_its_project_alone(world: World, asked: str, signed_in: Any) -> None:
    max_ = signed_in(world.max)
    address = thread_page(world).replace(str(world.project.pk), str(new_id()))
    assert max_.get(f"{max_.org}/{address}").status_code == 404


def test_the_part_of_a_thread_is_renewed_from_its_own_address(world: World, asked: str, signed_in: Any) -> None:
    max_ = signed_in(world.max)
    page = max_.get(f"{max_.org}/{thread_page(world)}").content.decode()
    assert f'action="{max_.org}/{thread_page(world)}"' in page
    part = max_.get(f"{max_.org}/{thread_page(world)}", headers={"X-Part": "thread"}).content.decode()
    assert "trailer" in part
    assert "<html" not in part


def test_all_are_marked_as_read_up_to_what_was_seen(world: World, signed_in: Any) -> None:
    tell(world, 3)
    max_ = signed_in(world.max)
    with tenant_tx(world.max.context):
        second = Notification.objects.order_by("id")[1]
    max_.post(f"{max_.org}/notifications/", {"until": str(second.pk)})
    assert max_.get(f"{max_.api}/inbox/reading").json() == {"unread": 1, "more": False}
    body = {"content_type": "application/json", "data": "{}"}
    assert max_.put(f"{max_.api}/inbox/reading", **body).json() == {"unread": 0, "more": False}


def test_the_bell_counts_no_further_than_it_shows_in_one_query(world: World, signed_in: Any) -> None:
    tell(world, 120)
    max_ = signed_in(world.max)
    assert max_.get(f"{max_.api}/inbox/reading").json() == {"unread": 99, "more": True}
    with CaptureQueriesContext(connection) as queries:
        text = max_.get(f"{max_.org}/notifications/").content.decode()
    assert ">99+<" in text
    assert len([one for one in queries if "notification" in one["sql"]]) == 2
    assert asked_of(queries) <= 12


def test_the_menu_says_what_will_come_while_there_is_nothing(world: World, signed_in: Any) -> None:
    ada = signed_in(world.ada)
    assert "Nothing yet." in ada.get(f"{ada.org}/notifications/menu").content.decode()


def tell(world: World, number: int) -> None:
    """So many notifications for Max."""
    with tenant_tx(world.max.context):
        for _ in range(number):
            notice = Notice(
                kind=NotificationKind.JOINED,
                org_id=world.meadow.id,
                page="projects:list",
                actor_id=new_id(),
                about="Ada",
            )
            notify(notice, [(world.max.id, world.meadow.id)])


def asked_of(queries: CaptureQueriesContext) -> int:
    """How many, less those by which a test's outer transaction is kept apart."""
    frame = ("SAVEPOINT", "RELEASE", "SELECT current_setting", "SELECT set_config")
    return len([one for one in queries if not one["sql"].startswith(frame)])
