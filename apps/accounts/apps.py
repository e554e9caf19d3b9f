from django.apps import AppConfig

from apps.core.access import gate

from .access import TABLE


class AccountsConfig(AppConfig):
    name = "apps.accounts"

    def ready(self) -> None:
        """Hang the access table into the gate, and let the search find people."""
        from . import finding  # noqa: PLC0415 - models can be imported once all apps are loaded

        gate.fill(TABLE)
        finding.install()
