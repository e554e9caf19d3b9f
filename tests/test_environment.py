"""What the environment may say, and what is refused at start."""

from ipaddress import ip_network

import pytest

from config.environment import BadEnvironment, Mail, mail, networks, number, secret


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


def test_a_key_that_could_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "changeme")

    with pytest.raises(BadEnvironment, match="at least 32 characters"):
        secret("SECRET_KEY")


def test_private_peers_are_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEERS", "10.1.0.0/16, fd00::/8")
    assert networks("PEERS") == [ip_network("10.1.0.0/16"), ip_network("fd00::/8")]

    monkeypatch.setenv("PEERS", "10.1.2.3/16")
    with pytest.raises(BadEnvironment, match="PEERS must be networks"):
        networks("PEERS")


@pytest.mark.parametrize("given", ["-1", "1.5", "a year"])
def test_a_number_is_a_whole_one(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HSTS_SECONDS", given)

    with pytest.raises(BadEnvironment, match="HSTS_SECONDS must be a whole number"):
        number("HSTS_SECONDS", 5)
