import http.server
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *words):
        pass


kind = http.server.ThreadingHTTPServer if "threading" in sys.argv else http.server.HTTPServer
kind(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
