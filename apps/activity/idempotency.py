"""The same request twice is done once: the first answer is kept for 24 h and given again."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from apps.core.errors import BadRequest, Invalid, Refusal
from apps.core.tenancy import Context, tenant_tx

LONGEST_KEY = 200
KEEP = """
INSERT INTO idempotency_key (org_id, user_id, method, path, key, body_digest, status, answer, media_type, at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp())
"""
# The organization, the person, method, path and key: what makes two requests the same.
Scope = tuple[UUID, UUID | None, str | None, str, str]
# What may be different next time is not kept.
NOT_KEPT = frozenset({401, 408, 409, 425, 429})


class InvalidKey(BadRequest):
    code = "invalid_idempotency_key"
    message = "An Idempotency-Key has 1 to 200 characters."


class RequestInProgress(Refusal):
    code = "request_in_progress"
    message = "The same request is being served right now. Ask again in a moment."


class IdempotencyMismatch(Invalid):
    code = "idempotency_mismatch"
    message = "This Idempotency-Key was used with another body. Use a new key."


def once(
    request: HttpRequest,
    context: Context,
    key: str,
    serve: Callable[[], HttpResponse],
    on_replay: Callable[[bytes], None] | None = None,
) -> HttpResponse:
    """Serve, or give the kept answer. Work and key share a transaction: a crash leaves both or neither.

    `on_replay` may look at the kept answer first, and raise where it no longer holds. A refusal, whose work is undone,
    is kept afterwards, unless the same request has come again meanwhile: then that one's answer is the first.
    """
    if len(key) > LONGEST_KEY:
        raise InvalidKey
    digest = _digest(request)
    scope = (context.org_id, context.user_id, request.method, request.path, key)
    with tenant_tx(context):
        took, kept = _take(scope)
        if not took:
            raise RequestInProgress
        if kept:
            return _replay(kept, digest, on_replay)
        response = serve()
        undone = transaction.get_rollback()
        if not undone:
            _keep(scope, digest, response)
    if undone:
        with tenant_tx(context):
            if _take(scope) == (True, None):
                _keep(scope, digest, response)
    return response


@dataclass(frozen=True, slots=True)
class _Kept:
    """The first answer to a request."""

    body_digest: bytes
    status: int
    answer: bytes
    media_type: str


def _take(scope: Scope) -> tuple[bool, _Kept | None]:
    """Whether this transaction now holds the key, until its end, and what is kept under it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM app.take_key(%s, %s, %s, %s, %s)", scope)
        took, digest, status, answer, media_type = cursor.fetchone()
    kept = None if status is None else _Kept(bytes(digest), status, bytes(answer), media_type)
    return took, kept


def _replay(kept: _Kept, digest: bytes, on_replay: Callable[[bytes], None] | None) -> HttpResponse:
    if kept.body_digest != digest:
        raise IdempotencyMismatch
    if on_replay and kept.status < 400:
        on_replay(kept.answer)
    response = HttpResponse(kept.answer, status=kept.status, content_type=kept.media_type)
    if not kept.media_type:
        del response["Content-Type"]
    response["Idempotency-Replayed"] = "true"
    return response


def _keep(scope: Scope, digest: bytes, response: HttpResponse) -> None:
    # Retry-After invites another try: of a claim that found nothing to do, of a picture that is being made.
    if response.status_code in NOT_KEPT or response.status_code >= 500 or response.has_header("Retry-After"):
        return
    answer: tuple[bytes, int, bytes, str]
    answer = (digest, response.status_code, response.content, response.get("Content-Type", ""))
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [*scope, *answer])


def _digest(request: HttpRequest) -> bytes:
    total = hashlib.sha256()
    if request.content_type == "multipart/form-data":
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                total.update(f"{name}:{file.name}:{file.size}:".encode())
                for chunk in file.chunks():
                    total.update(chunk)
    else:
        total.update(request.body)
    return total.digest()
