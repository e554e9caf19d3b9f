"""Training of the models that are ours, within a budget of seconds."""
