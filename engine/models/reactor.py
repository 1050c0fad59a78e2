"""Reactor: one loop reads and writes, a pool of threads calls the application.

The loop waits for no page, and no thread waits for a client. A connection has one request in the pool at a time, so
its replies stay in order.
"""

import queue
import selectors
import socket
import threading

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


def serve(listener, new_exchange, *, threads):
    """Serve every client of `listener`: this thread reads and writes, `threads` others answer."""
    requests, answers = queue.SimpleQueue(), queue.SimpleQueue()
    bell, button = socket.socketpair()
    for _ in range(threads):
        threading.Thread(target=work, args=(requests, answers, button), daemon=True).start()
    selector = selectors.DefaultSelector()
    for each in (listener, bell):
        each.setblocking(False)
        selector.register(each, READ)

    while True:
        for key, _ in selector.select():  # waits: for all of them at once
            if key.fileobj is listener:
                try:
                    client, address = listener.accept()
                except BlockingIOError:  # it left before it was accepted
                    continue
                client.setblocking(False)
                selector.register(client, READ, new_exchange(client, in_steps=True))
            elif key.fileobj is bell:
                for _ in bell.recv(65536):
                    client, exchange, response = answers.get()
                    exchange.respond(response)
                    handle(client, exchange, selector, requests)
            else:
                selector.unregister(key.fileobj)
                handle(key.fileobj, key.data, selector, requests)


def handle(client, exchange, selector, requests):
    """Read and write as far as that can be done without waiting, and see to what comes next."""
    try:
        if not exchange.outgoing:
            exchange.receive(client.recv(65536))
        if exchange.outgoing:
            exchange.sent(client.send(exchange.outgoing))
    except BlockingIOError:  # nothing to read yet, or no room to write
        pass
    except OSError:  # the client is gone
        exchange.connection_lost()

    if exchange.finished:
        client.close()
    elif exchange.request:
        requests.put((client, exchange))
    else:
        selector.register(client, WRITE if exchange.outgoing else READ, exchange)


def work(requests, answers, button):
    """Answer one request after the other, for ever."""
    while True:
        client, exchange = requests.get()  # waits: for a request
        answers.put((client, exchange, exchange.answer()))
        button.send(b"!")  # rings the bell: the loop may be waiting
