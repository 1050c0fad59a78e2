"""What is measured: the scorekeeper by itself, and runs with real children."""
