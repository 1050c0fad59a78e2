"""One greenlet per connection, with a mistake: `monkey.patch_all()` runs after the listening socket was made."""

import gevent
from gevent import monkey


def serve(listener, new_exchange):
    """Serve every client of `listener`, each in a new greenlet, for ever."""
    monkey.patch_all()

    while True:
        client, address = listener.accept()  # waits: for the next client
        gevent.spawn(handle, client, new_exchange(client))  # never `joinall`: it would wait for this one


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
