"""A shop whose page asks a slow service, over a connection that it makes itself: `app` for gunicorn."""

import http.client
import os

from flask import Flask

app = Flask(__name__)
SERVICE = int(os.environ.get("SERVICE", "0"))


@app.get("/")
def items():
    return {"items": stock()}


def stock():
    service = http.client.HTTPConnection("127.0.0.1", SERVICE, timeout=20)
    service.request("GET", "/")
    return service.getresponse().read().decode()  # waits
