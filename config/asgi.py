"""One port: HTTP goes through WSGI in threads (a millisecond cheaper a request), the socket through Channels."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.prod")

from django.core.wsgi import get_wsgi_application

wsgi = get_wsgi_application()

from a2wsgi import WSGIMiddleware  # noqa: E402 - Django first
from django.db import connections  # noqa: E402

from apps.core.boot import require_walls  # noqa: E402
from config.access_log import keep_secrets  # noqa: E402
from config.routing import sockets  # noqa: E402 - needs the apps

# In a thread: with --reload uvicorn imports this inside its loop, where Django asks the database nothing.
with ThreadPoolExecutor(max_workers=1) as aside:
    aside.submit(require_walls).result()
    aside.submit(connections.close_all).result()
keep_secrets()

# Bounds the database connections of this process too: one per thread.
HTTP_THREADS = 8
http: Any = WSGIMiddleware(cast(Any, wsgi), workers=HTTP_THREADS)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send each connection to its server."""
    if scope["type"] == "http":
        await http(scope, receive, send)
    elif scope["type"] == "websocket":
        await sockets(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _live(receive, send)


async def _live(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
