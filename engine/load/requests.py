"""The user's own requests: what to ask for, how often, and with which body; from a small file or from an access log.

Owns the form of such a file and the order in which its requests are sent. Knows no sockets.

A line of the file is `GET /items 80`, or `POST /order body.json 20`: a method, a path, the file of the body, and how
often it is sent beside the others. `#` begins a comment. An access log in common or combined format gives each path as
often as it stands there.
"""

import os
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPMethod
from itertools import accumulate
from pathlib import Path

from engine.apps.media_types import media_type
from engine.setting import SettingError
from engine.texts import QT_TRANSLATE_NOOP

FRONT_PAGE = str(Path(__file__).with_name("front_page.txt"))
"""The file of what a program that is not ours is asked for."""
MOST_BYTES = 64 * 1024 * 1024
"""Bytes of a file that are read at most: of a longer log, its beginning."""
MOST_BODY = 16 * 1024 * 1024
_LOG_LINE = re.compile(r'\S+ \S+ \S+ \[[^\]]*\] "(?:(\S+) (\S+) HTTP/\d(?:\.\d)?|[^"]*)" (\d{3}) \S+(?: .*)?')
_WEIGHT = re.compile(r"\d+(?:\.\d+)?")
_WITHOUT_BODY = ("GET", "DELETE", "OPTIONS")
_ALLOWED = tuple(method for method in HTTPMethod.__members__ if method not in ("HEAD", "CONNECT", "TRACE"))
NOT_READ = QT_TRANSLATE_NOOP("settings", "{file} can't be read: {reason}")
IS_EMPTY = QT_TRANSLATE_NOOP("settings", "{file} has no request. A line is as GET /items 80.")
IS_WRONG = QT_TRANSLATE_NOOP("settings", "{file}, line {line}: {reason}")
FEW_WORDS = QT_TRANSLATE_NOOP("settings", "a method and a path are needed, as GET /items 80")
MANY_WORDS = QT_TRANSLATE_NOOP("settings", "{word} is one word too many: a method, a path, a file and a number")
NO_METHOD = QT_TRANSLATE_NOOP("settings", "{word} is not a method that can be sent: use {methods}")
NO_PATH = QT_TRANSLATE_NOOP("settings", "{word} is not a path: it begins with / and is ASCII")
NO_BODY_FILE = QT_TRANSLATE_NOOP("settings", "the file of the body, {word}, can't be read: {reason}")
NO_WEIGHT = QT_TRANSLATE_NOOP("settings", "how often it is sent is a number above 0, not {word}")
LONG_BODY = QT_TRANSLATE_NOOP("settings", "the body in {word} is longer than 16 MiB")


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """One kind of request."""

    method: str
    path: str
    body: bytes = b""
    kind: str = ""
    """The media type of the body."""
    weight: float = 1.0
    """How often it is sent, beside the others."""

    def data(self, host: str, *headers: str) -> bytes:
        """All of its bytes."""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}", *headers]
        if self.body or self.method not in _WITHOUT_BODY:
            lines += [f"Content-Length: {len(self.body)}", *([f"Content-Type: {self.kind}"] if self.kind else [])]
        return "\r\n".join([*lines, "\r\n"]).encode() + self.body


class OwnRequests:
    """Requests in an order that is the same for the same `seed`, each as often as its weight says."""

    def __init__(self, requests: Sequence[OwnRequest], seed: int) -> None:
        self._requests = requests
        self._bounds = list(accumulate(each.weight for each in requests))
        self._random = random.Random(seed)

    def __iter__(self) -> Iterator[OwnRequest]:
        return self

    def __next__(self) -> OwnRequest:
        return self._random.choices(self._requests, cum_weights=self._bounds)[0]


def read_requests(path: str) -> list[OwnRequest]:
    """The requests in the file at `path`. Raises `SettingError` with the line that is wrong."""
    name = os.path.basename(path)
    try:
        with open(path, "rb") as file:
            lines = file.read(MOST_BYTES).decode("utf-8-sig", "replace").splitlines()
    except (OSError, ValueError) as error:  # as of a name with a zero byte
        reason = error.strerror if isinstance(error, OSError) else None
        raise SettingError(NOT_READ, file=path, reason=reason or str(error)) from error
    given = [(number, line.strip()) for number, line in enumerate(lines, 1)]
    given = [(number, line) for number, line in given if line and not line.startswith("#")]
    if given and _LOG_LINE.fullmatch(given[0][1]):
        found = _logged(line for _, line in given)
    else:
        found = [_request(words(line), Path(path).parent, name, number) for number, line in given]
    if not found:
        raise SettingError(IS_EMPTY, file=name)
    return found


def requests_file(text: str) -> str:
    """The absolute path of a file of requests that can be read. Raises `SettingError`."""
    path = str(Path(os.path.expanduser(text.strip())).absolute())
    read_requests(path)
    return path


def words(line: str) -> list[str]:
    """The words of `line` before its comment."""
    found = line.split()
    return found[: next((place for place, word in enumerate(found) if word.startswith("#")), len(found))]


def _logged(lines: Iterator[str]) -> list[OwnRequest]:
    """What was asked for with GET and found, as often as it was; the log has no bodies of others."""
    matches = filter(None, map(_LOG_LINE.fullmatch, lines))
    paths = Counter(match[2] for match in matches if match[1] == "GET" and match[3] < "400" and _is_path(match[2]))
    return [OwnRequest("GET", path, weight=count) for path, count in paths.items()]


def _request(given: list[str], folder: Path, name: str, line: int) -> OwnRequest:
    """The request that the words say. Raises `SettingError`."""

    def wrong(form: str, **details: str) -> SettingError:
        return SettingError(IS_WRONG, file=name, line=line, reason=SettingError(form, **details).text)

    if len(given) < 2:
        raise wrong(FEW_WORDS)
    method, path, *rest = given
    if method not in _ALLOWED:
        raise wrong(NO_METHOD, word=method, methods=", ".join(_ALLOWED))
    if not _is_path(path):
        raise wrong(NO_PATH, word=path)
    weight, body, kind = 1.0, b"", ""
    if rest and (_WEIGHT.fullmatch(rest[-1]) or len(rest) > 1):
        word = rest.pop()
        if not _WEIGHT.fullmatch(word) or not float(word):
            raise wrong(NO_WEIGHT, word=word)
        weight = float(word)
    if len(rest) > 1:
        raise wrong(MANY_WORDS, word=rest[1])
    if rest:
        try:
            body, kind = (folder / rest[0]).read_bytes(), media_type(rest[0]).kind
        except OSError as error:
            raise wrong(NO_BODY_FILE, word=rest[0], reason=error.strerror or str(error)) from error
        if len(body) > MOST_BODY:
            raise wrong(LONG_BODY, word=rest[0])
    return OwnRequest(method, path, body, kind, weight)


def _is_path(word: str) -> bool:
    return word.startswith("/") and word.isascii() and word.isprintable()
