"""Reads with `recvmsg`, and answers with what came besides the bytes."""

import socket
import sys

with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    while True:
        client, _ = listener.accept()
        with client:
            data, besides, flags, _ = client.recvmsg(4096, 256)
            client.sendall(repr((len(data), besides, flags)).encode())
