"""What a request asks for beyond the whole file: only if it has changed, or only a part of it.

Pure functions of a request's headers and a file's facts (RFC 9110, 13 and 14). One range at a time; a request for
several gets the whole file, as the RFC allows.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

CONDITIONAL = frozenset(
    (b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since", b"range", b"if-range")
)
"""The headers that make a request ask for less than the whole file."""

_RANGE = re.compile(rb"bytes=[ \t]*(\d*)-(\d*)[ \t]*", re.IGNORECASE)
_MOST_DIGITS = 18
"""No file has so many bytes that its length needs more."""


def failed_precondition(headers: Mapping[bytes, bytes], tag: bytes, modified: int | None) -> int:
    """412 or 304 if the client wants no body, else 0.

    `tag` with its quotes; `modified` in seconds of Unix time, None if that is not known: then no date matters.
    """
    if b"if-match" in headers:
        if not _matches(headers[b"if-match"], tag, strongly=True):
            return 412
    elif b"if-unmodified-since" in headers:
        since = _seconds(headers[b"if-unmodified-since"])
        if since is not None and modified is not None and modified > since:
            return 412
    if b"if-none-match" in headers:
        return 304 if _matches(headers[b"if-none-match"], tag) else 0
    if b"if-modified-since" in headers:
        since = _seconds(headers[b"if-modified-since"])
        if since is not None and modified is not None and modified <= since:
            return 304
    return 0


def wanted_range(headers: Mapping[bytes, bytes], tag: bytes, modified: int | None, length: int) -> range | None:
    """The bytes asked for, None for all of them, an empty range if there are none such."""
    if b"range" not in headers:
        return None
    condition = headers.get(b"if-range")
    if condition not in (None, tag) and (modified is None or _seconds(condition) != modified):
        return None
    match = _RANGE.fullmatch(headers[b"range"])
    if match is None or not (match[1] or match[2]):
        return None
    first, last = _number(match[1]), _number(match[2])
    if not match[1]:
        return range(max(0, length - last), length)
    if not match[2]:
        last = length - 1
    elif last < first:
        return None
    return range(first, min(last, length - 1) + 1) if first < length else range(0)


def _number(digits: bytes) -> int:
    return int(digits.lstrip(b"0")[: _MOST_DIGITS + 1] or b"0")


def _matches(header: bytes, tag: bytes, *, strongly: bool = False) -> bool:
    tags = [word.strip() for word in header.split(b",")]
    return b"*" in tags or tag in tags or (not strongly and b"W/" + tag in tags)


def _seconds(date: bytes) -> int | None:
    try:
        moment = parsedate_to_datetime(date.decode("ascii"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    except (ValueError, OverflowError):
        return None
