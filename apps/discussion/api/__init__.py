"""The API of questions and notifications."""
