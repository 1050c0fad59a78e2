"""Non-blocking with keep-alive: the same loop, but a client stays and asks again on its open connection.

Read nonblocking.py before this, and epoll.py after it. A reply's Content-Length says where it ends, so nobody has to
close to say so. The price: every turn of the loop asks all who stay, also those who are silent.
"""


def serve(listener, new_exchange):
    """Serve every client of `listener` in this one thread, for ever."""
    listener.setblocking(False)
    clients = {}

    while True:
        while client := listener.accept()[0]:  # None: nobody is there
            client.setblocking(False)
            clients[client] = new_exchange(client)
        for client, exchange in list(clients.items()):
            if not handle(client, exchange):
                del clients[client]


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
