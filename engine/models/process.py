"""One process per connection: each client has a process of its own, and nobody waits for anybody.

Read this file first, then thread.py: the same idea with less to copy.
"""

import os
import signal
from contextlib import suppress


def serve(listener, new_exchange):
    """Serve every client of `listener`, each in a new process, for ever."""
    signal.signal(signal.SIGCHLD, bury)

    while True:
        client, address = listener.accept()  # waits: for the next client
        if os.fork() == 0:
            listener.close()
            handle(client, new_exchange(client))
            os._exit(0)  # or the child would go on in this loop, and accept as well
        client.close()  # the parent's copy; the child has its own


def handle(client, exchange):
    """Read, answer and write until the exchange is over."""
    while not exchange.finished:
        if exchange.outgoing:
            exchange.sent(client.send(exchange.outgoing))  # waits: while the client reads slowly
        else:
            exchange.receive(client.recv(65536))  # waits: until the client says something
    client.close()


def bury(signum, frame):
    """Ask after every child that has ended: one that nobody asks after stays, as a zombie."""
    with suppress(ChildProcessError):  # there are none left
        while os.waitpid(-1, os.WNOHANG) != (0, 0):  # one signal may stand for many children
            pass
