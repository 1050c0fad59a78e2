import re
import select
import socket
import sys


def serve_client(number, poller, clients):
    client = clients[number]
    text = client.recv(1024).decode("utf-8")
    if not text:
        del clients[number]
        client.close()
        poller.unregister(number)  # too late: the number is free, and this raises, as in class
        return
    path = re.search(r"/[^ ]*", text.splitlines()[0]).group()
    body = b"<p>welcome</p>" if path == "/" else b"not found"
    status = b"200 OK" if path == "/" else b"404 FAIL"
    client.send(b"HTTP/1.1 %b\r\nContent-Length:%d\r\n\r\n" % (status, len(body)))
    client.send(body)


listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listener.bind(("10.200.202.22", int(sys.argv[1])))
listener.listen(1024)
poller = select.epoll()
poller.register(listener.fileno(), select.EPOLLIN)
clients = {}
while True:
    for number, event in poller.poll():
        if number == listener.fileno():
            client, _ = listener.accept()
            poller.register(client.fileno(), select.EPOLLIN)
            clients[client.fileno()] = client
        elif event == select.EPOLLIN:
            serve_client(number, poller, clients)
