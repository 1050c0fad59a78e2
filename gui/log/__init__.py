"""The parts of the Requests tab: the `table` of the log, the `view` of it, and the `detail` of one request."""
