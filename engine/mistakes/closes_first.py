"""epoll, with a mistake: a socket is closed before it is unregistered.

The loop sleeps until a client needs it, and asks only the sockets that are ready.
"""

import select


def serve(listener, new_exchange):
    """Serve every client of `listener` in this one thread, for ever."""
    listener.setblocking(False)
    poller = select.epoll()
    poller.register(listener, select.EPOLLIN)
    clients = {}  # descriptor -> socket, exchange, what it waits for

    while True:
        for fd, event in poller.poll():  # waits: for all of them at once
            if fd == listener.fileno():
                try:
                    client, address = listener.accept()
                except BlockingIOError:  # it left before it was accepted
                    continue
                client.setblocking(False)
                poller.register(client, select.EPOLLIN)
                clients[client.fileno()] = client, new_exchange(client), select.EPOLLIN
                continue

            client, exchange, waits_for = clients[fd]
            handle(client, exchange)
            wanted = select.EPOLLOUT if exchange.outgoing else select.EPOLLIN
            if exchange.finished:
                client.close()
                poller.unregister(client)
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
