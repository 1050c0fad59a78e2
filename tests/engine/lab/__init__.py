"""What is measured: the arithmetic by itself, and runs with real children."""
