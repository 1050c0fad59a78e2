"""What is known of what runs, as data, ready to be painted. No Qt."""
