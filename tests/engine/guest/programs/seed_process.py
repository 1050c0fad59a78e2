import multiprocessing
import re
import socket
import sys


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


def main():
    listener = socket.socket()
    listener.bind(("10.200.202.22", int(sys.argv[1])))
    listener.listen(1024)
    while True:
        client, _ = listener.accept()
        multiprocessing.Process(target=serve_client, args=(client,)).start()
        client.close()


if __name__ == "__main__":
    main()
