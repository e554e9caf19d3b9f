"""The engine: runs are filled, tasks claimed, held, drafted, submitted, passed on; machines' tasks advance."""
