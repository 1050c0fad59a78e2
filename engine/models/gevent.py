"""One greenlet per connection: it looks like thread.py, but the program switches by itself, in one thread.

Read thread.py before this, and nonblocking.py after it. `monkey.patch_all()` has run before anything else was
imported: each line that waits lets another greenlet go on. A line that computes lets nobody.
"""

import gevent


def serve(listener, new_exchange):
    """Serve every client of `listener`, each in a new greenlet, for ever."""
    while True:
        client, address = listener.accept()  # waits: for the next client
        gevent.spawn(handle, client, new_exchange(client))  # never `joinall`: it would wait for this one


def handle(client, exchange):
    """Read, answer and write until the exchange is over."""
    while not exchange.finished:
        if exchange.outgoing:
            exchange.sent(client.send(exchange.outgoing))  # waits: while the client reads slowly
        else:
            exchange.receive(client.recv(65536))  # waits: until the client says something
    client.close()
