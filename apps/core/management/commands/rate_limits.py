"""`manage.py rate_limits`: the table of `apps/core/throttle.py`, as the operator guide prints it."""

from typing import Any

from django.core.management import BaseCommand

from apps.core.throttle import LIMITS


def lines() -> list[str]:
    """The table as Markdown."""
    head = ["| limit | of | at most | for each | without the cache |", "|---|---|---|---|---|"]
    return head + [
        f"| `{name}` | {one.what} | {one.words} | {one.by} | {one.without} |" for name, one in LIMITS.items()
    ]


class Command(BaseCommand):
    help = "Print how often something may be tried."

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a limit."""
        self.stdout.write("\n".join(lines()))
