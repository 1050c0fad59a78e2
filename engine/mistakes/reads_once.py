"""epoll, edge-triggered, with a mistake: a client that has changed is read from once.

So whatever is ready has to be used up: read, and write, until it would block. What is left lying is never mentioned
again. In return no client has to be registered anew when it is written to instead of read from.
"""

import select

CHANGES = select.EPOLLIN | select.EPOLLOUT | select.EPOLLET


def serve(listener, new_exchange):
    """Serve every client of `listener` in this one thread, for ever."""
    listener.setblocking(False)
    poller = select.epoll()
    poller.register(listener, select.EPOLLIN)  # not edge-triggered: clients may have to wait for a descriptor
    clients = {}  # descriptor -> socket, exchange

    while True:
        for fd, event in poller.poll():  # waits: for a change of any of them
            if fd != listener.fileno():
                client, exchange = clients[fd]
                handle(client, exchange, poller)
                if exchange.finished:
                    poller.unregister(client)
                    client.close()
                    del clients[fd]
                continue

            try:
                while True:
                    client, address = listener.accept()
                    client.setblocking(False)
                    poller.register(client, CHANGES)
                    clients[client.fileno()] = client, new_exchange(client)
            except BlockingIOError:  # no other client is waiting to be accepted
                pass


def handle(client, exchange, poller):
    """Read, answer and write until that would have to wait, or others are to be served too."""
    try:
        if not exchange.outgoing:
            exchange.receive(client.recv(65536))
        while exchange.outgoing:
            exchange.sent(client.send(exchange.outgoing))
    except BlockingIOError:  # nothing to read yet, or no room to write: the kernel says when that changes
        pass
    except OSError:  # the client is gone
        exchange.connection_lost()
