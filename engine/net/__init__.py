"""Sockets: listening, tracing, polling, where in the code a call stands, and what is allowed of a client."""
