"""Engine and load as subprocesses, and which of them are to run. No widgets."""
