from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"

    def ready(self) -> None:
        """Hang the access table into the gate, and let the search find people."""
        from apps.core.access import gate  # noqa: PLC0415 - models must be loaded first

        from . import finding  # noqa: PLC0415 - models can be imported once all apps are loaded
        from .access import TABLE  # noqa: PLC0415

        gate.fill(TABLE)
        finding.install()
