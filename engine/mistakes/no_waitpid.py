"""One process per connection, with a mistake: nobody waits for the children that have ended.

What it costs is a fork for each client, and the memory of a process.
"""

import os


def serve(listener, new_exchange):
    """Serve every client of `listener`, each in a new process, for ever."""
    while True:
        client, address = listener.accept()  # waits: for the next client
        if os.fork() == 0:
            try:
                listener.close()
                handle(client, new_exchange(client))
            finally:
                os._exit(0)  # a child never returns: it would go on in this loop, and accept as well
        client.close()  # the parent's copy; the child has its own


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
