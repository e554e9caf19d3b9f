"""What may be done to recipes."""

from .copies import copy_recipe
from .recipes import create_recipe
from .versions import publish_project_recipe, publish_version

__all__ = ["copy_recipe", "create_recipe", "publish_project_recipe", "publish_version"]
