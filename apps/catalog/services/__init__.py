"""What may be done to many items at once, and to the views and sets by which they are found."""

from .acts import carry_back, carry_out, start_act, undo_act
from .prediction_runs import cancel_run, empty_run, fill_run, give_up_run, inferences_ended, start_run
from .saved_views import delete_view, edit_view, save_view
from .subsets import create_subset, delete_subset, keep_in_subset, rename_subset

__all__ = [
    "cancel_run",
    "carry_back",
    "carry_out",
    "create_subset",
    "delete_subset",
    "delete_view",
    "edit_view",
    "empty_run",
    "fill_run",
    "give_up_run",
    "inferences_ended",
    "keep_in_subset",
    "rename_subset",
    "save_view",
    "start_act",
    "start_run",
    "undo_act",
]
