"""poll: one thread; the kernel says which sockets are ready.

It takes any descriptor, and each is registered once. But the kernel still looks at all of them in each turn.
"""

import select


def serve(listener, new_exchange):
    """Serve every client of `listener` in this one thread, for ever."""
    listener.setblocking(False)
    poller = select.poll()
    poller.register(listener, select.POLLIN)
    clients = {}  # descriptor -> socket, exchange, what it waits for

    while True:
        for fd, event in poller.poll():  # waits: for all of them at once
            if fd == listener.fileno():
                try:
                    client, address = listener.accept()
                except BlockingIOError:  # it left before it was accepted
                    continue
                client.setblocking(False)
                poller.register(client, select.POLLIN)
                clients[client.fileno()] = client, new_exchange(client), select.POLLIN
                continue

            client, exchange, waits_for = clients[fd]
            handle(client, exchange)
            wanted = select.POLLOUT if exchange.outgoing else select.POLLIN
            if exchange.finished:
                poller.unregister(client)
                client.close()
                del clients[fd]
            elif wanted != waits_for:
                poller.modify(client, wanted)
                clients[fd] = client, exchange, wanted


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
