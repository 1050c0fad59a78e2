"""What the Source tab is made of: the `view` of a file, the `live` one with workers in it, and two side by side."""
