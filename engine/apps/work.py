"""The work pages: what a web application does besides handing out files. It waits, computes, sends or receives a lot.

Owns `/work/` and what is below. Plain blocking code, the same for every model: whom it keeps waiting differs from
model to model, and that is what they are there to show. Each is bounded, so that nobody can ask for an hour. A page is
a function and a row of `PAGES`.
"""

import time
from functools import cache
from html import escape
from http import HTTPStatus
from itertools import repeat
from typing import NamedTuple
from urllib.parse import parse_qs

from engine.apps.measured import Clocks, measured
from engine.apps.own_names import for_own_pages
from engine.apps.routing import Router, not_found
from engine.clock import monotonic
from engine.web.request import Request
from engine.web.response import Application, Response, text_response

FOLDER = "/work/"
MOST_MS = 10_000
MOST_MIB = 64
BLOCK = bytes(range(256)) * 4096
"""A MiB, of which every large answer is made: it exists once, also where processes are forked."""
TRIES, ROUNDS = 20, 50
"""How often a clock is looked at, and computing is timed for so many rounds, where that is needed."""

_NEVER_KEPT = ("Cache-Control", "no-store")
_TEXT = ("Content-Type", "text/plain; charset=utf-8")
_BYTES = "application/octet-stream"


class WorkPage(NamedTuple):
    """One work page."""

    name: str
    answer: Application
    methods: tuple[str, ...]
    example: str
    """How it is asked for, in the list of pages."""
    text: str
    """What it does, in that list."""


def add_work_pages(router: Router, clocks: Clocks) -> None:
    """Have `router` serve all of them, and no page of another site use them.

    Each can take long: `clocks` say what it did.
    """
    router.add(FOLDER.rstrip("/"), _to_the_list, "GET")
    router.add(FOLDER, _list_of_pages, "GET")
    router.add(f"{FOLDER}*", lambda _: not_found(f"The work pages are listed at {FOLDER}."), "GET")
    for page in PAGES:
        router.add(FOLDER + page.name, for_own_pages(measured(page.answer, clocks)), *page.methods)


def wait(request: Request) -> Response:
    """Wait as long as asked."""
    ms = _number(request.query, "ms", 0, MOST_MS)
    if ms is None:
        return _unclear("wait?ms=100", "ms", f"0 to {MOST_MS} milliseconds")
    time.sleep(ms / 1000)
    return Response(HTTPStatus.OK, (_TEXT, _NEVER_KEPT), f"Waited for {ms} ms.\n".encode())


def busy(request: Request) -> Response:
    """Compute as long as asked."""
    ms = _number(request.query, "ms", 0, MOST_MS)
    if ms is None:
        return _unclear("busy?ms=100", "ms", f"0 to {MOST_MS} milliseconds")
    compute(ms / 1000)
    return Response(HTTPStatus.OK, (_TEXT, _NEVER_KEPT), f"Computed for {ms} ms.\n".encode())


def large(request: Request) -> Response:
    """Answer as much as asked."""
    mib = _number(request.query, "mib", 1, MOST_MIB)
    if mib is None:
        return _unclear("large?mib=8", "mib", f"1 to {MOST_MIB} MiB")
    length = ("Content-Length", str(mib * len(BLOCK)))
    return Response(HTTPStatus.OK, (("Content-Type", _BYTES), _NEVER_KEPT, length), repeat(BLOCK, mib))


def echo(request: Request) -> Response:
    """Answer what was sent."""
    kind = request.headers.get("content-type", _BYTES)
    headers = (("Content-Type", kind), ("X-Content-Type-Options", "nosniff"), _NEVER_KEPT)
    return Response(HTTPStatus.OK, headers, request.body)


PAGES = (
    WorkPage("wait", wait, ("GET",), "wait?ms=2000", f"Waits, as for a database. 0 to {MOST_MS} milliseconds."),
    WorkPage("busy", busy, ("GET",), "busy?ms=2000",
             f"Computes until it has used so much time of a processor. 0 to {MOST_MS} milliseconds."),
    WorkPage("large", large, ("GET",), "large?mib=8",
             f"Sends the bytes 0 to 255 again and again. 1 to {MOST_MIB} MiB."),
    WorkPage("echo", echo, ("POST", "PUT"), "echo", "Answers what is sent to it with POST or PUT."),
)  # fmt: skip
"""All of them."""

_LIST = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Work pages</title>
<style>
:root { color-scheme: light dark }
body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; font: 1.1rem/1.5 system-ui, sans-serif }
dt { margin-top: 1rem; font-weight: 600 }
dd { margin-left: 0 }
</style>
<h1>Work pages</h1>
<p>Each answers when its work is done. Open one in two windows at once, and see which model lets them work side by
side.</p>
<dl>
""" + "".join(
    f'<dt><a href="{escape(page.example)}">{escape(page.example)}</a></dt>\n<dd>{escape(page.text)}</dd>\n'
    if "GET" in page.methods
    else f"<dt>{escape(page.example)}</dt>\n<dd>{escape(page.text)}</dd>\n"
    for page in PAGES
) + "</dl>\n"  # fmt: skip


def compute(seconds: float) -> None:
    """Compute until this thread has used so much time of a processor: the time it is kept from one does not count."""
    if _thread_time_is_fine():
        end = time.thread_time() + seconds
        while time.thread_time() < end:
            _compute_a_round()
    else:
        for _ in range(round(seconds * _rounds_a_second())):
            _compute_a_round()


def _compute_a_round() -> None:
    sum(range(1000))


@cache
def _thread_time_is_fine() -> bool:
    """Whether the clock of processor time goes on with each round; Windows' moves in steps of 15.6 ms."""
    times = set()
    for _ in range(TRIES):
        times.add(time.thread_time())
        _compute_a_round()
    return len(times) == TRIES


@cache
def _rounds_a_second() -> float:
    """How many rounds this machine computes, as fast as it was seen to: slower ones were kept from the processor."""
    took = []
    for _ in range(TRIES):
        begin = monotonic()
        for _ in range(ROUNDS):
            _compute_a_round()
        took.append(monotonic() - begin)
    return ROUNDS / min(took)


def _list_of_pages(request: Request) -> Response:
    return Response(HTTPStatus.OK, (("Content-Type", "text/html; charset=utf-8"), _NEVER_KEPT), _LIST.encode())


def _to_the_list(request: Request) -> Response:
    return text_response(HTTPStatus.MOVED_PERMANENTLY, f"The work pages are listed at {FOLDER}", ("Location", FOLDER))


def _unclear(example: str, name: str, bounds: str) -> Response:
    text = f"This page needs one whole number, {name}: {bounds}, as in {FOLDER}{example}"
    return text_response(HTTPStatus.BAD_REQUEST, text, _NEVER_KEPT)


def _number(query: str, name: str, least: int, most: int) -> int | None:
    """The number that `query` gives for `name`; None if it is none, there are two, or it is out of bounds."""
    given = parse_qs(query, keep_blank_values=True).get(name, [])
    if len(given) != 1 or not (given[0].isascii() and given[0].isdigit() and len(given[0]) < 10):
        return None
    number = int(given[0])
    return number if least <= number <= most else None
