"""Projects, datasets, items and uploads over HTTP."""
