import re
import socket
import sys
import time


def serve_client(client, clients):
    try:
        text = client.recv(1024).decode("utf-8")
    except Exception:
        return
    if not text:
        client.close()
        clients.remove(client)
        return
    path = re.search(r"/[^ ]*", text.splitlines()[0]).group()
    body = b"<p>welcome</p>" if path == "/" else b"not found"
    status = b"200 OK" if path == "/" else b"404 FAIL"
    client.send(b"HTTP/1.1 %b\r\nContent-Length:%d\r\n\r\n" % (status, len(body)))
    client.send(body)


listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listener.bind(("10.200.202.22", int(sys.argv[1])))
listener.listen(1024)
listener.setblocking(False)
clients = []
while True:
    time.sleep(0.0005)  # the other tests need the processor as well
    try:
        client, _ = listener.accept()
        client.setblocking(False)
        clients.append(client)
    except Exception:
        pass
    for client in clients:
        serve_client(client, clients)
