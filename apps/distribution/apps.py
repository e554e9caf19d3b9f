from django.apps import AppConfig


class DistributionConfig(AppConfig):
    name = "apps.distribution"

    def ready(self) -> None:
        """Where an item stands in its run is a field of the catalog; two roles begin here; tasks are found by name."""
        from apps.accounts.homes import begin_at  # noqa: PLC0415 - models can be imported once all apps are loaded
        from apps.catalog.fields import register  # noqa: PLC0415 - as above
        from apps.core.roles import Role  # noqa: PLC0415 - as above

        from . import finding, homes  # noqa: PLC0415 - as above
        from .item_states import FIELD  # noqa: PLC0415 - as above

        register(FIELD)
        begin_at(homes.my_work, Role.ANNOTATOR, action="work.see")
        begin_at(homes.only_project, Role.ENGINEER, action="project.see")
        finding.install()
