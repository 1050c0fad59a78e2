"""Answers a client after it has shaken hands over TLS with the next one; its port, certificate and key are given."""

import socket
import ssl
import sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(*sys.argv[2:4])
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    first, _ = listener.accept()
    second, _ = listener.accept()
    first.recv(4096)
    with context.wrap_socket(second, server_side=True) as encrypted:  # shakes
        encrypted.recv(4096)
        first.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")
        encrypted.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")
    first.close()
