from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"

    def ready(self) -> None:
        """Hang the access table into the gate."""
        from apps.core.access import gate  # noqa: PLC0415 - models must be loaded first

        from .access import TABLE  # noqa: PLC0415

        gate.fill(TABLE)
