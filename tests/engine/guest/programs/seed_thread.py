import re
import socket
import sys
import threading


def serve_client(client):
    text = client.recv(1024).decode("utf-8")
    path = re.search(r"/[^ ]*", text.splitlines()[0]).group() if text else ""
    if path == "/":
        client.send(b"HTTP/1.1 200 OK\r\n\r\n")
        client.send(b"<p>welcome</p>")
    else:
        client.send(b"HTTP/1.1 404 FAIL\r\n\r\n")
        client.send(b"not found")
    client.close()


listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listener.bind(("10.200.202.22", int(sys.argv[1])))
listener.listen(1024)
while True:
    client, _ = listener.accept()
    threading.Thread(target=serve_client, args=(client,)).start()
