"""Everything you see. It runs the engine as a subprocess and knows only what the engine's stream tells."""
