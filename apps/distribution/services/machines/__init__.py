"""What machines do on the line: a module for each kind of stage, run in jobs in the owner's context."""

from .finishing import finish_tasks
from .predicting import inferences_finished
from .starting import start_entered, start_tasks

__all__ = ["finish_tasks", "inferences_finished", "start_entered", "start_tasks"]
