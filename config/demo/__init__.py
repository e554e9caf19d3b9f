"""What the demo shows: photographs from installed packages and a large picture made of them."""
