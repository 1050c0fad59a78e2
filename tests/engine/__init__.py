"""The engine, seen from outside: real sockets against real children."""
