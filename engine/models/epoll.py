"""epoll: one thread; the kernel tells it which sockets are ready.

Read keepalive.py before this: here the loop sleeps until somebody needs it, and asks only those who do.
"""

import select


def serve(listener, new_exchange):
    """Serve every client of `listener` in this one thread, for ever."""
    listener.setblocking(False)
    poller = select.epoll()
    poller.register(listener, select.EPOLLIN)
    clients = {}  # file descriptor -> client, exchange, what it waits for

    while True:
        for fd, event in poller.poll():  # waits: for all of them at once
            if fd == listener.fileno():
                while client := listener.accept()[0]:  # None: that was the last
                    client.setblocking(False)
                    poller.register(client, select.EPOLLIN)
                    clients[client.fileno()] = client, new_exchange(client), select.EPOLLIN
            else:
                client, exchange, waits_for = clients[fd]
                wanted = handle(client, exchange)
                if not wanted:
                    poller.unregister(client)
                    client.close()
                    del clients[fd]
                elif wanted != waits_for:
                    poller.modify(client, wanted)
                    clients[fd] = client, exchange, wanted


def handle(client, exchange):
    """Do what can be done at once; the event to wait for next, or 0 when the exchange is over."""
    if not exchange.outgoing:
        data = client.recv(65536)  # None: it has said nothing yet
        if data is not None:
            exchange.receive(data)
    if exchange.outgoing:
        exchange.sent(client.send(exchange.outgoing))  # 0: the kernel takes no more just now
    if exchange.finished:
        return 0
    return select.EPOLLOUT if exchange.outgoing else select.EPOLLIN
