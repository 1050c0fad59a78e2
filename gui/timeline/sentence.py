"""The sentence above the lanes: what they prove, in words.

Owns the words and the line that they stand in. Knows nothing of what makes a fact true.
"""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

import numpy as np  # isort: skip

from engine import texts
from engine.telemetry.bounds import connection_name
from engine.traits import Traits
from gui import formatting
from gui.controls import wrap_lines
from gui.history.consequences import BytesLost, Consequence, NoneAnswered, UnreadPolls, ZombiesStay
from gui.history.queueing import QueuedBehindSlow, QueuedBesideFree, Queueing
from gui.history.queueing import queueing as find_queueing
from gui.history.sentences import ALONE, RECENT, ComputeTogether, Fact, Occupied, SpentWaiting, WaitTogether
from gui.history.sentences import fact as find_fact
from gui.history.shapes import Shape, Staircase
from gui.history.shares import Division
from gui.history.sources import file_name, line_text

if TYPE_CHECKING:
    from gui.history.lanes import Lanes

translate = QCoreApplication.translate
LINES = 2
"""Lines that a sentence has at most."""
SAID = 2.0
"""Seconds for which a sentence stands at least: it has to be read."""
MOST_TAILS = 200
"""Workers at most of which is asked what goes on now: more would take longer than a frame has."""
UNREAD = texts.translate("sentences", "%Ln connection(s) that nobody reads", "", -1)
ZOMBIES = texts.translate("sentences", "%Ln zombie(s)", "", -1)
CLIENTS = texts.translate("sentences", "%Ln client(s) waiting", "", -1)
EVEN = 0.1
"""By how much the parts of the time of several workers may differ that are said as one."""
OTHERS = texts.translate("sentences", "%Ln other(s) waiting", "", -1)


def proven_sentences(
    lanes: "Lanes",
    until: float,
    shape: Shape | None,
    consequence: Consequence | None,
    idle_processors: Callable[[float], float],
) -> list[str]:
    """What these lanes prove at the moment `until`, as `sentences` has it; `idle_processors` since a moment."""
    tails = lanes.tails(islice(lanes.workers(), MOST_TAILS), (), until)
    table = np.concatenate((lanes.between(until - RECENT, until), tails), axis=1)
    found = queued = division = None
    if lanes.running:
        idle, division = idle_processors(until - RECENT), lanes.shares.lately()
        found = find_fact(lanes.traits, table, lanes.queue, until, idle)
        queued = find_queueing(lanes.traits, table, lanes.workers(), lanes.queue, until, lanes.pool_queue)
    return sentences(found, shape, lanes.traits, lanes.files, consequence, queued, division)


def sentences(
    fact: Fact | None,
    shape: Shape | None,
    traits: Traits,
    files: Mapping[int, str],
    consequence: Consequence | None = None,
    queued: Queueing | None = None,
    division: Division | None = None,
) -> list[str]:
    """What the lanes prove, what it comes to, and on which line that is: in several lengths, the longest first. What
    the counters prove of a mistake comes before that, and so does why clients are `queued`; how uneven the `division`
    among workers is comes after it.

    Empty if there is nothing to say.
    """
    said = [_consequence_words(consequence)] if consequence else []
    if isinstance(fact, SpentWaiting) and not isinstance(queued, QueuedBesideFree):
        queued = None  # it says that they wait, and why
    if queued:
        said.append(_queueing_words(queued, traits))
    if fact:
        said.append(_fact_words(fact, traits, files))
    if shape and not isinstance(fact, WaitTogether | SpentWaiting):  # that says it already
        said.append(_shape_words(shape))
    if division and division.is_uneven:
        said.append(_uneven(division))
    if not said:
        return []
    places = []
    if isinstance(fact, SpentWaiting) and (path := files.get(fact.file)):
        places = list(filter(None, [line_text(path, fact.line)]))
    elif isinstance(fact, Occupied | WaitTogether) and fact.line and (path := files.get(fact.file)):
        where = translate("sentences", "{file}, line {line}")
        if isinstance(fact, WaitTogether) and not fact.share_line:
            where = translate("sentences", "some of them at {file}, line {line}")
        place = where.format(file=file_name(path), line=fact.line)
        places = [f"{place}: {code}"] if (code := line_text(path, fact.line)) else []
        places.append(place)
    lengths = [[*said, place] for place in places] + [said[:count] for count in range(len(said), 0, -1)]
    brief = [_brief(fact, files)] if fact and not consequence and not queued else []
    return list(dict.fromkeys([" · ".join(parts) for parts in lengths] + brief))


