import socket
import sys

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    client, _ = listener.accept()
    while data := client.recv(1024):
        client.sendall(data)
    client.close()
