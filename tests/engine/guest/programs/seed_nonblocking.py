import socket
import sys
import time

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
        try:
            data = client.recv(1024)
            if data:
                client.send(b"hello~client:num =%d" % client.fileno())
            clients.remove(client)
        except Exception:
            pass
