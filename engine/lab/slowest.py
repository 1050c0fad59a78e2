"""Why the slowest requests are slow, in a terminal: what they spent their time on in the server.

Owns the table and the sentence, in English. `engine.lab.parts` does the arithmetic.
"""

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE
from rich.table import Table

from engine.lab.parts import NAMES, PHRASES, Percentile, RequestPart, by_percentile, longest, split
from engine.telemetry.wire import Request

UNKNOWN = "–"


def percentiles(requests: Sequence[Request]) -> list[Percentile]:
    """What these requests spent their time on, at each of the percentiles; none if there are no requests."""
    parts = [
        split(row.arrived, row.accepted, row.begun, row.read, row.handled, row.answered, row.written)
        for row in requests
    ]
    return by_percentile([each.total for each in parts], parts.__getitem__)


def table(found: Mapping[str, Sequence[Percentile]], *, plain: bool) -> Table:
    """A row for each model and percentile, a column for each part, in milliseconds."""
    made = Table(box=None if plain else SIMPLE, pad_edge=False, collapse_padding=not plain)
    made.add_column("ms in the\nserver", no_wrap=True)
    parts = sorted({key for each in found.values() for at in each for key in at.seconds})
    for heading in ("", "total", *map(_name, parts)):
        first, _, last = heading.rpartition(" ")
        made.add_column(f"{first}\n{last}", justify="right", no_wrap=True)
    for model, each in found.items():
        for number, at in enumerate(each):
            cells = [_milliseconds(at.seconds.get(key)) for key in parts]
            made.add_row(model if not number else "", f"p{at.percent:g}", _milliseconds(at.total), *cells)
    return made


def sentence(model: str, at: Percentile, count: int) -> str:
    """What the requests at a percentile of `count` spent most of their time on; empty if there was no time."""
    pieces = [_phrase(parts, f"{_milliseconds(seconds)} ms") for parts, seconds in longest(at)]
    if not pieces:
        return ""
    *some, last = pieces
    said = f"{', '.join(some)} and {last}" if some else last
    return f"{model}: of the {_milliseconds(at.total)} ms at p{at.percent:g} (newest {count:,} requests): {said}."


def before_reading(model: str, latency: float, at: Percentile) -> str:
    """Where the rest of the clients' `latency` at a percentile passed, if the arrival of the bytes is not known.

    Empty where it is known, or where the server's part is the larger one.
    """
    is_known = any(parts[0] is RequestPart.ACCEPT_QUEUE for parts in at.seconds)
    if is_known or latency < 2 * at.total:
        return ""
    return (
        f"{model}: its clients waited {_milliseconds(latency)} ms at p{at.percent:g}, most of it before the server read"
        " the request: in the accept queue, or until their connection had its turn."
    )


def _name(parts: tuple[RequestPart, ...]) -> str:
    return " + ".join(NAMES[part] for part in parts)


def _phrase(parts: tuple[RequestPart, ...], time: str) -> str:
    phrase = PHRASES[parts[0]] if len(parts) == 1 else f"{{time}} {_name(parts)}"
    return phrase.format(time=time)


def _milliseconds(seconds: float | None) -> str:
    if seconds is None:
        return UNKNOWN
    value = seconds * 1000
    return f"{value:.2f}" if value < 10 else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"
