"""Non-blocking: one thread asks every socket, again and again, and never waits for any of them.

Read gevent.py before this, and keepalive.py after it. Watch the processor: asking costs a whole core, also while
nobody has anything to say.
"""


def serve(listener, new_exchange):
    """Serve every client of `listener` in this one thread, for ever."""
    listener.setblocking(False)
    clients = []

    while True:
        while client := listener.accept()[0]:  # None: nobody is there
            client.setblocking(False)
            clients.append((client, new_exchange(client)))
        clients = [(client, exchange) for client, exchange in clients if handle(client, exchange)]


def handle(client, exchange):
    """Do what can be done at once; False when the exchange is over."""
    if not exchange.outgoing:
        data = client.recv(65536)  # None: it has said nothing yet
        if data is not None:
            exchange.receive(data)
    if exchange.outgoing:
        exchange.sent(client.send(exchange.outgoing))  # 0: the kernel takes no more just now
    if exchange.finished:
        client.close()
    return not exchange.finished
