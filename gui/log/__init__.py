"""What the Requests tab is made of: the `table` of the log, the `view` of it, and the `detail` of one request."""
