"""The id of the request being served, for answers, logs and audit rows."""

from contextvars import ContextVar

current: ContextVar[str] = ContextVar("request_id", default="")
