"""HTTP without sockets: bytes in, bytes out."""
