"""Pages that wait, each in a way of its own; a thread for each client."""

import http.server
import pickle
import queue
import socket
import sys
import threading
import time

SERVICE = int(sys.argv[2])


class Late:
    nap = time.sleep  # a function of C is no method


def asks():
    with socket.create_connection(("127.0.0.1", SERVICE)) as service:
        service.sendall(b"?")
        service.recv(1)  # asks


def sleeps():
    time.sleep(0.08)  # sleeps


def takes():
    letters = queue.Queue()
    threading.Timer(0.08, letters.put, ["x"]).start()
    letters.get()  # takes


def looks():
    assert pickle.loads(pickle.dumps(time.sleep)) is time.sleep
    Late().nap(0)


class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        globals()[self.path[1:]]()
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Pages).serve_forever()
