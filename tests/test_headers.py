"""What every answer says of itself to browsers, with TLS in front and without, and Django's own list for production."""

import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from config.environment import ROOT
from tests.people import PASSWORD, World

ADDRESSES = [
    "/sign-in",
    "/nothing/here",
    "/api/v1/me",
    "/api/v1/schema/",
    "/healthz",
    "/o/parking/",
]
# Our own files, and at most what one answer vouches for.
SCRIPTS = re.compile(r"script-src 'self'( 'nonce-[\w+/=-]{16,}')?(;|$)")


def test_check_for_production_is_clean() -> None:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.prod"}
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    assert "no issues" in ended.stdout


@pytest.mark.parametrize("address", ADDRESSES)
def test_behind_tls_browsers_are_told_to_come_by_tls_alone(db: None, address: str) -> None:
    answer = Client().get(address, secure=True)

    assert answer["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in Client().get(address)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_is_kept_to_itself(db: None, address: str) -> None:
    answer = Client().get(address)

    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_answer_runs_a_foreign_or_an_inline_script(db: None, address: str) -> None:
    answer = Client().get(address)
    policy = answer["Content-Security-Policy"]

    assert answer["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert SCRIPTS.search(policy)
    assert all(b"src=" in script for script in re.findall(rb"<script[^>]*>", answer.content))


@pytest.mark.parametrize("secure", [True, False])
def test_cookies_are_for_tls_alone_where_there_is_tls(world: World, secure: bool) -> None:
    browser = Client()
    browser.get("/sign-in", secure=secure)
    signed_in = browser.post("/sign-in", {"email": world.ada.user.email, "password": PASSWORD}, secure=secure)

    assert signed_in.status_code == 302
    assert {"sessionid", "csrftoken"} <= set(browser.cookies)
    session: Any = browser.cookies["sessionid"]
    assert [bool(cookie["secure"]) for cookie in browser.cookies.values()] == [secure] * len(browser.cookies)
    assert session["httponly"]
    assert session["samesite"] == "Lax"
