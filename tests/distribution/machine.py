"""Everything that people do to tasks, in any order, held to a model of what must come of it.

The model knows no SQL: it keeps what each task is, every lease ever given, and says beforehand who may do what. All of
an example happens inside one savepoint, which is rolled back at its end.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from apps.accounts.selectors import Member
from apps.annotation.models import AnnotationRevision
from apps.annotation.shapes import Shape
from apps.core.errors import Refusal
from apps.core.tenancy import acting_as, tenant_tx
from apps.distribution.models import PipelineRun, Submission, Task, Unit
from apps.distribution.services import claims, drafts, leases, skips, submissions
from apps.review.models import Verdict
from apps.review.services import give_verdict
from apps.review.services.verdicts import Correction
from tests.people import World

from .line import Line, as_owner, box, identity, make_item, make_task

PEOPLE = ("ada", "bob", "rita", "max")
REVIEWERS = {"rita", "max"}
HOUR = timedelta(hours=1)


@dataclass
class Known:
    """What the model holds of a task."""

    id: UUID
    unit: UUID
    kind: str
    round: int = 1
    state: str = "ready"
    holder: str = ""
    token: UUID | None = None
    lapsed: bool = False
    reserved_for: str = ""
    skipped_by: set[str] = field(default_factory=set)
    reviews: "Known | None" = None


@dataclass(frozen=True)
class Lease:
    """One that was given, however long ago."""

    task: UUID
    person: str
    token: UUID


class Work(RuleBasedStateMachine):
    """Two pictures, four people, one line with a review."""

    world: World
    line: Line
    given = Bundle("given")
    person = st.sampled_from(PEOPLE)

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.known: dict[UUID, Known] = {}
        self.running = True
        self.submitted = self.decided = 0
        for number in range(2):
            task = make_task(self.line, make_item(self.world, name=f"{number}.jpg"))
            self.known[task.pk] = Known(task.pk, task.unit_id, "label")

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def member(self, name: str) -> Member:
        found: Member = getattr(self.world, name)
        return found

    # What the model says.

    def may_have(self, name: str, task: Known, kind: str) -> bool:
        if not self.running or task.state != "ready" or task.kind != kind or name in task.skipped_by:
            return False
        if task.reserved_for and task.reserved_for != name:
            return False
        if kind == "label":
            return True
        mine = [one for one in self.known.values() if one.unit == task.unit and one.kind == "label"]
        return name in REVIEWERS and not any(one.holder == name for one in mine)

    def verdict_on(self, lease: Lease, name: str) -> str:
        """What a holder's act meets: "" or a refusal's code."""
        task = self.known[lease.task]
        if task.state == "ready":
            return "lease_expired"
        if task.state != "leased" or task.holder != name or task.token != lease.token:
            return "lease_lost"
        return "lease_expired" if task.lapsed else ""

    def follow(self, before: Known, kind: str, round_: int, reserved_for: str = "") -> None:
        """Take up the task that the engine made, which must be there."""
        with as_owner(self.world.project):
            task = Task.objects.exclude(pk__in=self.known).get(unit_id=before.unit)
        assert (task.stage.kind, task.round, task.state) == (kind, round_, "ready")
        reviews = before if kind == "review" else None
        self.known[task.pk] = Known(task.pk, before.unit, kind, round_, reserved_for=reserved_for, reviews=reviews)

    # What people do.

    @rule(target=given, name=person, kind=st.sampled_from(["label", "review"]), limit=st.integers(1, 2))
    def claim(self, name: str, kind: str, limit: int) -> Any:
        stage = self.line.stages[kind]
        with acting_as(self.member(name).context):
            got = claims.claim_tasks(project_id=self.world.project.id, stage_id=stage.pk, limit=limit)
        could = {task.id for task in self.known.values() if self.may_have(name, task, kind)}
        taken = {task["id"] for task in got}
        assert taken <= could, "somebody got what they may not have"
        assert len(taken) == len(got) == min(limit, len(could)), "somebody got less than there was"
        for task in got:
            held = self.known[task["id"]]
            held.state, held.holder, held.token, held.lapsed = "leased", name, task["lease"]["token"], False
        return multiple(*(Lease(task["id"], name, task["lease"]["token"]) for task in got))

    @rule(lease=given, thief=st.none() | person)
    def submit(self, lease: Lease, thief: str | None) -> None:
        name, task = thief or lease.person, self.known[lease.task]
        with acting_as(self.member(name).context):
            expected = "wrong_stage" if task.kind == "review" else self.verdict_on(lease, name)
            shapes = msgspec.convert([box()], list[Shape])
            self.expect(
                expected,
                lambda: submissions.submit_shapes(task_id=lease.task, lease_token=lease.token, shapes=shapes),
            )
        if not expected:
            self.submitted += 1
            task.state, task.token = "submitted", None
            self.follow(task, "review", task.round)

    @rule(target=given, maker=person, reviewer=st.sampled_from(sorted(REVIEWERS)))
    def come_to_a_review(self, maker: str, reviewer: str) -> Any:
        """The straight way, so that what comes after reviews is met often."""
        for lease in self.claim(maker, "label", 1).values:
            self.submit(lease, None)
        return self.claim(reviewer, "review", 1)

    @rule(maker=person, reviewer=st.sampled_from(sorted(REVIEWERS)))
    def come_back_to_its_maker(self, maker: str, reviewer: str) -> None:
        for lease in self.come_to_a_review(maker, reviewer).values:
            self.judge(lease, "reject")

    @rule(lease=given, verdict=st.sampled_from(["accept", "fix", "reject"]))
    def judge(self, lease: Lease, verdict: str) -> None:
        task = self.known[lease.task]
        expected = self.verdict_on(lease, lease.person) or ("wrong_stage" if task.kind == "label" else "")
        with tenant_tx(self.member(lease.person).context):
            held: dict[str, Any] = {"task_id": lease.task, "lease_token": lease.token}
            correction = Correction(0 if expected else drafts.draft_of(task_id=lease.task).revision)
            self.expect(
                expected, lambda: give_verdict(**held, verdict=verdict, comment="Again.", correction=correction)
            )
        if expected or task.reviews is None:
            return
        self.decided += 1
        task.state, task.token = "accepted", None
        task.reviews.state = "returned" if verdict == "reject" else "accepted"
        if verdict == "reject":
            self.follow(task.reviews, "label", task.round + 1, reserved_for=task.reviews.holder)

    @rule(lease=given)
    def skip(self, lease: Lease) -> None:
        self.give_back(lease, lambda: skips.skip_task(task_id=lease.task, lease_token=lease.token, reason="dark"), True)

    @rule(lease=given)
    def release(self, lease: Lease) -> None:
        self.give_back(lease, lambda: leases.release_task(task_id=lease.task, lease_token=lease.token), False)

    def give_back(self, lease: Lease, act: Any, for_good: bool) -> None:
        expected = self.verdict_on(lease, lease.person)
        with tenant_tx(self.member(lease.person).context):
            self.expect(expected, act)
        if not expected:
            task = self.known[lease.task]
            task.state, task.holder, task.token = "ready", "", None
            if for_good:
                task.skipped_by.add(lease.person)
                task.reserved_for = ""

    @rule(lease=given)
    def beat(self, lease: Lease) -> None:
        with acting_as(self.member(lease.person).context):
            expected = self.verdict_on(lease, lease.person)
            self.expect(expected, lambda: leases.extend_lease(task_id=lease.task, lease_token=lease.token))

    @rule(lease=given)
    def save(self, lease: Lease) -> None:
        """The author may, whatever became of the lease, until the task has ended."""
        ended = self.known[lease.task].state in {"submitted", "accepted", "returned"}
        put = drafts.PutShape(identity(), identity(), None)
        with tenant_tx(self.member(lease.person).context):
            revision = drafts.draft_of(task_id=lease.task).revision
            self.expect(
                "draft_closed" if ended else "",
                lambda: drafts.apply_operations(task_id=lease.task, base_revision=revision, operations=[put]),
            )

    # What time does.

    @rule(lease=given)
    def lapse(self, lease: Lease) -> None:
        task = self.known[lease.task]
        if task.state == "leased":
            task.lapsed = True
            with as_owner(self.world.project):
                Task.objects.filter(pk=task.id).update(lease_until=timezone.now() - HOUR)

    @rule()
    def sweep(self) -> None:
        late = [task for task in self.known.values() if task.state == "leased" and task.lapsed]
        with as_owner(self.world.project):
            assert leases.expire_leases() == len(late)
        for task in late:
            task.state, task.holder, task.token, task.lapsed = "ready", "", None, False

    @rule(target=given, lease=given)
    def lose_and_take_again(self, lease: Lease) -> Any:
        """The same person with a new token: the old one must be worth nothing."""
        self.lapse(lease)
        self.sweep()
        kind = self.known[lease.task].kind
        return self.claim(lease.person, kind, 2)

    @rule()
    def a_day_passes(self) -> None:
        for task in self.known.values():
            task.reserved_for = ""
        with as_owner(self.world.project):
            Task.objects.filter(preferred_person__isnull=False).update(preferred_until=timezone.now() - HOUR)
        self.sweep()

    @rule()
    def pause_or_resume(self) -> None:
        self.running = not self.running
        with as_owner(self.world.project):
            PipelineRun.objects.filter(pk=self.line.run.pk).update(state="running" if self.running else "paused")

    # What is true whatever was done.

    @invariant()
    def every_task_is_where_the_model_has_it(self) -> None:
        ids = {self.member(name).id: name for name in PEOPLE}
        with as_owner(self.world.project):
            rows = Task.objects.values_list("pk", "state", "holder", "lease_token")
            found = {pk: (state, ids.get(holder, ""), token) for pk, state, holder, token in rows}
        assert found == {one.id: (one.state, one.holder, one.token) for one in self.known.values()}

    @invariant()
    def nothing_is_lost_done_twice_or_stuck(self) -> None:
        with as_owner(self.world.project):
            assert Submission.objects.count() == self.submitted
            assert Verdict.objects.count() == self.decided
            assert AnnotationRevision.objects.filter(source="task").count() == self.submitted
            units = dict(Unit.objects.values_list("pk", "state"))
        for unit, state in units.items():
            alive = [one for one in self.known.values() if one.unit == unit and one.state in {"ready", "leased"}]
            assert len(alive) == (1 if state == "open" else 0)
            good = {one.round for one in self.known.values() if one.unit == unit and one.kind == "label"}
            assert good == set(range(1, len(good) + 1))

    @invariant()
    def nobody_judged_their_own_work(self) -> None:
        with as_owner(self.world.project):
            pairs = Verdict.objects.values_list("author_id", "submission__author_id")
            assert all(reviewer != author for reviewer, author in pairs)

    def expect(self, code: str, act: Any) -> None:
        """Do it; it must be refused with this code, or succeed where the model says so."""
        try:
            act()
        except Refusal as refusal:
            assert refusal.code == code, f"refused {refusal.code}, expected {code or 'success'}"
        else:
            assert not code, f"done, though it should be refused: {code}"
