"""The same request twice is done once: the first answer is kept for 24 h and given again."""

import hashlib
from collections.abc import Callable, Mapping

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.core.errors import BadRequest, Invalid, Refusal
from apps.core.tenancy import Context, tenant_tx

from .models import IdempotencyKey

LONGEST_KEY = 200
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
    scope = {"user_id": context.user_id, "method": request.method, "path": request.path, "key": key}
    with tenant_tx(context):
        if not _took(context, scope):
            raise RequestInProgress
        if kept := IdempotencyKey.objects.filter(**scope).first():
            return _replay(kept, digest, on_replay)
        response = serve()
        undone = transaction.get_rollback()
        if not undone:
            _keep(context, scope, digest, response)
    if undone:
        with tenant_tx(context):
            if _took(context, scope) and not IdempotencyKey.objects.filter(**scope).exists():
                _keep(context, scope, digest, response)
    return response


def _took(context: Context, scope: Mapping[str, object]) -> bool:
    """Whether this transaction now holds the key, until its end."""
    name = f"{context.org_id}:{scope}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])


def _replay(kept: IdempotencyKey, digest: bytes, on_replay: Callable[[bytes], None] | None) -> HttpResponse:
    if bytes(kept.body_digest) != digest:
        raise IdempotencyMismatch
    if on_replay and kept.status < 400:
        on_replay(bytes(kept.answer))
    response = HttpResponse(bytes(kept.answer), status=kept.status, content_type=kept.media_type)
    if not kept.media_type:
        del response["Content-Type"]
    response["Idempotency-Replayed"] = "true"
    return response


def _keep(context: Context, scope: Mapping[str, object], digest: bytes, response: HttpResponse) -> None:
    # Retry-After invites another try: of a claim that found nothing to do, of a picture that is being made.
    if response.status_code in NOT_KEPT or response.status_code >= 500 or response.has_header("Retry-After"):
        return
    IdempotencyKey.objects.create(
        org_id=context.org_id,
        **scope,
        body_digest=digest,
        status=response.status_code,
        answer=response.content,
        media_type=response.get("Content-Type", ""),
        at=timezone.now(),
    )


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
