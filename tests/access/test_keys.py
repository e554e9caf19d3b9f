"""The keys that each role is sent are those of tests/access/keys.json; `make keys` writes it anew, to be read."""

import json

from .keys import ALLOWED, PROOF, SECRET, gather


def test_each_role_is_sent_the_keys_of_the_list_and_no_others(db: None) -> None:
    allowed, seen = json.loads(ALLOWED.read_text()), gather()

    answers = sum(len(who.split(", ")) for by_role in seen.values() for who in by_role)
    print(f"\n{len(seen)} operations, {answers} answers by role")  # noqa: T201 - the count is the evidence
    assert {name: entries for name, entries in seen.items() if entries != allowed.get(name)} == {}
    assert set(allowed) == set(seen), "run `make keys`, and read what it changes"


def test_no_answer_has_a_key_that_nobody_is_to_be_sent() -> None:
    allowed = json.loads(ALLOWED.read_text())
    told = [
        f"{who} by {name}: {key}"
        for name, by_role in allowed.items()
        for who, keys in by_role.items()
        for key in keys.split()
        if SECRET.search(key) and not PROOF.fullmatch(key)
    ]

    assert told == []


def test_the_proof_of_a_lease_is_shown_to_its_holder_alone() -> None:
    task = json.loads(ALLOWED.read_text())["GET /api/v1/orgs/{org}/tasks/{task}"]

    assert [who for who, keys in task.items() if "lease.token" in keys.split()] == ["vendor's annotator"]
