"""What the Timeline tab is made of: its `rows`, their `raster`, the `canvas` that shows both, and the `legend`."""
