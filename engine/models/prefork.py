"""Preforked processes: so many are made at the start, and each serves one client after the other.

All of them wait in `accept` of the same socket, and the kernel gives each connection to one. With `reuseport` each has
a socket and a queue of its own: the kernel chooses when a client connects, whether that process is free or not.
"""

import os
import socket


def serve(listener, new_exchange, *, workers, reuseport):
    """Serve every client of `listener` in `workers` processes, for ever."""
    listeners = [listener] * workers
    if reuseport:
        listeners[1:] = [listen_too(listener) for _ in range(workers - 1)]  # it allows that, before it listens
    children = {start(each, new_exchange): each for each in listeners}  # pid -> the socket that it accepts from

    while True:
        pid, status = os.wait()  # waits: until one has ended
        if pid in children:
            each = children.pop(pid)  # the clients in its queue are for the one that takes its place
            children[start(each, new_exchange)] = each


def start(listener, new_exchange):
    """The pid of a new process that serves clients of `listener`."""
    pid = os.fork()
    if pid == 0:
        try:
            while True:
                client, address = listener.accept()  # waits: for the next client
                handle(client, new_exchange(client))
        finally:
            os._exit(0)  # a child never returns: it would go on in its parent's loop
    return pid


def listen_too(listener):
    """One more socket that listens where `listener` does, with a queue of its own."""
    other = socket.socket(listener.family)
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    other.bind(listener.getsockname())
    other.listen(1024)
    return other


def handle(client, exchange):
    """Read, answer and write until the exchange is over."""
    try:
        while not exchange.finished:
            if exchange.outgoing:
                exchange.sent(client.send(exchange.outgoing))  # waits: while the client reads slowly
            else:
                exchange.receive(client.recv(65536))  # waits: until the client sends something
    except OSError:  # the client is gone
        exchange.connection_lost()
    client.close()
