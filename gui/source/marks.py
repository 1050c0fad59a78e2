"""The text beside a line: the workers there, what they are doing, and for how long.

Owns the sentences. Knows nothing of where or how they are drawn.

A blocking worker that reads waits for its client. A loop is shown as going from client to client; work shorter than
10 ms is not shown: it would be out of date before it could be read.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from engine.telemetry.bounds import connection_name
from engine.telemetry.wire import Activity
from engine.traits import Traits
from gui import formatting
from gui.history.intervals import LaneState
from gui.history.sources import file_name
from gui.timeline.legend import state_words

translate = QCoreApplication.translate
MOMENT = 0.01
"""Seconds below which a duration is not worth reading."""
HELD = 0.3
"""Seconds from which on a `send` counts as blocked by a slow client."""
LISTED = 12
"""Workers on a line that are named one by one."""


class KnownHandling(NamedTuple):
    """What is known of workers that handle a request."""

    states: Mapping[int, LaneState] = {}
    """What each of them mostly does, by its number."""
    files: Mapping[int, str] = {}
    """The application's files in which they may be, by number; what is in none of them is not said."""


UNKNOWN = KnownHandling()


@dataclass(frozen=True)
class Mark:
    """The text of one line."""

    line: int
    variants: tuple[str, ...]
    """The same in several lengths, longest first."""
    workers: tuple[str, ...]
    """The workers there, as far as they can be listed."""
    connections: tuple[int, ...]
    """The connections they serve, the longest first."""
    waits: bool
    """Whether all of them wait; with a picked one, whether that one does."""
    picked: bool
    seconds: float
    """How long the first of them has been on the line."""


def mark(
    traits: Traits,
    line: int,
    places: Sequence[Activity],
    now: float,
    sample_every: int,
    picked: int = 0,
    handling: KnownHandling = UNKNOWN,
) -> Mark:
    """The text for `places`, all on one line; `picked` is the selected connection, 0 if there is none."""
    first = [_State(traits, place, now, sample_every, handling) for place in places[:LISTED]]
    mine = next((place for place in places if picked and place.connection == picked), None)
    one = _State(traits, mine, now, sample_every, handling) if mine else first[0]
    kinds = Counter(_detailed(traits, place, now - place.since, sample_every, handling) for place in places)
    listed = tuple(_joined(state.name, state.what, state.lasting) for state in first)
    if len(places) > LISTED:
        listed += (translate("marks", "and {n} more").format(n=formatting.whole(len(places) - LISTED)),)
    alone = mine or len(places) == 1
    variants = _of_one(one, picked if mine else 0, len(places) - 1) if alone else _of_many(traits, kinds, one.lasting)
    return Mark(
        line,
        tuple(dict.fromkeys(variants)),
        listed,
        tuple(place.connection for place in places if place.connection),
        waits=one.waits if alone else all(kind.waits for kind in kinds),
        picked=mine is not None,
        seconds=now - places[0].since,
    )


class _State:
    """The texts of one worker."""

    def __init__(self, traits: Traits, place: Activity, now: float, sample_every: int, handling: KnownHandling) -> None:
        seconds = now - place.since
        self.name = formatting.worker_name(traits, place.worker)
        activity = _detailed(traits, place, seconds, sample_every, handling)
        self.what, self.waits = activity.text, activity.waits
        self.lasting = _lasting(seconds) if activity.lasts else ""


class _ActivityText(NamedTuple):
    """What a worker is doing, as text."""

    text: str
    waits: bool = False
    lasts: bool = True
    """Whether its duration is shown."""


def _detailed(
    traits: Traits, place: Activity, seconds: float, sample_every: int, handling: KnownHandling
) -> _ActivityText:
    """The activity of the worker, with its place in the application."""
    activity = _activity(traits, place, seconds, sample_every)
    state = handling.states.get(place.worker)
    if state:
        text = state_words(state)
        if not traits.one_at_a_time:
            text = translate("marks", "{busy}, {doing}").format(busy=activity.text, doing=text)
        activity = activity._replace(text=text, waits=state is LaneState.IN_CALL)
    path = handling.files.get(place.application_file, "") if place.application_line else ""
    if path:
        where = translate("marks", "{doing} in {file}, line {line}")
        text = where.format(doing=activity.text, file=file_name(path), line=place.application_line)
        activity = activity._replace(text=text)
    return activity


def _activity(traits: Traits, place: Activity, seconds: float, sample_every: int) -> _ActivityText:
    """The activity of the worker."""
    if traits.waits in ("poller", "never"):
        if place.call == "wait":
            return _ActivityText(translate("marks", "waiting for any client"), waits=True)
        if traits.serves == "one" and place.connection:  # it waits outside of its calls
            return _ActivityText(translate("marks", "waiting or handling"))
        # Where connections are thinned out, it may be busy with one that is not reported.
        if seconds >= MOMENT and place.connection and sample_every == 1:
            return _ActivityText(
                translate("marks", "busy with connection {n}").format(n=connection_name(place.connection))
            )
        return _ActivityText(translate("marks", "going from client to client"), lasts=False)
    if not traits.waits:
        now = translate("marks", "in {call}()").format(call=place.call) if place.call else ""
        return _ActivityText(now or translate("marks", "between its calls"), waits=place.call == "wait")
    match place.call:
        case "accept":
            return _ActivityText(translate("marks", "waiting for the next client"), waits=True)
        case "recv":
            return _ActivityText(translate("marks", "waiting for the client"), waits=True)
        case "send" if seconds >= HELD:
            return _ActivityText(translate("marks", "blocked by a slow client"), waits=True)
        case "send":
            return _ActivityText(translate("marks", "writing"))
        case "close":
            return _ActivityText(translate("marks", "closing"))
    if place.connection:
        return _ActivityText(translate("marks", "handling"))
    accepts = traits.accepts == "each" or not place.worker
    return _ActivityText(translate("marks", "accepting") if accepts else translate("marks", "between its calls"))


def _of_one(state: _State, connection: int, others: int) -> tuple[str, ...]:
    """For the only worker; or for the one that serves the picked `connection`, with the number of others."""
    name = state.name
    if connection:
        name = _joined(translate("marks", "connection {n}").format(n=connection_name(connection)), name)
    more = translate("marks", "{n} more here").format(n=formatting.whole(others)) if others else ""
    return (
        _joined(name, state.what, state.lasting, more),
        _joined(name, state.what, state.lasting),
        _joined(name, state.lasting),
        name,
    )


def _of_many(traits: Traits, kinds: "Counter[_ActivityText]", longest: str) -> tuple[str, ...]:
    count = formatting.workers(traits.worker, kinds.total())
    if len(kinds) == 1:
        what = next(iter(kinds)).text
    else:
        each = translate("marks", "{n} {doing}")
        what = ", ".join(each.format(n=formatting.whole(n), doing=kind.text) for kind, n in kinds.most_common())
    lasting = longest and translate("marks", "longest {time}").format(time=longest)
    return _joined(count, what, lasting), _joined(count, lasting), count


def _lasting(seconds: float) -> str:
    """A growing duration with no more digits than can be read; empty below `MOMENT`."""
    if seconds < MOMENT:
        return ""
    if seconds < 0.9995:
        return translate("words", "{n} ms").format(n=formatting.whole(seconds * 1000))
    return translate("words", "{n} s").format(n=formatting.rounded(seconds, 1 if seconds < 99.95 else 0))


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))
