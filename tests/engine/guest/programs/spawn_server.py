import multiprocessing
import socket
import sys


def serve_client(client):
    client.recv(1024)
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    client.close()


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[2])
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    while True:
        client, _ = listener.accept()
        context.Process(target=serve_client, args=(client,)).start()
        client.close()
