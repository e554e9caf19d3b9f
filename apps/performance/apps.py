from django.apps import AppConfig


class PerformanceConfig(AppConfig):
    name = "apps.performance"

    def ready(self) -> None:
        """Owners and managers begin here."""
        from apps.accounts.homes import begin_at  # noqa: PLC0415 - models can be imported once all apps are loaded
        from apps.core.roles import Role  # noqa: PLC0415 - as above

        from . import homes  # noqa: PLC0415 - as above

        begin_at(homes.team, Role.OWNER, Role.MANAGER, action="team.see")
