"""What is recorded, and played again."""
