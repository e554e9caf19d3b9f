"""A URL table with a view that forgot to say who may call it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import urlpatterns as real


def forgotten(request: HttpRequest, org: str) -> HttpResponse:
    """Would show everything."""
    return HttpResponse("secret")


urlpatterns = [path("o/<slug:org>/unstamped", forgotten), *real]
handler404 = "apps.core.pages.not_found"
