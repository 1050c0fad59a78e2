"""What looks files up, confined to one folder: for code that would read any file that a client names.

Owns where that ends. Knows nothing of how a file is found.
"""

import os
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from engine.web.request import Request
from engine.web.response import Response, text_response


def confined(look_up: Callable[[Any, Request], Any], folder: Path) -> Callable[[Any, Request], Any]:
    """The method `look_up` of a site, which is called only for what lies in `folder`."""
    inside = os.path.join(os.path.realpath(folder), "")

    def confined_look_up(site: Any, request: Request) -> Response | Any:
        asked = os.fsdecode(unquote_to_bytes(request.target.partition(b"?")[0]))
        if not os.path.realpath(f"{site._root}/{asked}".replace("\0", "")).startswith(inside):
            return text_response(HTTPStatus.FORBIDDEN, "Nothing outside of the folder made for this is shown.")
        return look_up(site, request)

    return confined_look_up
