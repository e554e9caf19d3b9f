"""The API of people, organizations and what these share."""
