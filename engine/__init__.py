"""The headless half: the server in its concurrency models, their telemetry, and the load. Needs no display."""
