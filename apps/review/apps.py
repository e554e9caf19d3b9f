from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "apps.review"

    def ready(self) -> None:
        """Reviewers and auditors begin here."""
        from apps.accounts.homes import begin_at  # noqa: PLC0415 - models can be imported once all apps are loaded
        from apps.core.roles import Role  # noqa: PLC0415 - as above

        from . import homes  # noqa: PLC0415 - as above

        begin_at(homes.stream, Role.REVIEWER, action="review.see")
        begin_at(homes.quality, Role.AUDITOR, action="quality.see")
