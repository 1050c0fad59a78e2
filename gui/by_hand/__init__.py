"""The parts of a client by hand."""
