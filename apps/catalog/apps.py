from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "apps.catalog"

    def ready(self) -> None:
        """The fields that need nothing above this app; higher apps register theirs in the same way."""
        from . import fields, own_fields  # noqa: PLC0415 - models can be imported once all apps are loaded

        for field in own_fields.FIELDS:
            fields.register(field)
