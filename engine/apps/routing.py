"""Which application answers a request: chosen by path and method.

Owns the answers where there is none: 404, 405 and 501 follow from what was added. Knows nothing of what is served.
"""

from http import HTTPMethod, HTTPStatus

from engine.web.request import Request
from engine.web.response import Application, Response, text_response

Route = dict[str, Application]
"""What answers at one path, by method."""
KNOWN_PATHS = 1024


class Router:
    """Applications by path and method."""

    def __init__(self) -> None:
        self._routes: dict[str, Route] = {}
        self._below: dict[str, Route] = {}  # by how the path begins, the longest first
        self._nowhere: Route = {}
        self._known: dict[str, Route] = {}  # paths that were asked for lately

    def add(self, path: str, application: Application, *methods: str) -> None:
        """Have `application` answer these methods at `path`; with a `*` at its end, at all that begin so.

        The longest path that fits is called. An application that answers GET is called for HEAD as well.
        """
        route = dict.fromkeys([*methods, *(["HEAD"] if "GET" in methods else [])], application)
        if path.endswith("*"):
            self._below.setdefault(path[:-1], {}).update(route)
            self._below = dict(sorted(self._below.items(), key=lambda each: len(each[0]), reverse=True))
        else:
            self._routes.setdefault(path, {}).update(route)

    def respond(self, request: Request) -> Response:
        """The answer of the application that `request` is for: this method is an application itself."""
        route = self._known.get(request.path)
        if route is None:
            route = self._find(request.path)
        application = route.get(request.method)
        return _refused(route, request) if application is None else application(request)

    def _find(self, path: str) -> Route:
        route = self._routes.get(path)
        if route is None:
            route = next((each for start, each in self._below.items() if path.startswith(start)), self._nowhere)
        if len(self._known) >= KNOWN_PATHS:
            self._known.clear()
        self._known[path] = route
        return route


def not_found(hint: str = "") -> Response:
    """The answer where there is nothing to serve, in two languages; `hint`: what to do about it."""
    return text_response(HTTPStatus.NOT_FOUND, f"There is nothing here. 没有相关资源\n{hint}".rstrip())


def _refused(route: Route, request: Request) -> Response:
    """The answer to a method that is not HTTP's own, to a path that nobody serves, or not by this method."""
    if request.method not in HTTPMethod.__members__:
        return text_response(HTTPStatus.NOT_IMPLEMENTED, "This server does not know the method of this request.")
    if not route:
        return not_found()
    allowed = ", ".join(route)
    return text_response(HTTPStatus.METHOD_NOT_ALLOWED, f"This address answers {allowed} only.", ("Allow", allowed))
