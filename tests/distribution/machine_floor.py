"""People, managers, machines and the clock at lines of all kinds, in any order, held to the twin after each act."""

from datetime import timedelta
from random import Random
from uuid import UUID

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule

from apps.core.tenancy import owner_context, tenant_tx
from apps.distribution.models import NEVER, PipelineRun, SkillGrant, Task
from apps.distribution.services import (
    decisions,
    emptying,
    leases,
    runs,
    taking_back,
    withdrawals,
)
from apps.distribution.services.machines import start_entered
from apps.jobs.models import Outbox
from apps.projects.models import Item

from .line import as_owner
from .machine_hall import PEOPLE, person, which
from .machine_twin import OPEN, Job, Piece
from .machine_workers import Workers

HOUR = timedelta(hours=1)


class Floor(Workers):
    """All together."""

    # What managers do.

    def row(self, job: Job) -> Task:
        found: Task = Task.objects.get(pk=job.id)
        return found

    @rule(number=which)
    def take_back(self, number: int) -> None:
        job = self.pick(number, "leased", "skipped")
        if job and job.piece.state == "open":
            with as_owner(self.world.project):
                if job.state == "leased":
                    taking_back.release_held(task=self.row(job))
                else:
                    decisions.decide_skipped(task=self.row(job), decision="requeue")
            job.state, job.holder, job.token, job.lapsed = "ready", "", None, False
            job.reserved, job.postponed = "", False

    @rule(number=which, name=person)
    def assign(self, number: int, name: str) -> None:
        job = self.pick(number, "ready")
        if job:
            with as_owner(self.world.project):
                Task.objects.filter(pk=job.id).update(
                    preferred_person=self.member(name).id, preferred_until=NEVER, postponed=False
                )
            job.reserved, job.postponed = name, False

    @rule(number=which, priority=st.sampled_from([50, 150]))
    def prioritise(self, number: int, priority: int) -> None:
        job = self.pick(number, "ready")
        if job:
            with as_owner(self.world.project):
                Task.objects.filter(pk=job.id).update(priority=priority)
            job.priority = priority

    @rule(state=st.sampled_from(["paused", "paused", "running", "running", "running", "draining", "cancelled"]))
    def change_run(self, state: str) -> None:
        moves = {"running": {"paused", "draining", "cancelled"}, "paused": {"running", "cancelled"}}
        if state not in moves.get(self.run_state, {"cancelled"} if self.run_state == "draining" else set()):
            return
        self.run_state = state
        with as_owner(self.world.project):
            runs.change_run(run=PipelineRun.objects.get(pk=self.run.pk), state=state)
        if state == "cancelled":
            context = owner_context(self.run.org_id)
            emptying.empty_run(context=context, run_id=self.run.pk, progress=lambda _: None)
            for piece in self.twin.pieces:
                self.off(piece, OPEN | {"submitted"})

    @rule(name=person)
    def win_or_lose_a_skill(self, name: str) -> None:
        if name in self.skilled:
            self.skilled.remove(name)
            with tenant_tx(self.member("max").context):
                SkillGrant.objects.filter(user_id=self.member(name).id).delete()
        else:
            self.skilled.add(name)
            self.grant(name)

    @rule(name=person)
    def win_or_lose_a_role(self, name: str) -> None:
        self.barred ^= {name}

    @rule(number=st.integers(0, 1))
    def delete_or_restore(self, number: int) -> None:
        item = list(self.twin.shapes)[number]
        with as_owner(self.world.project):
            row = Item.objects.get(pk=item)
            gone = row.deleted_at is None
            Item.objects.filter(pk=item).update(deleted_at=timezone.now() if gone else None)
            (withdrawals.withdraw if gone else withdrawals.bring_back)([item])
        pieces = [one for one in self.twin.pieces if one.item == item]
        for piece in pieces:
            if gone:
                self.off(piece, OPEN)
            elif self.run_state in {"running", "paused"}:
                self.on(piece)

    def off(self, piece: Piece, states: set[str]) -> None:
        if piece.state != "open":
            return
        piece.state = "cancelled"
        for job in self.twin.jobs_of(piece):
            if job.state in states:
                job.state, job.token = "cancelled", None

    def on(self, piece: Piece) -> None:
        if piece.state != "cancelled":
            return
        piece.state = "open"
        for job in self.twin.jobs_of(piece):
            if job.state == "cancelled":
                job.state, job.holder = ("ready", "") if job.kind == "human" else ("waiting", job.holder)

    # What machines and time do.

    @rule(order=st.integers(0, 99), some=st.booleans(), fail=st.sampled_from([False, False, False, True]))
    def work(self, order: int, some: bool, fail: bool) -> None:
        """What was told of is done in any order, in bundles of any size, and some of it twice."""
        chance = Random(order)  # noqa: S311 - an order, no secret
        with as_owner(self.world.project):
            rows = Outbox.objects.filter(topic="stage.entered").order_by("id")
            told = [UUID(payload["task"]) for payload in rows.values_list("payload", flat=True)]
        waiting = {one.id for one in self.twin.jobs if one.state == "waiting"}
        assert waiting <= set(told), "nobody was told of a machine's task"
        chance.shuffle(told)
        told = told[: chance.randint(1, 3)] if some and told else told
        known = {one.id: one for one in self.twin.jobs}
        with as_owner(self.world.project), self.machines(fail):
            start_entered([*told, *told[:1]])
            start_entered(told[:1])
        for task in dict.fromkeys(told):
            if task in known:
                self.twin.run(known[task], fails=fail)

    @rule(number=which)
    def lapse(self, number: int) -> None:
        job = self.pick(number, "leased")
        if job:
            job.lapsed = True
            with as_owner(self.world.project):
                Task.objects.filter(pk=job.id).update(lease_until=timezone.now() - HOUR)

    @rule()
    def sweep(self) -> None:
        late = [one for one in self.twin.jobs if one.state == "leased" and one.lapsed]
        with as_owner(self.world.project):
            assert leases.expire_leases() == len(late)
        for job in late:
            job.state, job.holder, job.token, job.lapsed = "ready", "", None, False

    @rule()
    def a_day_passes(self) -> None:
        for job in self.twin.jobs:
            if job.state == "ready":
                job.reserved, job.postponed = "", False
        with as_owner(self.world.project):
            Task.objects.filter(state="ready", preferred_person__isnull=False).update(
                preferred_until=timezone.now() - HOUR
            )
        self.sweep()

    @rule(order=st.permutations(PEOPLE), good=st.lists(st.booleans(), min_size=6, max_size=6), counts=which)
    def a_good_while(self, order: list[str], good: list[bool], counts: int) -> None:
        """Everybody does what there is for them, so that the end of a line is met often."""
        for turn, right in enumerate(good):
            self.work(turn, False, False)
            self.hold_to_the_twin()
            name = order[turn % len(order)]
            for key in range(sum(place.is_for_people for place in self.line.places.values())):
                self.claim(name, key, 2)
            self.claim(name, turn, 2)  # and once more, for what is no longer theirs to have
            for job in [one for one in self.twin.jobs if one.state == "leased" and one.holder == name]:
                if job.place.kind == "review":
                    self.give_verdict(job, name, job.token, right)
                else:
                    self.submit(job, name, job.token, (counts + turn) % 3)
            self.hold_to_the_twin()
