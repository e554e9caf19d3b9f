"""Two pictures on a line and four people: who may do what by the twin, and the comparison after each act."""

from dataclasses import replace
from typing import Any, ClassVar
from unittest.mock import patch
from uuid import UUID

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from apps.accounts.selectors import Member
from apps.core.errors import Refusal
from apps.core.tenancy import Context, owner_context, tenant_tx
from apps.distribution.models import SkillGrant
from apps.distribution.services import (
    runs,
)
from apps.distribution.services.machines import starting
from tests.people import World

from .line import as_owner, make_item
from .machine_lines import CUTS, HEIGHT, SKILL, WIDTH, Laid
from .machine_rows import read_rows, recount, seen_shapes
from .machine_twin import Job, Piece, Twin

PEOPLE = ("ada", "bob", "rita", "max")
REVIEWERS = {"rita", "max"}
which = st.integers(0, 23)
person = st.sampled_from(PEOPLE)


class Hall(RuleBasedStateMachine):
    """Two pictures, four people, one of the lines."""

    world: ClassVar[World]
    lines: ClassVar[dict[str, Laid]]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @initialize(name=st.sampled_from(("parts", "parts", "people")), fails=st.sampled_from([False] * 5 + [True]))
    def open(self, name: str, fails: bool) -> None:
        self.line = self.lines[name]
        self.skilled = {"ada", "bob", "rita"}
        self.barred: set[str] = set()
        self.last: tuple[Job, str, UUID, Any] | None = None
        self.twin = Twin(self.line.places, WIDTH, CUTS)
        self.ids = {self.member(name).id: name for name in PEOPLE}
        for name in sorted(self.skilled):
            self.grant(name)
        items = [make_item(self.world, name=f"{n}.jpg", width=WIDTH, height=HEIGHT).pk for n in range(2)]
        with as_owner(self.world.project):
            self.run, _ = runs.start_run(
                project=self.world.project, pipeline_version_id=self.line.version, dataset_id=self.world.dataset.pk
            )
        with self.machines(fails):
            runs.fill_run(context=owner_context(self.run.org_id), run_id=self.run.pk, progress=lambda _: None)
        self.run_state = "running"
        for item in items:
            self.twin.take(item, self.line.first)
        for job in list(self.twin.jobs):
            self.twin.run(job, fails=fails)
        self.hold_to_the_twin()

    # Who, and what.

    def member(self, name: str) -> Member:
        found: Member = getattr(self.world, name)
        return found

    def context(self, name: str) -> Context:
        """A person's, who does nothing any more once they have lost their role."""
        known = self.member(name).context
        return replace(known, role="auditor") if name in self.barred else known

    def pick(self, number: int, *states: str, kind: str = "human") -> Job | None:
        found = [one for one in self.twin.jobs if one.state in states and one.kind == kind]
        return found[number % len(found)] if found else None

    def may_have(self, name: str, job: Job) -> bool:
        place = job.place
        if self.run_state not in {"running", "draining"} or job.state != "ready" or name in job.skipped_by:
            return False
        if name in self.barred or (place.kind == "review" and name not in REVIEWERS):
            return False
        if place.skill and name not in self.skilled:
            return False
        if job.reserved not in {"", name} or (place.pushed and job.reserved != name):
            return False
        if any(one.holder == name for one in self.twin.beside(job)):
            return False
        # They are all of one vendor, which judges the work of its own people.
        return place.kind != "review" or name not in self.had_a_part(job.piece, place.position)

    def had_a_part(self, piece: Piece, before: int) -> set[str]:
        """Who worked on a unit, on what it is a part of, or on its parts."""
        above = piece
        found: set[str] = set(piece.workers)
        while above:
            found |= above.workers | {
                one.holder for one in self.twin.jobs_of(above) if one.holder and one.place.position < before
            }
            if above.parent is None:
                return found
            above = above.parent
        return found

    def verdict_on(self, job: Job, name: str, token: UUID | None) -> str:
        """What a holder's act meets: "" or a refusal's code."""
        if job.state == "ready":
            return "lease_expired"
        if job.state != "leased" or job.holder != name or job.token != token:
            return "lease_lost"
        return "lease_expired" if job.lapsed else ""

    def grant(self, name: str) -> None:
        context = self.member("max").context
        with tenant_tx(context):
            SkillGrant.objects.create(org_id=context.org_id, user_id=self.member(name).id, skill=SKILL)

    def machines(self, fail: bool) -> Any:
        def broken(*_: object) -> None:
            raise ValueError("a machine broke down")

        kinds = dict.fromkeys(("tile", "merge", "convert", "route"), broken) if fail else {}
        return patch.dict(starting.KINDS, kinds)

    # What is true whatever was done.

    @invariant()
    def hold_to_the_twin(self) -> None:
        if not hasattr(self, "run_state"):
            return
        with as_owner(self.world.project):
            rows, shapes = read_rows(), seen_shapes()
            recount(rows)
        pieces, jobs = rows.pieces(self.ids), rows.jobs(self.ids)
        twin = self.twin
        assert {name: seen[1:] for name, seen in pieces.items()} == {
            one.name: (one.state, one.open_children, one.open_slots, one.workers) for one in twin.pieces
        }
        for piece in twin.pieces:
            piece.id = pieces[piece.name][0]
        assert {name: seen[1:] for name, seen in jobs.items()} == {one.name: _stated(one) for one in twin.jobs}
        for job in twin.jobs:
            job.id = jobs[job.name][0]
        assert shapes == {item: set(lying) for item, lying in twin.shapes.items() if lying}

    def expect(self, code: str, act: Any) -> None:
        """Do it; it must be refused with this code, or succeed where the model says so."""
        try:
            act()
        except Refusal as refusal:
            assert refusal.code == code, f"refused {refusal.code}, expected {code or 'success'}"
        else:
            assert not code, f"done, though it should be refused: {code}"


def _stated(job: Job) -> tuple[object, ...]:
    reviews = job.reviews.id if job.reviews else None
    reserved, postponed = (job.reserved, job.postponed) if job.state == "ready" else ("", False)
    return job.kind, job.state, job.holder, job.token, reserved, postponed, job.priority, reviews
