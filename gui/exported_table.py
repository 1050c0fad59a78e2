"""Rows of the scoreboard as a table for other programs: CSV for a file, text with tabs for the clipboard.

Both have the same columns, named in English and ending in the unit, and a plain number in each cell that has one: no
separators between thousands, no unit. Owns how a cell is written so that a spreadsheet reads it as what it is.
"""

import csv
import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from PySide6.QtCore import QLocale

from engine.settings import CONDITIONS, own_settings
from gui.scoreboard.scoreboard import Entry

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""How a text begins that spreadsheets take for a formula, which may run a program."""
GUARD = "'"
"""Put before such a text, it makes spreadsheets take it for a text."""
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
Cell = str | int | float


def csv_bytes(entries: Iterable[Entry]) -> bytes:
    """The entries as CSV (RFC 4180, decimal points) in UTF-8, with the mark that Excel needs to read it as that."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_written(cell, ".") for cell in line] for line in _lines(entries))
    return text.getvalue().encode("utf-8-sig")


def tabbed_text(entries: Iterable[Entry]) -> str:
    """The entries with tabs between the cells; decimals as the user's locale writes them, since a spreadsheet reads
    what is pasted so."""
    point = QLocale().decimalPoint()
    point = point if point in (".", ",") else "."
    return "".join("\t".join(_written(cell, point) for cell in line) + "\n" for line in _lines(entries))


def columns() -> tuple[str, ...]:
    """The names of the columns; those of the models' own settings come last."""
    return (
        *("model", "name"),
        *(row.column or row.name for row in CONDITIONS.values()),
        *("begin_utc", "seconds", "requests_per_second", "p50_ms", "p99_ms", "p99.9_ms", "lower_bound_from_ms"),
        *("failed", "cpu_percent_of_a_core", "cpu_us_per_request", "memory_bytes", "workers", "load_was_the_limit"),
        *(row.column or row.name for row in own_settings().values()),
    )


def _lines(entries: Iterable[Entry]) -> Iterable[tuple[Cell, ...]]:
    yield columns()
    for entry in entries:
        row = entry.row
        yield (
            *(row.model, entry.name),
            *(getattr(row.conditions, name) for name in CONDITIONS),
            datetime.fromtimestamp(row.begin, UTC).isoformat(timespec="seconds"),
            *(row.seconds, row.requests_per_second),
            *(seconds * 1000 for seconds in (row.p50, row.p99, row.p999)),
            row.bound * 1000 if row.bound else "",
            row.failed,
            *((row.cpu, row.cpu_per_request) if row.has_usage else ("", "")),
            *(row.memory or "", row.workers),
            row.load_limited,
            *(row.settings.get(name, "") for name in own_settings()),
        )


def _written(cell: Cell, point: str) -> str:
    match cell:
        case bool():
            return "yes" if cell else "no"
        case float():
            return (f"{cell:.6g}" if abs(cell) < 1e6 else f"{cell:.0f}").replace(".", point)
        case int():
            return str(cell)
    text = CONTROLS.sub(" ", cell).strip()  # a tab or a line's end would begin another cell
    return GUARD + text if text.startswith(FORMULA) else text
