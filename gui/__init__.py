"""Everything you see. It runs the engine as a subprocess, and all its data come from the engine's messages."""
