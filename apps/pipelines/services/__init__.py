"""What may be done to pipelines."""

from .pipelines import create_pipeline
from .versions import publish_version

__all__ = ["create_pipeline", "publish_version"]
