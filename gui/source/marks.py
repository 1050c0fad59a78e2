"""What is said beside a line: who is there, what they are doing, and for how long.

Owns the sentences. Knows nothing of where or how they are drawn.

A blocking worker that reads waits for its client. One that goes round many clients says so as long as it does; only
what it does for longer than a moment is told of it, for a moment's work is another one's when it is read.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

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
"""Seconds from which on a client that does not take what is sent holds its worker."""
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
    """What is said of one line."""

    line: int
    variants: tuple[str, ...]
    """The same in several lengths, longest first."""
    workers: tuple[str, ...]
    """Each of those who are there, as far as they can be listed."""
    connections: tuple[int, ...]
    """For whom they are there, those first who have been there longest."""
    waits: bool
    """Whether all of them wait; of a picked one, whether it does."""
    picked: bool
    seconds: float
    """How long the first of them has been there."""


def mark(
    traits: Traits,
    line: int,
    places: Sequence[Activity],
    now: float,
    sample_every: int,
    picked: int = 0,
    handling: KnownHandling = UNKNOWN,
) -> Mark:
    """What is said of `places`, all on one line; `picked` is the connection that is selected, if any."""
    first = [_State(traits, place, now, sample_every, handling) for place in places[:LISTED]]
    mine = next((place for place in places if picked and place.connection == picked), None)
    one = _State(traits, mine, now, sample_every, handling) if mine else first[0]
    kinds = Counter(_doing(traits, place, now - place.since, sample_every, handling) for place in places)
    listed = tuple(_joined(state.who, state.what, state.lasting) for state in first)
    if len(places) > LISTED:
        listed += (translate("marks", "and {n} more").format(n=formatting.whole(len(places) - LISTED)),)
    alone = mine or len(places) == 1
    variants = _of_one(one, picked if mine else 0, len(places) - 1) if alone else _of_many(traits, kinds, one.lasting)
    return Mark(
        line,
        tuple(dict.fromkeys(variants)),
        listed,
        tuple(place.connection for place in places if place.connection),
        waits=one.waits if alone else all(waits for _, waits in kinds),
        picked=mine is not None,
        seconds=now - places[0].since,
    )


class _State:
    """What one worker is doing, in words."""

    def __init__(self, traits: Traits, place: Activity, now: float, sample_every: int, handling: KnownHandling) -> None:
        seconds = now - place.since
        self.who = traits.worker_name(place.worker)
        self.what, self.waits = _doing(traits, place, seconds, sample_every, handling)
        self.lasting = "" if self.what == _going_round() else _lasting(seconds)


def _doing(
    traits: Traits, place: Activity, seconds: float, sample_every: int, handling: KnownHandling
) -> tuple[str, bool]:
    """What the worker is doing, and where in the application if it is there; and whether that is waiting."""
    what, waits = _activity_text(traits, place, seconds, sample_every)
    state = handling.states.get(place.worker)
    if state:
        does = state_words(state)
        what = does if traits.one_at_a_time else translate("marks", "{busy}, {doing}").format(busy=what, doing=does)
        waits = state is LaneState.IN_CALL
    path = handling.files.get(place.application_file, "") if place.application_line else ""
    if path:
        where = translate("marks", "{doing} in {file}, line {line}")
        what = where.format(doing=what, file=file_name(path), line=place.application_line)
    return what, waits


def _activity_text(traits: Traits, place: Activity, seconds: float, sample_every: int) -> tuple[str, bool]:
    """What the worker is doing, and whether that is waiting."""
    if traits.waits in ("poller", "never"):
        if place.call == "wait":
            return translate("marks", "waiting for any client"), True
        if traits.serves == "one" and place.connection:  # it waits outside of its calls
            return translate("marks", "waiting or handling"), False
        # Where connections are thinned out, it may be busy with one that is not told.
        if seconds >= MOMENT and place.connection and sample_every == 1:
            return translate("marks", "busy with connection {n}").format(n=place.connection), False
        return _going_round(), False
    if not traits.waits:
        now = translate("marks", "in {call}()").format(call=place.call) if place.call else ""
        return now or translate("marks", "between its calls"), place.call == "wait"
    match place.call:
        case "accept":
            return translate("marks", "waiting for the next client"), True
        case "recv":
            return translate("marks", "waiting for the client"), True
        case "send" if seconds >= HELD:
            return translate("marks", "blocked by a slow client"), True
        case "send":
            return translate("marks", "writing"), False
        case "close":
            return translate("marks", "closing"), False
    return (translate("marks", "handling") if place.connection else translate("marks", "accepting")), False


def _going_round() -> str:
    """What a loop does that is with nobody for longer than a moment; how long it does is another matter."""
    return translate("marks", "going from client to client")


def _of_one(state: _State, connection: int, others: int) -> tuple[str, ...]:
    """Of the only one; or of the one who serves the picked `connection`, with how many others are there."""
    who = state.who
    if connection:
        who = _joined(translate("marks", "connection {n}").format(n=connection), who)
    more = translate("marks", "{n} more here").format(n=formatting.whole(others)) if others else ""
    return (
        _joined(who, state.what, state.lasting, more),
        _joined(who, state.what, state.lasting),
        _joined(who, state.lasting),
        who,
    )


def _of_many(traits: Traits, kinds: "Counter[tuple[str, bool]]", longest: str) -> tuple[str, ...]:
    who = formatting.workers(traits.worker, kinds.total())
    if len(kinds) == 1:
        ((what, _),) = kinds
    else:
        each = translate("marks", "{n} {doing}")
        what = ", ".join(each.format(n=formatting.whole(n), doing=activity) for (activity, _), n in kinds.most_common())
    lasting = longest and translate("marks", "longest {time}").format(time=longest)
    return _joined(who, what, lasting), _joined(who, lasting), who


def _lasting(seconds: float) -> str:
    """A duration that grows while one looks: no more digits than can be read; nothing for a moment."""
    if seconds < MOMENT:
        return ""
    if seconds < 0.9995:
        return translate("words", "{n} ms").format(n=formatting.whole(seconds * 1000))
    return translate("words", "{n} s").format(n=formatting.rounded(seconds, 1 if seconds < 99.95 else 0))


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))
