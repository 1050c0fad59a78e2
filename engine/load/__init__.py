"""Clients that put a server under load: a subprocess of its own, which knows of the server only its address."""
