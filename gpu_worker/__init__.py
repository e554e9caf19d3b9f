"""The worker that runs models: the only package of the platform that loads torch."""
