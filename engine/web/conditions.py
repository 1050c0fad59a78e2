"""What a request asks for beyond the whole file: only if it has changed, or only a part of it.

Pure functions of a request's headers and a file's facts (RFC 9110, 13 and 14). One range at a time; a request for
several gets the whole file, as the RFC allows.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

CONDITIONAL = frozenset(("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "range", "if-range"))
"""The headers that make a request ask for less than the whole file."""

_RANGE = re.compile(r"bytes=[ \t]*(\d*)-(\d*)[ \t]*", re.IGNORECASE | re.ASCII)
_MOST_DIGITS = 18
"""No file has so many bytes that its length needs more."""


def failed_precondition(headers: Mapping[str, str], tag: str, modified: int | None) -> int:
    """412 or 304 if the client wants no body, else 0.

    `tag` with its quotes; `modified` in seconds of Unix time, None if that is not known: then no date matters.
    """
    if "if-match" in headers:
        if not _matches(headers["if-match"], tag, strongly=True):
            return 412
    elif "if-unmodified-since" in headers:
        since = _seconds(headers["if-unmodified-since"])
        if since is not None and modified is not None and modified > since:
            return 412
    if "if-none-match" in headers:
        return 304 if _matches(headers["if-none-match"], tag) else 0
    if "if-modified-since" in headers:
        since = _seconds(headers["if-modified-since"])
        if since is not None and modified is not None and modified <= since:
            return 304
    return 0


def wanted_range(headers: Mapping[str, str], tag: str, modified: int | None, length: int) -> range | None:
    """The bytes asked for, None for all of them, an empty range if there are none such."""
    if "range" not in headers:
        return None
    condition = headers.get("if-range")
    if condition not in (None, tag) and (modified is None or _seconds(condition) != modified):
        return None
    match = _RANGE.fullmatch(headers["range"])
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


def _number(digits: str) -> int:
    return int(digits.lstrip("0")[: _MOST_DIGITS + 1] or "0")


def _matches(header: str, tag: str, *, strongly: bool = False) -> bool:
    tags = [word.strip() for word in header.split(",")]
    return "*" in tags or tag in tags or (not strongly and "W/" + tag in tags)


def _seconds(date: str) -> int | None:
    try:
        date.encode("ascii")
        moment = parsedate_to_datetime(date)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    except (ValueError, OverflowError):
        return None