def _consequence_words(consequence: Consequence) -> str:
    match consequence:
        case UnreadPolls(per_second, connections):
            text = translate("sentences", "{n} polls a second for {connections}")
            unread = translate("sentences", UNREAD, "", connections)
            return text.format(n=formatting.whole(per_second), connections=unread)
        case ZombiesStay(count):
            return translate("sentences", ZOMBIES, "", count)
        case BytesLost(share):
            text = translate("sentences", "{share} % arrived: the rest of what was to be sent is lost")
            return text.format(share=formatting.rounded(100 * share, 1))
        case NoneAnswered(accepted):
            return translate("sentences", "0 of {n} answered").format(n=formatting.whole(accepted))


def _queueing_words(queued: Queueing, traits: Traits) -> str:
    if isinstance(queued, QueuedBehindSlow):
        return _slow_words(queued, traits)
    if isinstance(queued, QueuedBesideFree):
        said = translate("sentences", "{n} waiting for accept, with {workers} free: each has a queue of its own")
        count = len(queued.free)
    else:
        said = translate("sentences", "{n} waiting for accept: all {workers} busy")
        count = queued.workers
    return said.format(n=formatting.whole(queued.queued), workers=formatting.workers(traits.worker, count))


def _slow_words(queued: QueuedBehindSlow, traits: Traits) -> str:
    if traits.worker == "loop":
        said = translate("sentences", "{n} waiting for accept: the loop is blocked by a slow client")
    elif queued.in_pool:
        said = translate("sentences", "{n} in the pool's queue: all {workers} blocked by slow clients")
    else:
        said = translate("sentences", "{n} waiting for accept: all {workers} blocked by slow clients")
    workers = formatting.workers(traits.worker, queued.workers)
    return said.format(n=formatting.whole(queued.queued), workers=workers)


def _fact_words(fact: Fact, traits: Traits, files: Mapping[int, str]) -> str:
    match fact:
        case SpentWaiting():
            return _spent(fact, files)
        case Occupied():
            return _occupied(fact, traits)
        case WaitTogether():
            return translate("sentences", "{workers} wait in a call at the same time, {time} each").format(
                workers=formatting.workers(traits.handled_by, fact.count), time=_time(fact.seconds)
            )
        case ComputeTogether():
            said = translate("sentences", "{workers} compute at the same time, each on a processor of its own")
            if fact.share < ALONE:
                said = translate("sentences", "{workers} compute at the same time: each runs {share} % of the time")
                said += ", " + _scarce(traits)
            return said.format(
                workers=formatting.workers(traits.handled_by, fact.count), share=formatting.rounded(fact.share * 100, 0)
            )


def _spent(fact: SpentWaiting, files: Mapping[int, str]) -> str:
    if fact.count == 1:
        said = translate("sentences", "The worker spends {share} % of its time waiting at {place}")
    elif fact.most - fact.least <= EVEN:
        said = translate("sentences", "Each worker spends {share} % of its time waiting at {place}")
    else:
        said = translate("sentences", "Each worker spends at least {share} % of its time waiting at {place}")
    said = said.format(share=_percent(fact.least), place=_place(fact, files))
    if not fact.waiting:
        return said
    clients = translate("sentences", CLIENTS, "", fact.waiting)
    if fact.has_idle_processor:
        clients = translate("sentences", "{clients} while a processor is idle").format(clients=clients)
    return f"{said}; {clients}"


def _place(fact: SpentWaiting, files: Mapping[int, str]) -> str:
    """As in `shop.py:41`."""
    path = files.get(fact.file)
    return f"{file_name(path)}:{fact.line}" if path else translate("sentences", "one line")


def _percent(share: float) -> str:
    return formatting.rounded(100 * min(1.0, share), 0)


