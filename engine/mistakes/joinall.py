"""One greenlet per connection, with a mistake: the loop waits for each greenlet before it accepts the next client.

`monkey.patch_all()` has run before anything else was imported: each line that waits lets another greenlet go on. A
line that computes lets none.
"""

import gevent


def serve(listener, new_exchange):
    """Serve every client of `listener`, each in a new greenlet, for ever."""
    while True:
        client, address = listener.accept()  # waits: for the next client
        gevent.joinall([gevent.spawn(handle, client, new_exchange(client))])  # waits: until this client is served


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
