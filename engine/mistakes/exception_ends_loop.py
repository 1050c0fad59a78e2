"""Non-blocking with keep-alive, with a mistake: an exception because of one client ends the loop for all.

A reply's Content-Length says where it ends, so the connection need not be closed to say so. The price: every turn of
the loop asks all clients that stay, also those that are silent.
"""


def serve(listener, new_exchange):
    """Serve every client of `listener` in this one thread, for ever."""
    listener.setblocking(False)
    clients = {}  # socket -> exchange

    while True:
        try:
            while True:
                client, address = listener.accept()
                client.setblocking(False)
                clients[client] = new_exchange(client, keep_alive=True)
        except BlockingIOError:  # no other client is waiting to be accepted
            pass

        for client, exchange in list(clients.items()):
            handle(client, exchange)
            if exchange.finished:  # after the client has closed its side
                client.close()
                del clients[client]


def handle(client, exchange):
    """Read, answer and write as far as that can be done without waiting."""
    try:
        if not exchange.outgoing:
            exchange.receive(client.recv(65536))
        if exchange.outgoing:
            exchange.sent(client.send(exchange.outgoing))
    except BlockingIOError:  # nothing to read yet, or no room to write
        pass
