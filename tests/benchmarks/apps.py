"""What the other servers run: the simplest application that gives a file, and the first of the teaching programs.

Files are kept in memory, so that each server shows its own cost.
"""

import functools
import http.server
import multiprocessing
import os
import re
import select
import socket
import sys
from pathlib import Path


@functools.cache
def content(path: str) -> bytes:
    """The file at `path` of the site."""
    return (Path(os.environ["BENCHMARK_ROOT"]) / (path.strip("/") or "index.html")).read_bytes()


def wsgi(environ, start_response):
    body = content(environ["PATH_INFO"])
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    body = content(scope["path"])
    headers = [(b"content-type", b"text/html"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def seed_process(port: int, root: str) -> None:
    """The first teaching program as it is taught: one recv, two sends, a process for each connection."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(1024)
    while True:
        client, _ = listener.accept()
        multiprocessing.Process(target=seed_client, args=(client, root)).start()
        client.close()


def seed_client(client: socket.socket, root: str) -> None:
    lines = client.recv(1024).decode().splitlines()
    found = re.search(r"/[^ ]*", lines[0]) if lines else None
    if found:
        path = "/index.html" if found.group() == "/" else found.group()
        client.send(b"HTTP/1.1 200 OK\r\n\r\n")
        with open(root + path, "rb") as file:
            client.send(file.read())
    client.close()


def bare_loop(port: int) -> None:
    """The limit in Python: recv and send with a ready reply, no HTTP, no telemetry, as soon as epoll says so."""
    body = content("/index.html")
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    poller = select.epoll()
    poller.register(listener, select.EPOLLIN)
    clients = {}
    while True:
        for descriptor, _ in poller.poll():
            if descriptor == listener.fileno():
                client, _ = listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                clients[client.fileno()] = client
                poller.register(client, select.EPOLLIN)
            else:
                try:
                    is_open = clients[descriptor].recv(65536) and clients[descriptor].send(reply)
                except ConnectionError:
                    is_open = False
                if not is_open:
                    poller.unregister(descriptor)
                    clients.pop(descriptor).close()


def fastwsgi_server(port: int) -> None:
    import fastwsgi

    fastwsgi.server.tcp_nodelay = 1
    fastwsgi.run(wsgi, host="127.0.0.1", port=port, loglevel=0)


def socketify_server(port: int) -> None:
    import socketify

    def answer(response, request):
        response.write_header("Content-Type", "text/html").end(content(request.get_url()))

    app = socketify.App()
    app.get("/*", answer)
    app.listen(socketify.AppListenOptions(host="127.0.0.1", port=port))
    app.run()


def aiohttp_server(port: int) -> None:
    from aiohttp import web

    async def answer(request):
        return web.Response(body=content(request.path), content_type="text/html")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


def main(name: str, port: str, root: str) -> None:
    if name == "seed process":
        seed_process(int(port), root)
    elif name == "bare loop":
        bare_loop(int(port))
    elif name == "fastwsgi":
        fastwsgi_server(int(port))
    elif name == "socketify":
        socketify_server(int(port))
    elif name == "aiohttp":
        aiohttp_server(int(port))
    elif name == "http.server":
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=root)
        handler.func.protocol_version = "HTTP/1.1"
        http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), handler).serve_forever()
    elif name == "waitress":
        import waitress

        waitress.serve(wsgi, host="127.0.0.1", port=int(port), threads=16)
    elif name == "cheroot":
        from cheroot.wsgi import Server

        Server(("127.0.0.1", int(port)), wsgi, numthreads=16).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
