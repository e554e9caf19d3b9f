"""Pages about performance: a project's, one's own, the team's."""

from .mine import my_figures
from .project import figures, run_status, suggestions, table_file
from .team import team

__all__ = ["figures", "my_figures", "run_status", "suggestions", "table_file", "team"]