def _uneven(division: Division) -> str:
    said = translate("sentences", "one worker got {share} % of the connections, an even share is {even} %")
    if division.of_requests:
        said = translate("sentences", "one worker got {share} % of the requests, an even share is {even} %")
    share = max(each.part for each in division.shares)
    return said.format(share=_percent(share), even=_percent(division.even))


def _scarce(traits: Traits) -> str:
    """What workers wait for that do not run."""
    if traits.has_threads:
        return translate("sentences", "the rest it waits for the interpreter's lock or a processor")
    return translate("sentences", "the rest it waits for a processor")


def _shape_words(shape: Shape) -> str:
    time = _time(shape.seconds)
    if isinstance(shape, Staircase):
        said = translate("sentences", "one after the other: {n} steps of {time}")
    else:
        said = translate("sentences", "side by side: {n} at once, {time} each")
    return said.format(n=formatting.whole(shape.count), time=time)


def _occupied(fact: Occupied, traits: Traits) -> str:
    time, connection = _time(fact.seconds), fact.connection
    if traits.one_at_a_time:
        said = translate("sentences", "{worker} computes for {time}: no other one runs meanwhile")
        name = formatting.worker_name(traits, fact.worker)
        return said.format(worker=formatting.capitalized(name), time=time)
    if not connection:
        said = translate("sentences", "The loop was blocked for {time} in a call")
        if not fact.waits:
            said = translate("sentences", "The loop computed for {time} without a break")
    elif fact.waits:
        said = translate("sentences", "The loop waits {time} in a call inside connection {n}")
    else:
        said = translate("sentences", "The loop computes for {time} inside connection {n}")
    said = said.format(time=time, n=connection_name(connection))
    return f"{said}; {_others(fact.others)}" if fact.others else said


def _brief(fact: Fact, files: Mapping[int, str]) -> str:
    """The same in a few words."""
    match fact:
        case SpentWaiting():
            said = translate("sentences", "{share} % waiting at {place}")
            return said.format(share=_percent(fact.least), place=_place(fact, files))
        case Occupied():
            waits, computes = translate("sentences", "waits {time}"), translate("sentences", "computes {time}")
            said = (waits if fact.waits else computes).format(time=_time(fact.seconds))
            return f"{said}; {_others(fact.others)}" if fact.others else said
        case WaitTogether():
            return translate("sentences", "{n} wait in a call").format(n=formatting.whole(fact.count))
        case ComputeTogether():
            said = translate("sentences", "{n} compute, each {share} %")
            return said.format(n=formatting.whole(fact.count), share=formatting.rounded(fact.share * 100, 0))


def _others(number: int) -> str:
    return translate("sentences", OTHERS, "", number)


def _time(seconds: float) -> str:
    """A duration with no more digits than can be read while it changes, on one line."""
    if seconds < 0.095:
        text, digits = translate("words", "{n} ms"), formatting.rounded(seconds * 1000, 0)
    else:
        text = translate("words", "{n} s")
        digits = QLocale().toString(seconds, "g", 2) if seconds < 10 else formatting.whole(seconds)
    return text.format(n=digits).replace(" ", "\N{NO-BREAK SPACE}")


class SentenceLine(QLabel):
    """A sentence as long as there is room for it, in so many lines at most."""

    def __init__(self, most_lines: int = LINES) -> None:
        super().__init__()
        self.most_lines = most_lines
        self._lengths: list[str] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def say(self, lengths: list[str]) -> None:
        """Shows a sentence that is there in several lengths, the longest first; the longest is in the tooltip."""
        if lengths != self._lengths:
            self._lengths = lengths
            longest = lengths[0] if lengths else ""
            self.setText(longest)
            self.setToolTip(longest)
            self.setAccessibleDescription(longest)
            self.update()

    @property
    def shown(self) -> list[str]:
        """The lines that are seen: of the longest that fits whole, or else of the shortest, cut off."""
        lines: list[str] = []
        for text in self._lengths:
            lines = wrap_lines(text, self.font(), float(self.width()), self.most_lines)
            if " ".join(lines) == text:
                break
        return lines

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "\n".join(self.shown))
        painter.end()
