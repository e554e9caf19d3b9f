"""Wait for what threads do."""

import time
from collections.abc import Callable


def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Return once it is true; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.05)
