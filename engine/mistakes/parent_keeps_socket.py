"""One process per connection, with a mistake: the parent keeps its copy of the client's socket open.

What it costs is a fork for each client, and the memory of a process.
"""

import os
import signal


def serve(listener, new_exchange):
    """Serve every client of `listener`, each in a new process, for ever."""
    signal.signal(signal.SIGCHLD, reap)

    while True:
        client, address = listener.accept()  # waits: for the next client
        if os.fork() == 0:
            try:
                listener.close()
                handle(client, new_exchange(client))
            finally:
                os._exit(0)  # a child never returns: it would go on in this loop, and accept as well


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


def reap(signum, frame):
    """Reap every child that has ended: without this, each would stay as a zombie."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):  # one signal may stand for many children
            pass
    except ChildProcessError:  # there are none left
        pass
