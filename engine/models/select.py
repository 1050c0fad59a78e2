"""select: one thread; the kernel says which of all the sockets are ready.

All of them are handed to the kernel in each turn, and looked at there: also those of silent clients. It takes no
descriptor from FD_SETSIZE on (on Windows: no more sockets than that), so a client that would be one is rejected.
"""

import select
import sys

ON_WINDOWS = sys.platform == "win32"
FD_SETSIZE = 512 if ON_WINDOWS else 1024


def serve(listener, new_exchange):
    """Serve every client of `listener` in this one thread, for ever."""
    listener.setblocking(False)
    clients = {}  # socket -> exchange

    while True:
        readers = [client for client, exchange in clients.items() if not exchange.outgoing]
        writers = [client for client, exchange in clients.items() if exchange.outgoing]
        readable, writable, _ = select.select([listener, *readers], writers, [])  # waits: for all of them at once
        for client in readable + writable:
            if client is listener:
                try:
                    client, address = listener.accept()
                except BlockingIOError:  # it left before it was accepted
                    continue
                if (len(clients) + 1 if ON_WINDOWS else client.fileno()) >= FD_SETSIZE:
                    new_exchange.reject(client)
                    continue
                client.setblocking(False)
                clients[client] = new_exchange(client)
                continue

            exchange = clients[client]
            handle(client, exchange)
            if exchange.finished:
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
    except OSError:  # the client is gone
        exchange.connection_lost()
