"""The claim desk: what it sends, how it tells what became of it, and that it does so against a whole Tessera."""

import subprocess
import sys
from pathlib import Path

import pytest

from config.demo import claim_desk
from tests.installation import Installation

ROOT = Path(__file__).parents[2]
SECONDS = 300


def test_claims_repeat_by_seed_and_hold_their_cars_whole():
    first, again = (claim_desk.claims(6, seed=7) for _ in range(2))

    assert [claim.predictions for claim in first] == [claim.predictions for claim in again]
    assert {claim.by_upload for claim in first} == {True, False}
    assert {claim.lowest >= claim_desk.SURE[0] for claim in first} == {True, False}
    for claim in first:
        assert claim.predictions
        assert all(one["x"] >= 0 and one["y"] >= 0 for one in claim.predictions)


def test_the_table_says_who_decided_and_what_is_late():
    def claim(number, *, by, late):
        made = claim_desk.Claim(f"claim-{number}.jpg", b"", [{"score": 0.95}], by_upload=False)
        decision = {"by": by, "certified": False, "rules": [{"rule": "confident"}]} if by else None
        made.intake = {
            "external_id": f"claim-{number}",
            "state": "decided" if by else "with_people",
            "decision": decision,
            "met": None if not by else not late,
            "late": late,
            "created_at": "2026-11-21T09:00:00Z",
            "decided_at": "2026-11-21T09:00:02Z" if by else None,
        }
        return made

    said = claim_desk.table(
        [claim(1, by="model", late=False), claim(2, by="people", late=True), claim(3, by="", late=False)]
    )

    assert "1 of 3 decided at once by a rule, median 2.00 s" in said
    assert "1 of 3 decided by people, median 2.00 s" in said
    assert "1 still open, 1 late, 2 not certified" in said
    assert "LATE" in said.splitlines()[2]


@pytest.mark.browser
def test_a_desk_gets_its_decisions_from_a_running_tessera(installation: Installation) -> None:
    asked = ["--url", installation.url, "--claims", "4", "--patience", "200", "--deadline", "200"]
    command = [sys.executable, "-m", "config.demo.claim_desk", *asked]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 still open, 0 late, 4 not certified" in done.stdout
