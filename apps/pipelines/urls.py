"""Addresses of this app: `pages` under /o/{org}/, `api` under /api/v1/orgs/{org}/."""

from django.urls import URLPattern

pages: list[URLPattern] = []
api: list[URLPattern] = []
