"""The one socket's address."""

from django.urls import URLPattern, path

from .consumers import Live

sockets: list[URLPattern] = [path("ws/orgs/<slug:org>/live", Live.as_asgi())]
