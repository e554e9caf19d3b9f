from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Brings the command `seed_demo`; installed only where DEMO is set."""

    name = "config.demo"
    label = "demo"
