from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "apps.projects"

    def ready(self) -> None:
        """Let the search find what is here."""
        from . import finding  # noqa: PLC0415 - models must be loaded first

        finding.install()
