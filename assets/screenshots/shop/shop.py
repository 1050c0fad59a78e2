"""A shop as its server sees it: a WSGI application whose pages wait for a database. The README's walk serves it."""

import json
import time

ORDERS = []


def app(environ, start_response):
    """Answer one request (PEP 3333)."""
    if environ["REQUEST_METHOD"] == "POST":
        order = json.loads(environ["wsgi.input"].read())
        status, body = "201 Created", place(order)
    else:
        status, body = "200 OK", items()
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]


def items():
    time.sleep(0.08)  # the database looks for them
    return ["tea", "rice", "noodles"]


def place(order):
    time.sleep(0.2)  # the database writes it down
    ORDERS.append(order)
    return {"orders": len(ORDERS)}
