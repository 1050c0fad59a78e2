"""One process per connection where the system can't fork: each client gets a new interpreter.

A forked child has everything that its parent has; a spawned one starts from nothing: it imports the program anew, and
its client's socket is sent to it. That takes a hundred times as long.
"""

import multiprocessing
import signal


def serve(listener, new_exchange):
    """Serve every client of `listener`, each in a new process, for ever."""
    spawn = multiprocessing.get_context("spawn")
    if hasattr(signal, "SIGCHLD"):
        signal.signal(signal.SIGCHLD, reap)

    while True:
        client, address = listener.accept()  # waits: for the next client
        spawn.Process(target=handle, args=(client, new_exchange)).start()
        client.close()  # the parent's copy; the child has its own


def handle(client, new_exchange):
    """Read, answer and write until the exchange is over."""
    exchange = new_exchange(client)
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
    multiprocessing.active_children()
