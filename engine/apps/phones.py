"""What the phones of a class may ask for: one page, and a few answers made for it, by name and within limits.

Owns which clients are phones, what they are called, and how much each may ask for. Phones are all clients on other
machines; those on this one are served as without them. Knows no connection.
"""

import json
import mmap
import re
import time
from collections.abc import Callable, Collection
from functools import lru_cache, partial
from hashlib import blake2b
from http import HTTPStatus
from itertools import repeat
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs

from engine.addresses import counted_address, host_in_request, is_loopback
from engine.apps.measured import Clocks, measured
from engine.apps.own_names import for_own_pages, refusal
from engine.apps.phone_limits import MOST_PHONES, REQUESTS_EACH
from engine.apps.routing import not_found
from engine.apps.work import BLOCK, compute
from engine.apps.wsgi import Client
from engine.clock import monotonic
from engine.web.request import Request
from engine.web.response import Application, Response, text_response
from engine.web.served import Begin, PendingResponse

FOLDER = "/phone/"
SILENT = 10
"""Seconds without a request after which a phone makes room for another, if there is no other room."""
LONGEST_NAME = 20
UNNAMED = "Phone"
SECONDS = {"ask": 0.0, "wait": 2.0, "compute": 1.0}
"""How long each answer takes."""
LARGE = 64
"""MiB of the answer that is read slowly: many times what a connection holds that nobody reads."""

_KEY = re.compile(r"[0-9a-z]{4,32}")
_NEVER_KEPT = ("Cache-Control", "no-store")
_HTML = (
    ("Content-Type", "text/html; charset=utf-8"),
    (
        "Content-Security-Policy",
        "default-src 'self'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
    ),
    _NEVER_KEPT,
)
_FOREIGN_NAME = text_response(
    HTTPStatus.MISDIRECTED_REQUEST,
    "Ask this server by its address, as the code shows it. 请使用二维码中的地址。",
    _NEVER_KEPT,
)
_TOO_MANY = text_response(
    HTTPStatus.SERVICE_UNAVAILABLE,
    f"There are {MOST_PHONES} phones here already, and no more can come. 已有 {MOST_PHONES} 部手机，请稍候再来。",
    _NEVER_KEPT,
)
_TOO_FAST = text_response(
    HTTPStatus.TOO_MANY_REQUESTS,
    f"A phone may ask {REQUESTS_EACH} times a second: wait a second. 每部手机每秒最多 {REQUESTS_EACH} 次，请等一秒。",
    ("Retry-After", "1"),
    _NEVER_KEPT,
)


class Visited(Protocol):
    """The connection on which a phone asks."""

    accepted: float
    """When it was accepted, on the monotonic clock."""
    number: int

    @property
    def arrived(self) -> float:
        """When the bytes that were read last had come to this machine; 0: not known."""


Named = Callable[[int, str, str, bool], object]
"""Called with a connection's number, the key and the name of the phone that asks on it, and whether it asks for a
request that is sent slowly on its behalf."""


