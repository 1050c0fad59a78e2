"""One request, as an application sees it."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote_to_bytes

from engine.web.body import NO_BODY, Body

_BROKEN_CODE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A method, a target, headers and a body. The same object may stand for the same head that comes again."""

    head: bytes
    """As it came, the empty line at its end included."""
    method: str
    target: bytes
    """The path and query; `*` and the name of a host, which some methods may ask for, are as they came."""
    path: str
    """The path decoded, `.` and `..` resolved; empty if it can't be read."""
    query: str
    """What follows the `?`, as it came."""
    host: str
    """The name or address of this server that the client used, in lower case and without the port; empty: none."""
    headers: Mapping[str, str]
    """All of them, by name in lower case; those of one name are joined by commas."""
    version: str
    """`1.0` or `1.1`."""
    persistent: bool
    """Whether the client wants the connection kept."""
    is_conditional: bool
    """Whether it asks for less than the whole: only if that has changed, or a part of it."""
    body_length: int
    chunked: bool
    awaits_continue: bool
    """Whether the client holds its body back until it is told to go on."""
    body: Body = NO_BODY

    @property
    def has_body(self) -> bool:
        """Whether a body follows the head."""
        return self.chunked or self.body_length > 0

    def with_body(self, body: Body) -> "Request":
        """The same request with its `body`."""
        return replace(self, body=body)


def decoded_path(target: bytes) -> str:
    """The path of `target`, decoded and with `.` and `..` resolved; empty if it can't be read."""
    encoded = target.partition(b"?")[0]
    if not encoded.startswith(b"/") or _BROKEN_CODE.search(encoded):
        return ""
    try:
        path = unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        return ""
    normal = posixpath.normpath("/" + path.lstrip("/"))
    return normal + "/" if path.endswith("/") and normal != "/" else normal
