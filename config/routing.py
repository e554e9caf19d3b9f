"""The WebSocket side of the application: everything that is not the live channel is refused."""

from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from django.urls import re_path

from apps.live.routing import sockets as live

sockets = URLRouter([*live, re_path("", WebsocketDenier.as_asgi())])
