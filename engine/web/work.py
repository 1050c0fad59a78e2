"""The work pages: what a web application does besides handing out files. It waits, it computes, it sends a lot.

Owns `/work/` and what is below, and `/models.json`, the table of models for the scripts of a site. Plain blocking code,
the same for every model: whom it keeps waiting differs from model to model, and that is what they are there to show.
Each is bounded, so that nobody can ask for an hour.
"""

import json
import time
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs

from engine.models import listed
from engine.web.website import Page, Repeated, Response, Site, decoded_path, message, new_response, not_found

FOLDER = "work"
TABLE = "models.json"
MOST_MS = 10_000
MOST_MIB = 64
BLOCK = bytes(range(256)) * 4096
"""A MiB, of which every large answer is made: it exists once, also where processes are forked."""

_NEVER_KEPT = "Cache-Control: no-store"
_TEXT = "text/plain; charset=utf-8"
_LIST = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Work pages</title>
<style>
:root {{ color-scheme: light dark }}
body {{ max-width: 40rem; margin: 2rem auto; padding: 0 1rem; font: 1.1rem/1.5 system-ui, sans-serif }}
dt {{ margin-top: 1rem; font-weight: 600 }}
dd {{ margin-left: 0 }}
</style>
<h1>Work pages</h1>
<p>Each answers when its work is done. Open one in two windows at once, and see which model lets them work side by
side.</p>
<dl>
<dt><a href="wait?ms=2000">wait?ms=2000</a></dt>
<dd>Waits, as for a database. 0 to {MOST_MS} milliseconds.</dd>
<dt><a href="busy?ms=2000">busy?ms=2000</a></dt>
<dd>Computes until it has used so much time of a processor. 0 to {MOST_MS} milliseconds.</dd>
<dt><a href="large?mib=8">large?mib=8</a></dt>
<dd>Sends the bytes 0 to 255 again and again. 1 to {MOST_MIB} MiB.</dd>
</dl>
""".encode()


class WorkingSite(Site):
    """The files under `root`, and the work pages in place of a folder of that name, or a hint where they are off.

    The table of models is there unless the folder has a file of that name.
    """

    def __init__(self, root: Path, *, work_pages: bool) -> None:
        super().__init__(root)
        self._work_pages = work_pages

    def look_up(self, target: bytes) -> Response | Page:
        """The answer to `target`; a work page's when its work is done."""
        names = decoded_path(target)
        if names == [TABLE]:
            found = super().look_up(target)
            missing = isinstance(found, Response) and found.status == HTTPStatus.NOT_FOUND
            return _page("application/json", json.dumps({"models": listed()}).encode()) if missing else found
        if not names or names[0] != FOLDER:
            return super().look_up(target)
        if self._work_pages:
            query = target.partition(b"?")[2].decode("latin-1")
            return work_page("/".join(names[1:]), query) if len(names) > 1 else _to_the_list()
        found = super().look_up(target)
        if isinstance(found, Response) and found.status == HTTPStatus.NOT_FOUND:
            return not_found("The work pages are switched off. Start the server with --work-pages to have them.")
        return found


def work_page(name: str, query: str) -> Response:
    """What the page `/work/name?query` answers, its work done."""
    match name:
        case "":
            return _page("text/html; charset=utf-8", _LIST)
        case "wait" | "busy":
            ms = _number(query, "ms", 0, MOST_MS)
            if ms is None:
                return _unclear(f"{name}?ms=100", "ms", f"0 to {MOST_MS} milliseconds")
            if name == "wait":
                time.sleep(ms / 1000)
                return _page(_TEXT, f"Waited for {ms} ms.\n".encode())
            compute(ms / 1000)
            return _page(_TEXT, f"Computed for {ms} ms.\n".encode())
        case "large":
            mib = _number(query, "mib", 1, MOST_MIB)
            if mib is None:
                return _unclear("large?mib=8", "mib", f"1 to {MOST_MIB} MiB")
            return _page("application/octet-stream", Repeated(BLOCK, mib))
    return not_found(f"The work pages are listed at /{FOLDER}/.")


def compute(seconds: float) -> None:
    """Compute until this thread has used so much time of a processor: the time it is kept from one does not count."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        sum(range(1000))


def _page(kind: str, content: bytes | Repeated) -> Response:
    headers = (f"Content-Type: {kind}", _NEVER_KEPT)
    if isinstance(content, Repeated):
        return new_response(HTTPStatus.OK, headers, content.length, b"", content)
    return new_response(HTTPStatus.OK, headers, len(content), content)


def _to_the_list() -> Response:
    location = f"/{FOLDER}/"
    return message(HTTPStatus.MOVED_PERMANENTLY, f"The work pages are listed at {location}", f"Location: {location}")


def _unclear(example: str, name: str, bounds: str) -> Response:
    text = f"This page needs one whole number, {name}: {bounds}, as in /{FOLDER}/{example}"
    return message(HTTPStatus.BAD_REQUEST, text, _NEVER_KEPT)


def _number(query: str, name: str, least: int, most: int) -> int | None:
    """The number that `query` gives for `name`; None if it is none, there are two, or it is out of bounds."""
    given = parse_qs(query, keep_blank_values=True).get(name, [])
    if len(given) != 1 or not (given[0].isascii() and given[0].isdigit() and len(given[0]) < 10):
        return None
    number = int(given[0])
    return number if least <= number <= most else None
