import select
import socket
import sys

listeners = [socket.create_server(("127.0.0.1", int(port))) for port in sys.argv[1:3]]
control = socket.socket(socket.AF_UNIX)
control.bind(sys.argv[3])
control.listen()
while True:
    for listener in select.select([*listeners, control], [], [])[0]:
        client, _ = listener.accept()
        client.recv(1024)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        client.close()
