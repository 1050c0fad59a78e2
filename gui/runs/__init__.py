"""What runs: the engine and the load as subprocesses, and what is wanted of them. No widget."""
