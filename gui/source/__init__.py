"""The parts of the Source tab: the `view` of a file, the `live` one with workers in it, and two side by side."""
