"""The sample project, one press away."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.core.access import allow
from apps.distribution.services.samples import request_sample


@allow(post="project.create")
def make_sample(request: HttpRequest, org: str) -> HttpResponse:
    """Ask for it; the list shows how far it is."""
    request_sample()
    return redirect("projects:list", org=org)
