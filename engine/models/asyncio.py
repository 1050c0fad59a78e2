"""One asyncio task per connection: as thread.py, but each line that can wait says so with `await`.

There, and only there, another task goes on, all in one thread. A page that computes or waits without `await` stops all
of them; `to_thread` calls the application in a thread of a pool instead.
"""

import asyncio


def serve(listener, new_exchange, *, to_thread):
    """Serve every client of `listener`, each in a new task, for ever."""
    listener.setblocking(False)
    asyncio.run(accept(listener, new_exchange, to_thread))


async def accept(listener, new_exchange, to_thread):
    """Make a task for each client."""
    loop = asyncio.get_running_loop()
    tasks = set()  # the loop itself keeps no task from being collected

    while True:
        client, address = await loop.sock_accept(listener)  # waits: for the next client
        client.setblocking(False)
        task = loop.create_task(handle(client, new_exchange(client, in_steps=True), to_thread))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def handle(client, exchange, to_thread):
    """Read, answer and write until the exchange is over."""
    loop = asyncio.get_running_loop()
    turns = 0
    try:
        while not exchange.finished:
            turns += 1
            if turns % 20 == 0:
                await asyncio.sleep(0)  # where bytes are always there, no other line waits: others have their turn here
            if exchange.outgoing:
                await loop.sock_sendall(client, exchange.outgoing)  # waits: while the client reads slowly
                exchange.sent(len(exchange.outgoing))
            elif exchange.request and to_thread:
                exchange.respond(await asyncio.to_thread(exchange.answer))  # waits: for a thread's answer
            elif exchange.request:
                await exchange.progress()  # waits: where the application says `await`, and nowhere else in it
            else:
                exchange.receive(await loop.sock_recv(client, 65536))  # waits: until the client sends something
    except OSError:  # the client is gone
        exchange.connection_lost()
    client.close()
