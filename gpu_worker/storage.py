"""Files from storage, whatever kind it is."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def answering() -> Iterator[None]:
    """Turns whatever the block raises into OSError: a bucket's client has errors of its own, and all may pass."""
    try:
        yield
    except OSError:
        raise
    except Exception as trouble:
        raise OSError(f"The storage does not answer: {trouble!r}") from trouble
