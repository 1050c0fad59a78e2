"""Which requests a server accepts that is for this machine only: those that call it by one of its own names.

Owns the answers to all others. The owner of any domain can let its name point at 127.0.0.1, and then a page of that
domain reads in a visitor's browser what this server answers (DNS rebinding): the request itself says which name was
used. Knows nothing of what is served.
"""

from collections.abc import Collection
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit

from engine.addresses import is_loopback, is_wildcard
from engine.web.request import Request
from engine.web.response import Application, Response, text_response

_FOREIGN_NAME = text_response(
    HTTPStatus.MISDIRECTED_REQUEST,
    "This server is for this machine only: ask it as localhost or 127.0.0.1. Another name is refused, because pages of"
    " other sites could use it to read what is served here.",
)
_FOREIGN_PAGE = text_response(
    HTTPStatus.FORBIDDEN,
    "A page of another site asks for this, and may not. Type the address, or go there from a page of this server.",
)


def for_own_names(application: Application, names: Collection[str]) -> Application:
    """`application` for requests to this machine by a name of its own, or by one of `names`; 421 for others."""
    more = _as_compared(names)

    def respond(request: Request) -> Response:
        if is_own_name(request.host) or request.host in more:
            return application(request)
        return _FOREIGN_NAME

    return respond


def refusal(request: Request, names: Collection[str] | None) -> Response | None:
    """What answers `request` in place of an application that is for own names; None: nothing; `names` None: all."""
    if names is None or is_own_name(request.host) or request.host in _as_compared(names):
        return None
    return _FOREIGN_NAME


def _as_compared(names: Collection[str]) -> frozenset[str]:
    """The names in the form in which a request has them."""
    return frozenset(name.lower().rstrip(".") for name in names)


def for_own_pages(application: Application) -> Application:
    """`application` for all but pages of other sites, as far as the browser says so; 403 for those."""

    def respond(request: Request) -> Response:
        return _FOREIGN_PAGE if is_from_another_site(request) else application(request)

    return respond


@lru_cache(maxsize=256)
def is_own_name(host: str) -> bool:
    """Whether `host` always means the machine that asks, whatever a name server says (RFC 6761, 6.3).

    So does no host at all, which no browser sends.
    """
    address = host.removeprefix("[").removesuffix("]")
    return host in ("", "localhost") or host.endswith(".localhost") or is_loopback(address) or is_wildcard(address)


def is_from_another_site(request: Request) -> bool:
    """Whether a browser says that a page of neither this server nor this machine asks (Fetch, Fetch Metadata)."""
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site") == "cross-site"
    try:
        name = urlsplit(origin).hostname
    except ValueError:
        return True
    if not name:  # `null`: a file, or a frame that is shut in
        return True
    return name != request.host.strip("[]") and not (is_own_name(name) and is_own_name(request.host))
