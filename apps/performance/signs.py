"""What shows that somebody works. The time between two signs is active time unless it is too long."""

SIGNS = (
    "pulse.work",
    "pulse.focus",
    "task.claimed",
    "task.submitted",
    "task.reviewed",
    "task.skipped",
    "task.released",
)
# Longer than this no project's idle time may be, or a day's first sign would need the whole day before it.
LONGEST_IDLE = 3600
