"""Everything headless: the server in its concurrency models, their telemetry, the load. It runs without a display."""
