from django.apps import AppConfig


class PipelinesConfig(AppConfig):
    name = "apps.pipelines"

    def ready(self) -> None:
        """Say what of a project can be shared with a vendor."""
        from apps.accounts.sharing import find_by  # noqa: PLC0415 - models can be imported once all apps are loaded

        from .sharing import shareable  # noqa: PLC0415 - as above

        find_by(shareable)