class PhoneRegistry:
    """Serves the phones of all processes of a server."""

    def __init__(self, page: Path, names: Collection[str], clocks: Clocks, named: Named) -> None:
        """`page`: the file of their page; `names`: those by which they may call this server."""
        self._page = page
        self._names = names
        self._clocks = clocks
        self._named = named
        self._admission = Admission()

    def respond(self, connection: Visited, address: str, here: str, request: Request) -> Response:
        """What the phone at `address` gets, which reached this machine at its address `here`."""
        return for_own_pages(partial(self._respond, connection, address, here))(request)

    def respond_here(self, connection: Visited, here: str, own: Application, request: Request) -> Response:
        """What this machine gets: `own`, and what phones get, for which requests are sent slowly from here."""
        return self._answer_here(connection, here, request) or own(request)

    async def begin_here(
        self, connection: Visited, here: str, own: Begin, request: Request
    ) -> PendingResponse | Response:
        """The same where `own` is awaited."""
        return self._answer_here(connection, here, request) or await own(request)

    def _answer_here(self, connection: Visited, here: str, request: Request) -> Response | None:
        if not request.path.startswith(FOLDER):
            return None
        foreign = refusal(request, (*self._names, host_in_request(here)))
        return foreign or for_own_pages(partial(self._answer, connection))(request)

    def _respond(self, connection: Visited, address: str, here: str, request: Request) -> Response:
        if refusal(request, (*self._names, host_in_request(here))):
            return _FOREIGN_NAME
        return self._admission.refusal(address, monotonic()) or self._answer(connection, request)

    def _answer(self, connection: Visited, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return text_response(HTTPStatus.METHOD_NOT_ALLOWED, "This page answers GET only.", ("Allow", "GET, HEAD"))
        if request.path in ("/", FOLDER):
            return Response(HTTPStatus.OK, _HTML, self._page.read_bytes())
        if not request.path.startswith(FOLDER):
            return not_found()
        act = request.path.removeprefix(FOLDER)
        if act != "large" and act != "drip" and act not in SECONDS:
            return not_found()
        key, name = phone_of(request.query)
        if key:
            self._named(connection.number, key, name, act == "drip")
        if act == "large":
            length = ("Content-Length", str(LARGE * len(BLOCK)))
            kind = ("Content-Type", "application/octet-stream")
            return Response(HTTPStatus.OK, (kind, _NEVER_KEPT, length), repeat(BLOCK, LARGE))
        return measured(partial(_answered, act, connection, name), self._clocks)(request)


def is_elsewhere(client: Client, here: str) -> bool:
    """Whether a client that reached this machine at its address `here` is on another one, as phones are."""
    return not is_loopback(client[0]) and (not here or client[0] != here)


def _answered(act: str, connection: Visited, name: str, request: Request) -> Response:
    """What a phone reads: its name, and how long its request was in the accept queue and waited for its turn."""
    begun = monotonic()
    arrived = connection.arrived or begun
    turn = begun - max(arrived, connection.accepted)
    if act == "compute":
        compute(SECONDS[act])
    else:
        time.sleep(SECONDS.get(act, 0.0))
    said = {"name": name, "queued": max(0.0, connection.accepted - arrived), "turn": max(0.0, turn)}
    kind = ("Content-Type", "application/json")
    return Response(HTTPStatus.OK, (kind, _NEVER_KEPT), json.dumps(said).encode())


def phone_of(query: str) -> tuple[str, str]:
    """The key and the name of the phone that asks; no key if it has none, as a page that is typed in."""
    try:
        fields = parse_qs(query, max_num_fields=8)
    except ValueError:  # more fields
        return "", UNNAMED
    key = fields.get("phone", [""])[0]
    name = "".join(each for each in fields.get("name", [""])[0] if each.isalnum() or each in " -'").strip()
    return key if _KEY.fullmatch(key) else "", name[:LONGEST_NAME].strip() or UNNAMED


class Admission:
    """Which phones are here, and what each has asked for in this second, in memory that forked processes share.

    Two processes may count at the same moment: it is a limit, not a count.
    """

    def __init__(self) -> None:
        self._rows = memoryview(mmap.mmap(-1, MOST_PHONES * 3 * 8)).cast("q")

    def refusal(self, address: str, now: float) -> Response | None:
        """What the phone at `address` gets instead of an answer; None: it may ask."""
        rows, key, second = self._rows, _key_of(address), int(now)
        silent, since = -1, second - SILENT
        for row in range(0, len(rows), 3):
            if rows[row] == key:
                break
            if rows[row + 1] < since:  # of those that make room, the one that has been silent longest
                silent, since = row, rows[row + 1]
        else:
            if silent < 0:
                return _TOO_MANY
            row = silent
            rows[row] = key
            rows[row + 1] = 0
        if rows[row + 1] != second:
            rows[row + 1], rows[row + 2] = second, 0
        rows[row + 2] += 1
        return _TOO_FAST if rows[row + 2] > REQUESTS_EACH else None


@lru_cache(maxsize=2 * MOST_PHONES)
def _key_of(address: str) -> int:
    """Stands for the phone at `address`; for IPv6 for its network, of which a machine may take any address."""
    counted = counted_address(address).encode()
    return int.from_bytes(blake2b(counted, digest_size=8).digest(), signed=True)
