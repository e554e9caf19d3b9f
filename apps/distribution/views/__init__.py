"""Pages about work: a project at a glance, its pictures, its pipeline, and what one can do oneself."""
