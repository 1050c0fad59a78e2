"""Non-blocking, with a mistake: clients are removed from the list while the loop goes through it.

A call that would wait raises BlockingIOError instead, which has to be caught. Each connection ends after its reply.
Watch the processor: asking costs a whole core, also while no client has anything to say.
"""


def serve(listener, new_exchange):
    """Serve every client of `listener` in this one thread, for ever."""
    listener.setblocking(False)
    clients = []  # socket, exchange

    while True:
        try:
            while True:
                client, address = listener.accept()
                client.setblocking(False)
                clients.append((client, new_exchange(client, keep_alive=False)))
        except BlockingIOError:  # no other client is waiting to be accepted
            pass

        for client, exchange in clients:
            handle(client, exchange)
            if exchange.finished:  # after the reply
                client.close()
                clients.remove((client, exchange))


def handle(client, exchange):
    """Read, answer and write as far as that can be done without waiting."""
    try:
        if not exchange.outgoing:
            exchange.receive(client.recv(65536))
        if exchange.outgoing:
            exchange.sent(client.send(exchange.outgoing))
    except BlockingIOError:  # nothing to read yet, or no room to write
        pass
    except OSError:  # the client is gone
        exchange.connection_lost()
