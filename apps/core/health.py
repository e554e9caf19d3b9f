"""Whether this process answers, and whether it can serve."""

from django.db import connection
from django.http import HttpRequest, HttpResponse

from .access import PUBLIC, allow
from .answers import answer


@allow(get=PUBLIC)
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; asks nothing of anybody."""
    return answer(200, {"state": "ok"})


@allow(get=PUBLIC)
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers too; an unreachable one becomes 503 in the middleware."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return answer(200, {"state": "ready"})
