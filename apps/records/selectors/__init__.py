"""What was recorded, and of whom."""
