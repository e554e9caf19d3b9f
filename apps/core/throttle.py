"""How often something may be tried. Counted in the cache: one that lost its memory allows a few tries more."""

from django.core.cache import cache

from .errors import Refusal


class TriedTooOften(Refusal):
    status = 429
    code = "tried_too_often"
    message = "This was tried too often. Wait a minute, then try again."


def count_try(name: str, *, most: int, seconds: int) -> None:
    """Count a try before its outcome is known. Raises TriedTooOften."""
    key = f"tries:{name}"
    cache.add(key, 0, seconds)
    try:
        number = cache.incr(key)
    except ValueError:  # it expired just now
        return
    if number > most:
        raise TriedTooOften(retry_after=seconds)


def forget_tries(name: str) -> None:
    """After a success."""
    cache.delete(f"tries:{name}")
