"""What people do: claim, hand in, judge, skip, give back, and ask again when no answer came."""

from typing import Any
from uuid import UUID

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import rule

from apps.annotation.shapes import Shape
from apps.core.ids import new_id
from apps.core.tenancy import acting_as, tenant_tx
from apps.distribution.services import (
    claims,
    leases,
    skips,
    submissions,
)
from apps.review.services import give_verdict

from .line import box
from .machine_hall import Hall, person, which
from .machine_twin import Job


class Workers(Hall):
    """Those who do the tasks."""

    @rule(name=person, key=which, limit=st.integers(1, 3))
    def claim(self, name: str, key: int, limit: int) -> None:
        places = [place for place in self.line.places.values() if place.is_for_people]
        place = places[key % len(places)]
        could = [one for one in self.twin.jobs if one.place is place and self.may_have(name, one)]
        with acting_as(self.context(name)):
            got = claims.claim_tasks(
                project_id=self.world.project.id, stage_id=self.line.stages[place.key], limit=limit
            )
        taken = [next(one for one in self.twin.jobs if one.id == task["id"]) for task in got]
        self.judge_claim(name, could, taken, limit)
        for job, task in zip(taken, got, strict=True):
            job.state, job.holder, job.token, job.lapsed = "leased", name, task["lease"]["token"], False

    def judge_claim(self, name: str, could: list[Job], taken: list[Job], limit: int) -> None:
        assert set(taken) <= set(could), "somebody got what they may not have"
        assert len({one.piece for one in taken}) == len(taken), "somebody got one unit twice"
        if not could:
            return
        place = could[0].place
        mine = [one for one in self.twin.jobs if one.place is place and one.holder == name]
        held = sum(one.state == "leased" for one in mine)
        had = sum(one.state in {"leased", "submitted", "accepted", "returned"} for one in mine)
        room = min(limit, (place.most_held or limit + held) - held)
        kept = {one.piece for one in could if one.reserved == name and not one.postponed}
        later = {one.piece for one in could if one.postponed} - kept
        free = {one.piece for one in could if not one.reserved} - kept - later
        expected = min(room, len(kept))
        if place.most_per_person:
            room_in_all = max(0, place.most_per_person - had - expected)
            expected += min(room - expected, len(free), room_in_all)
        else:
            expected += min(room - expected, len(free))
        before = sum(not one.postponed for one in taken)
        assert before >= (min(expected, 1) if place.overlap > 1 else expected), "what was put off came before the rest"
        expected += min(room - expected, len(later))
        assert len(taken) <= max(expected, 0), "somebody got more than their cap"
        enough = min(expected, 1) if place.overlap > 1 else expected
        assert len(taken) >= enough, "somebody got less than there was"
        queued = [one for one in taken if not one.reserved]
        left = [one for one in could if not one.reserved and one not in taken]
        if queued and left and place.overlap == 1:
            assert max(one.priority for one in queued) <= min(one.priority for one in left), "urgent work was passed by"

    @rule(number=which, count=st.integers(0, 2))
    def hand_in(self, number: int, count: int) -> None:
        job = self.pick(number, "leased")
        if job:
            self.submit(job, job.holder, job.token, count)

    def submit(self, job: Job, name: str, token: Any, count: int) -> None:
        shapes = self.shapes_for(job, count)
        self.last = job, name, token, (lambda: self.submit(job, name, token, count))
        expected = "wrong_stage" if job.place.kind == "review" else self.verdict_on(job, name, token)
        drawn = msgspec.convert([_box(key, x) for key, x in shapes.items()], list[Shape])
        with acting_as(self.context(name)):
            act = lambda: submissions.submit_shapes(task_id=job.id, lease_token=token, shapes=drawn)  # noqa: E731
            self.expect(expected, act)
        if not expected:
            self.twin.submit(job, shapes)

    def shapes_for(self, job: Job, count: int) -> dict[UUID, float]:
        if job.piece.kind == "object":
            assert job.piece.subject
            return {job.piece.subject: self.twin.shapes[job.piece.item].get(job.piece.subject, 100.0)}
        left = job.piece.left or 0.0
        return {new_id(): left + 100 + 100 * n for n in range(count)}

    @rule(number=which, good=st.booleans())
    def judge(self, number: int, good: bool) -> None:
        job = self.pick(number, "leased")
        if job:
            self.give_verdict(job, job.holder, job.token, good)

    def give_verdict(self, job: Job, name: str, token: Any, good: bool) -> None:
        self.last = job, name, token, (lambda: self.give_verdict(job, name, token, good))
        expected = self.verdict_on(job, name, token) or ("wrong_stage" if job.place.kind == "label" else "")
        with tenant_tx(self.context(name)):
            verdict = "accept" if good else "reject"
            act = lambda: give_verdict(task_id=job.id, lease_token=token, verdict=verdict, comment="Again.")  # noqa: E731
            self.expect(expected, act)
        if not expected:
            self.twin.judge(job, good=good)

    @rule()
    def repeat(self) -> None:
        """The answer was lost on its way: the same request comes once more."""
        if self.last:
            self.last[3]()

    @rule(number=which, mode=st.sampled_from(["others", "later", "manager"]))
    def skip(self, number: int, mode: str) -> None:
        job = self.pick(number, "leased")
        if job is None or job.lapsed:
            return
        name = job.holder
        with tenant_tx(self.context(name)):
            skips.skip_task(task_id=job.id, lease_token=job.token, reason="dark", mode=mode)
        job.reserved, job.postponed = (name, True) if mode == "later" else ("", False)
        job.state, job.token = "skipped" if mode == "manager" else "ready", None
        if mode == "others":
            job.skipped_by.add(name)
        if mode != "manager":
            job.holder = ""

    @rule(number=which)
    def release(self, number: int) -> None:
        job = self.pick(number, "leased")
        if job is None or job.lapsed:
            return
        with tenant_tx(self.context(job.holder)):
            leases.release_task(task_id=job.id, lease_token=job.token)
        job.state, job.holder, job.token = "ready", "", None


def _box(key: UUID, x: float) -> dict[str, Any]:
    return box(x=x - 10, y=100, width=20, height=20, id=str(key), attributes={"model": "van"})
