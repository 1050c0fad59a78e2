"""What is measured: the measurement by itself, and runs with real children."""
