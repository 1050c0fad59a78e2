"""What the engine reports: counters, details and current activities, through every kind of reader."""
