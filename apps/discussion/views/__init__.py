"""Pages of questions and notifications."""
