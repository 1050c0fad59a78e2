"""Finding a file, with a mistake: what the client asks for is put behind the root folder as it is, `..` included."""

from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote_to_bytes

from engine.apps.media_types import media_type
from engine.apps.routing import not_found
from engine.apps.static import FilePage
from engine.web.request import Request
from engine.web.response import Response


def _look_up(self, request: Request) -> Response | FilePage:
    path = unquote_to_bytes(request.target).decode()
    if path == "/":
        path = "/index.html"
    try:
        content = Path(self._root + path).read_bytes()
    except (OSError, ValueError):
        return not_found()
    return Response(HTTPStatus.OK, [("Content-Type", media_type(path).kind)], content)
