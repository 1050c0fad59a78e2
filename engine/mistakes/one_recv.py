"""One thread per connection, with a mistake: what one `recv` returns is taken for the whole request."""

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
            exchange.receive(client.recv(1024))  # waits: until the client sends something
            if not exchange.outgoing:  # it was no request
                break
            while exchange.outgoing:
                exchange.sent(client.send(exchange.outgoing))  # waits: while the client reads slowly
    except OSError:  # the client is gone
        exchange.connection_lost()
    client.close()
