import logging

import pytest

from config.access_log import WithoutSecrets


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/join/aB3-secret", "/join/…"),
        ("/reset/01a1ffe7-391c-759b-84b4-d1e17c6eeb3d/c9x-token", "/reset/01a1ffe7-391c-759b-84b4-d1e17c6eeb3d/…"),
        ("/join/aB3-secret?next=/o/meadow/", "/join/…?next=/o/meadow/"),
        ("/reset", "/reset"),
        ("/o/meadow/members/", "/o/meadow/members/"),
    ],
)
def test_the_log_tells_of_links_without_their_secrets(path: str, told: str) -> None:
    args = ("127.0.0.1:5", "GET", path, "1.1", 200)
    record = logging.LogRecord("uvicorn.access", logging.INFO, "", 1, '%s - "%s %s HTTP/%s" %d', args, None)

    assert WithoutSecrets().filter(record)
    assert record.getMessage() == f'127.0.0.1:5 - "GET {told} HTTP/1.1" 200'
