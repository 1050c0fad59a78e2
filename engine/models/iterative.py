"""Iterative: one client after the other, in one thread.

It is as simple as a server can be. While one client is served, all others wait in the kernel's queue, also if it is
silent.
"""


def serve(listener, new_exchange):
    """Serve every client of `listener`, one after the other, for ever."""
    while True:
        client, address = listener.accept()  # waits: for the next client
        handle(client, new_exchange(client))


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
