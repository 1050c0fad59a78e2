"""A slow service that a guest's pages ask: it answers each connection after a while, all of them side by side."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

REPLY = b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\ntea"


@contextmanager
def slow_service(seconds: float) -> Iterator[int]:
    """The port of one that answers after so many seconds."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        threading.Thread(target=_serve, args=(listener, seconds), daemon=True).start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, seconds: float) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # it is over
            return
        threading.Thread(target=_answer, args=(client, seconds), daemon=True).start()


def _answer(client: socket.socket, seconds: float) -> None:
    with client:
        client.recv(4096)
        time.sleep(seconds)
        client.sendall(REPLY)
