"""One thread per connection: the threads share one process, and the system switches between them."""

import threading


def serve(listener, new_exchange):
    """Serve every client of `listener`, each in a new thread, for ever."""
    while True:
        client, address = listener.accept()  # waits: for the next client
        threading.Thread(target=handle, args=(client, new_exchange(client)), daemon=True).start()


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
