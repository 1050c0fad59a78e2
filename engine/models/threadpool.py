"""A pool of threads: so many clients are served at once, and no more threads are ever made.

All threads take their clients from one queue. If it is full, clients wait in the kernel's queue instead.
"""

import queue
import threading


def serve(listener, new_exchange, *, threads, queue_length):
    """Serve every client of `listener`, as many at once as there are `threads`, for ever."""
    clients = queue.Queue(queue_length)
    for _ in range(threads):
        threading.Thread(target=work, args=(clients, new_exchange), daemon=True).start()

    while True:
        client, address = listener.accept()  # waits: for the next client
        clients.put(client)  # waits: while the queue is full


def work(clients, new_exchange):
    """Serve one client of the queue after the other, for ever."""
    while True:
        client = clients.get()  # waits: for a client
        handle(client, new_exchange(client))


def handle(client, exchange):
    """Read, answer and write until the exchange is over."""
    try:
        while not exchange.finished:
            if exchange.outgoing:
                exchange.sent(client.send(exchange.outgoing))  # waits: while the client reads slowly
            else:
                exchange.receive(client.recv(65536))  # waits: until the client sends something
    except OSError:  # the client is gone
        exchange.connection_lost()
    client.close()
