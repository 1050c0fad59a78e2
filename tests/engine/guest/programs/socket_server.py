import socketserver
import sys


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello")


kind = getattr(socketserver, sys.argv[2])
kind.allow_reuse_address = True
kind(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
