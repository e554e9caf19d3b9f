"""Addresses of this app over HTTP; the socket's own is in `routing.py`."""

from django.urls import URLPattern, path

from .api import SocketTickets

pages: list[URLPattern] = []
api: list[URLPattern] = [path("socket_tickets", SocketTickets.as_view(), name="socket_tickets")]
