"""Routing: the longest path that fits, its methods, and the answers where there is none."""

from http import HTTPStatus

import pytest

from engine.apps.routing import KNOWN_PATHS, Router
from engine.web.request import Request
from engine.web.request_parser import parse_head
from engine.web.response import Application, Response
from tests.engine.client import request


def named(name: str) -> Application:
    def respond(request: Request) -> Response:
        return Response(HTTPStatus.OK, (), name.encode())

    return respond


@pytest.fixture
def router() -> Router:
    router = Router()
    router.add("/a", named("a"), "GET")
    router.add("/a", named("sent to a"), "POST")
    router.add("/b/*", named("below b"), "GET", "PUT")
    router.add("/b/c/*", named("below c"), "GET")
    return router


def ask(router: Router, target: str, method: str = "GET") -> Response:
    return router.respond(parse_head(request(target, method)))


@pytest.mark.parametrize(
    ("method", "target", "answer"),
    [("GET", "/a", b"a"), ("HEAD", "/a", b"a"), ("POST", "/a", b"sent to a"), ("GET", "/a?x", b"a"),
     ("GET", "/x/../a", b"a"), ("GET", "/%61", b"a"), ("PUT", "/b/", b"below b"), ("GET", "/b/x/y", b"below b"),
     ("GET", "/b/c/x", b"below c")],
)  # fmt: skip
def test_path_and_method_choose(router: Router, method: str, target: str, answer: bytes) -> None:
    for _ in range(2):
        assert ask(router, target, method).body == answer


@pytest.mark.parametrize(
    ("method", "target", "status", "allowed"),
    [("GET", "/", 404, ""), ("POST", "/c", 404, ""), ("GET", "/b", 404, ""), ("GET", "/%zz", 404, ""),
     ("DELETE", "/a", 405, "GET, HEAD, POST"), ("POST", "/b/x", 405, "GET, PUT, HEAD"),
     ("PUT", "/b/c/x", 405, "GET, HEAD"), ("FOO", "/a", 501, ""), ("get", "/a", 501, ""), ("FOO", "/c", 501, "")],
)  # fmt: skip
def test_where_there_is_none(router: Router, method: str, target: str, status: int, allowed: str) -> None:
    response = ask(router, target, method)
    assert (response.status, response.header("Allow")) == (status, allowed)


def test_many_paths_take_no_memory(router: Router) -> None:
    for number in range(3 * KNOWN_PATHS):
        assert ask(router, f"/b/{number}").body == b"below b"
    assert len(router._known) <= KNOWN_PATHS
