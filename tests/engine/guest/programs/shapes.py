import http.server
import ssl
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, *headers, body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/chunked":
            self.answer(200, ("Transfer-Encoding", "chunked"), body=b"5\r\nhello\r\n3;x=1\r\n!!!\r\n0\r\n\r\n")
        elif self.path == "/upgrade":
            self.answer(101, ("Connection", "Upgrade"), ("Upgrade", "echo"))
            self.close_connection = True
            while data := self.connection.recv(1024):
                self.connection.sendall(data)
        elif self.path in ("/204", "/304"):
            self.answer(int(self.path[1:]), *([("Content-Length", "5")] if self.path == "/304" else []))
        else:
            self.answer(200, ("Content-Length", "5"), body=b"hello")

    def do_HEAD(self):
        self.answer(200, ("Content-Length", "5"))

    def do_POST(self):
        left = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(left, 65536)))
        self.answer(200, ("Content-Length", "2"), body=b"ok")

    def log_message(self, *words):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[2:])
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
