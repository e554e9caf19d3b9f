"""What may be done to recipes."""

from .recipes import create_recipe
from .versions import publish_project_recipe, publish_version

__all__ = ["create_recipe", "publish_project_recipe", "publish_version"]
