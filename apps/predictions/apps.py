from django.apps import AppConfig


class PredictionsConfig(AppConfig):
    name = "apps.predictions"

    def ready(self) -> None:
        """Let the search find what is here."""
        from . import finding  # noqa: PLC0415 - models must be loaded first

        finding.install()
