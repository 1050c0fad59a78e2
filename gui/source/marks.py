"""What is said beside a line: who is there, what they are doing, and for how long.

Owns the sentences. Knows nothing of where or how they are drawn.

A blocking worker that reads waits for its client. One that goes round many clients says so as long as it does; only
what it does for longer than a moment is told of it, for a moment's work is another one's when it is read.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from engine.models import MODELS, worker_name
from gui import words
from gui.whereabouts import Place

translate = QCoreApplication.translate
MOMENT = 0.01
"""Seconds below which a duration is not worth reading."""
HELD = 0.3
"""Seconds from which on a client that does not take what is sent holds its worker."""
LISTED = 12
"""Workers on a line that are named one by one."""


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


def mark(model: str, line: int, places: Sequence[Place], now: float, every: int, picked: int = 0) -> Mark:
    """What is said of `places`, all on one line; `picked` is the connection that is selected, if any."""
    states = [_State(model, place, now, every) for place in places]
    mine = next((state for state in states if picked and state.place.connection == picked), None)
    listed = tuple(_joined(state.who, state.what, state.lasting) for state in states[:LISTED])
    if len(states) > LISTED:
        listed += (translate("marks", "and {n} more").format(n=words.whole(len(states) - LISTED)),)
    return Mark(
        line,
        _of_one(states, mine) if mine or len(states) == 1 else _of_many(model, states),
        listed,
        tuple(place.connection for place in places if place.connection),
        waits=mine.waits if mine else all(state.waits for state in states),
        picked=mine is not None,
        seconds=states[0].seconds,
    )


class _State:
    """What one worker is doing, in words."""

    def __init__(self, model: str, place: Place, now: float, every: int) -> None:
        self.seconds = max(0.0, now - place.since)
        self.place = place
        self.who = worker_name(model, place.worker)
        self.what, self.waits = _doing(model, place, self.seconds, every)
        self.lasting = _lasting(self.seconds)


def _doing(model: str, place: Place, seconds: float, every: int) -> tuple[str, bool]:
    """What the worker is doing, and whether that is waiting."""
    if MODELS[model].worker == "loop":
        if place.call == "wait":
            return translate("marks", "waiting for any client"), True
        # Where connections are thinned out, it may be busy with one that is not told.
        if seconds >= MOMENT and place.connection and every == 1:
            return translate("marks", "busy with connection {n}").format(n=place.connection), False
        return translate("marks", "going from client to client"), False
    match place.call:
        case "accept":
            return translate("marks", "waiting for the next client"), True
        case "recv":
            return translate("marks", "waiting for the client"), True
        case "send" if seconds >= HELD:
            return translate("marks", "held by a slow client"), True
        case "send":
            return translate("marks", "writing"), False
        case "close":
            return translate("marks", "closing"), False
    return (translate("marks", "handling") if place.connection else translate("marks", "accepting")), False


def _of_one(states: "Sequence[_State]", one: "_State | None") -> tuple[str, ...]:
    """Of the one that is picked, or of the only one."""
    who = states[0].who
    others = ""
    if one:
        connection = translate("marks", "connection {n}").format(n=one.place.connection)
        who = _joined(connection, one.who)
        if len(states) > 1:
            others = translate("marks", "{n} more here").format(n=words.whole(len(states) - 1))
    state = one or states[0]
    return (
        _joined(who, state.what, state.lasting, others),
        _joined(who, state.what, state.lasting),
        _joined(who, state.lasting),
        who,
    )


def _of_many(model: str, states: "Sequence[_State]") -> tuple[str, ...]:
    who = words.workers(model, len(states))
    kinds = Counter(state.what for state in states)
    if len(kinds) == 1:
        what = states[0].what
    else:
        each = translate("marks", "{n} {doing}")
        what = ", ".join(each.format(n=words.whole(n), doing=doing) for doing, n in kinds.most_common())
    lasting = states[0].lasting and translate("marks", "longest {time}").format(time=states[0].lasting)
    return _joined(who, what, lasting), _joined(who, lasting), who


def _lasting(seconds: float) -> str:
    """A duration that grows while one looks: no more digits than can be read; nothing for a moment."""
    if seconds < MOMENT:
        return ""
    if seconds < 0.9995:
        return translate("words", "{n} ms").format(n=words.whole(seconds * 1000))
    return translate("words", "{n} s").format(n=words.rounded(seconds, 1 if seconds < 99.95 else 0))


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))
