"""What the environment may say of the way that mails take."""

import pytest

from config.environment import BadEnvironment, Mail, mail


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("", Mail("dummy")),
        ("console:", Mail("console")),
        ("file:///var/spool/a%20b", Mail("filebased", folder="/var/spool/a b")),
        ("smtp://relay.example", Mail("smtp", host="relay.example", port=587)),
        (
            "smtp://ona%40x:p%3Aw@relay.example:2525",
            Mail("smtp", host="relay.example", port=2525, user="ona@x", password="p:w", tls=True),
        ),
        ("smtps://a:b@relay.example", Mail("smtp", "relay.example", 465, "a", "b", ssl=True)),
    ],
)
def test_mails_go_where_the_address_says(url: str, wanted: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", url)

    assert mail("EMAIL_URL") == wanted


def test_an_address_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "pigeon://roof")

    with pytest.raises(BadEnvironment, match="EMAIL_URL must begin with"):
        mail("EMAIL_URL")
