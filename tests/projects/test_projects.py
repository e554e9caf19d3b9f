"""Projects: who makes, sees and edits them, and what is refused."""

import json

from tests.people import World


def test_an_engineer_makes_a_project_with_a_first_dataset(world: World, signed_in) -> None:
    client = signed_in(world.noor)
    answer = client.post(f"{client.api}/projects", {"name": " Cars "}, content_type="application/json")

    assert answer.status_code == 201
    assert answer.json()["name"] == "Cars"
    assert answer["ETag"]
