"""The API of work: claims, tasks and what is done to them, runs, and what stands on an item."""
