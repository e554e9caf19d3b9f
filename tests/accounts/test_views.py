from django.test import Client

from tests.people import PASSWORD, World


def test_signing_in_leads_to_where_one_wanted_to_go(world: World) -> None:
    form = {"email": "Ada@Meadow.example", "password": PASSWORD, "next": "/o/meadow/projects/"}
    assert Client().post("/sign-in", form).headers["Location"] == "/o/meadow/projects/"


def test_signing_in_never_leads_off_the_site(world: World) -> None:
    form = {"email": "ada@meadow.example", "password": PASSWORD, "next": "https://evil.example/"}
    assert Client().post("/sign-in", form).headers["Location"] == "/"


def test_a_wrong_password_is_said_in_a_sentence(world: World) -> None:
    answer = Client().post("/sign-in", {"email": "ada@meadow.example", "password": "wrong"})
    assert answer.status_code == 422
    assert "not right" in answer.content.decode()


def test_view_as_is_not_there_outside_the_demo(world: World) -> None:
    assert Client().post("/demo/view-as", {"email": "ada@meadow.example"}).status_code == 404


def test_a_form_without_its_token_is_refused_with_a_sentence(world: World) -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-in", {"email": "a@b.example", "password": "x"})
    assert answer.status_code == 403
    assert "Reload the page" in answer.content.decode()
