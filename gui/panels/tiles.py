"""The row of figures: how the running server does right now.

Owns how each figure is said. Knows nothing of where it comes from; a figure that is not known is a dash.
"""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QWidget

from engine.models import MODELS
from gui import theme, words
from gui.controls import Card, named

if TYPE_CHECKING:
    from engine.lab.usage import Usage
    from engine.telemetry import wire
    from gui.load_record import LoadRecord
    from gui.record import Latency, Record

UNKNOWN = "–"
MARGIN = 14
BIG = 2.0
SMALL = 0.84
"""Sizes of the texts, as parts of the normal one."""


@dataclass(frozen=True)
class Figure:
    """What a tile says: one big figure with its unit, and two small lines."""

    value: str = UNKNOWN
    unit: str = ""
    first: str = ""
    second: str = ""
    alarm: bool = False
    """The second line is a warning."""


class Tile(Card):
    """One figure. It is painted whole, so that a number that changes moves nothing else."""

    def __init__(self, title: str, tip: str) -> None:
        super().__init__()
        self.title = title
        self.figure = Figure()
        self._look = theme.LIGHT
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        named(self, words.longest(title), tip)

    def say(self, figure: Figure) -> None:
        """Shows `figure`; costs nothing when it is the one shown already."""
        if figure != self.figure:
            self.figure = figure
            value = f"{figure.value} {words.longest(figure.unit)}".strip()
            said = (value, words.longest(figure.first), words.longest(figure.second))
            self.setAccessibleDescription(", ".join(filter(None, said)))
            self.update()

    def set_look(self, look: theme.Look) -> None:
        """Draws itself in `look`."""
        self._look = look
        base = QApplication.font()
        self._title_font = theme.sized(base, 0.88)
        self._big_font = theme.sized(base, BIG, bold=True)
        self._small_font = theme.sized(base, SMALL)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        line = theme.line_height()
        return QSize(130, round(line * (0.88 + BIG + 2 * SMALL * 1.1)) + 18)

    def minimumSizeHint(self) -> QSize:
        return QSize(90, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        look, figure = self._look, self.figure
        painter = QPainter(self)
        right = self.width() - 5.0
        y = 9.0
        y = self._line(painter, self.title, self._title_font, look.muted, y, right)
        big = QFontMetricsF(self._big_font)
        baseline = y + big.ascent() - 1
        painter.setFont(self._fitting(big.horizontalAdvance(figure.value), right - MARGIN))
        x = MARGIN + painter.fontMetrics().horizontalAdvance(figure.value)
        painter.setPen(QColor(look.text))
        painter.drawText(QPointF(MARGIN, baseline), figure.value)
        painter.setFont(self._title_font)
        painter.setPen(QColor(look.muted))
        unit = painter.fontMetrics().elidedText(figure.unit, Qt.TextElideMode.ElideRight, max(0, round(right - x - 6)))
        painter.drawText(QPointF(x + 6, baseline), unit)
        y = self._line(painter, figure.first, self._small_font, look.muted, y + big.height() - 3, right)
        warning = figure.alarm and look.bad
        self._line(painter, figure.second, self._small_font, warning or look.muted, y, right)
        painter.end()

    def _fitting(self, width: float, room: float) -> QFont:
        """The big font, smaller if a text of that width needs it: a figure that is cut off would be a wrong one."""
        font = QFont(self._big_font)
        font.setPointSizeF(font.pointSizeF() * min(1.0, room / max(width, 1.0)))
        return font

    def _line(self, painter: QPainter, text: str, font: QFont, colour: str, y: float, right: float) -> float:
        """Paints one line whose top is at `y`; returns where the next one begins."""
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, right - MARGIN)
        painter.drawText(QPointF(MARGIN, y + metrics.ascent()), shown)
        return y + metrics.height()


MANY = 20
"""Open connections from which on the memory is shared out: before, it is mostly the interpreter's."""


class Tiles(QWidget):
    """The figures side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.open = Tile(
            words.variants(self.tr("Open connections"), self.tr("Connections")),
            self.tr(
                "Connections that the server has accepted and not closed yet, exact in every model. Those that still"
                " stand in the kernel's queue before accept are not in it."
            ),
        )
        self.requests = Tile(
            self.tr("Requests/s"),
            self.tr(
                "Requests answered in the last second. Failed: not understood, answered with a 5xx, or the reply"
                " did not get through whole."
            ),
        )
        self.latency = Tile(
            self.tr("Latency"),
            self.tr(
                "How long requests took in the last 5 seconds. p50: half of them took less; p99: one in a hundred took"
                " longer. As the clients see it, while the load runs: from a request's first byte, or from connecting"
                " where each request does, or in an open loop from when it was due, until the answer was whole."
                " Otherwise inside the server: from reading a request's first byte until its reply's last byte was"
                " handed over. What a client waits in the network, in the accept queue or behind others is not in"
                " that. Where requests come too fast to tell all of them, those of 1 in so many connections are"
                " measured."
            ),
        )
        self.cpu = Tile(
            self.tr("CPU"),
            self.tr("Processor time of the server with all its processes; 100 % is one core kept fully busy."),
        )
        self.memory = Tile(
            self.tr("Memory"),
            self.tr(
                "Memory of the server with all its processes; below, where many are open, how much that is for each"
                " connection."
            ),
        )
        self.workers = Tile(
            self.tr("Workers"),
            self.tr(
                "Processes and threads of the server; in most models one thread more than serve, which tells this"
                " window what happens. A zombie is a process that has ended but that nobody has"
                " waited for."
            ),
        )
        self.all = (self.open, self.requests, self.latency, self.cpu, self.memory, self.workers)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for tile in self.all:
            row.addWidget(tile)

    def tell(self, record: "Record", load: "LoadRecord | None" = None) -> None:
        """Says what `record` knows of the server that runs, and `load` of its clients."""
        model = record.ready.model if record.ready else None
        self.open.say(self._open(record.counters, running=bool(model)))
        self.requests.say(self._requests(record.counters, record.requests_per_second() if model else None))
        if load and load.ready:
            self.latency.say(self._clients_latency(load, since=record.ready.time if record.ready else math.inf))
        else:
            self.latency.say(self._latency(record.latency(), running=bool(model)))
        self.cpu.say(self._cpu(record.usage))
        self.memory.say(self._memory(record.usage, record.counters))
        self.workers.say(self._workers(record.usage, model))

    def _open(self, counters: "wire.Counters | None", running: bool) -> Figure:
        if not counters:
            return Figure()
        accepted = words.variants(self.tr("{n} accepted in all"), self.tr("{n} in all"))
        accepted = accepted.format(n=words.whole(counters.accepted))
        return Figure(words.whole(counters.open) if running else UNKNOWN, first=accepted)

    def _requests(self, counters: "wire.Counters | None", rate: float | None) -> Figure:
        value = UNKNOWN if rate is None else words.whole(rate)
        if not counters:
            return Figure(value)
        return Figure(
            value,
            "",
            self.tr("{n} in all").format(n=words.whole(counters.requests)),
            self.tr("{n} failed").format(n=words.whole(counters.failed)),
            alarm=counters.failed > 0,
        )

    def _latency(self, latency: "Latency | None", running: bool) -> Figure:
        side = self.tr("server side")
        if not latency:
            return Figure(first=self.tr("no requests lately"), second=side) if running else Figure(first=side)
        value, unit = words.duration(latency.p50)
        if latency.every > 1:
            side = words.variants(
                self.tr("server side · 1 in {n} connections"),
                self.tr("server side · 1 in {n}"),
                self.tr("server, 1 in {n}"),
            )
            side = side.format(n=words.whole(latency.every))
        first = self.tr("{time} p99").format(time=words.duration_text(latency.p99))
        return Figure(value, self._p50(unit), first, side)

    def _clients_latency(self, load: "LoadRecord", since: float) -> Figure:
        side = words.variants(self.tr("as the clients see it"), self.tr("clients' side"))
        if load.is_open_loop:
            side = words.variants(self.tr("clients' side, from when due"), self.tr("from when due"))
        latency = load.latency(since)
        if not latency:
            return Figure(first=words.variants(self.tr("no answers lately"), self.tr("no answers")), second=side)
        value, unit = words.duration(latency.p50)
        first = self.tr("{time} p99").format(time=words.duration_text(latency.p99))
        return Figure(value, self._p50(unit), first, side)

    def _p50(self, unit: str) -> str:
        return words.variants(self.tr("{unit} p50").format(unit=unit), unit)

    def _cpu(self, usage: "Usage | None") -> Figure:
        if not usage:
            return Figure()
        return Figure(words.whole(usage.cpu), self.tr("%"), self.tr("of one core"))

    def _memory(self, usage: "Usage | None", counters: "wire.Counters | None") -> Figure:
        if not usage:
            return Figure()
        figure = Figure(words.mebibytes(usage.memory), self.tr("MiB"))
        if not counters or counters.open < MANY:
            return figure
        share = words.mebibytes(usage.memory / counters.open)
        each = words.variants(self.tr("{size} MiB per connection"), self.tr("{size} MiB each"))
        return replace(figure, first=each.format(size=share))

    def _workers(self, usage: "Usage | None", model: str | None) -> Figure:
        if not usage or not model:
            return Figure()
        processes = self.tr("process") if usage.processes == 1 else self.tr("processes")
        threads = self.tr("thread") if usage.threads == 1 else self.tr("threads")
        big, small = (usage.processes, processes), (usage.threads, threads)
        if MODELS[model].worker == "thread":
            big, small = small, big
        zombies = words.counted(usage.zombies, self.tr("1 zombie"), self.tr("{n} zombies"))
        return Figure(
            words.whole(big[0]),
            big[1],
            f"{words.whole(small[0])} {small[1]}",
            zombies if usage.zombies else self.tr("no zombies"),
            alarm=usage.zombies > 0,
        )

    def set_look(self, look: theme.Look) -> None:
        """Draws itself in `look`."""
        for tile in self.all:
            tile.set_look(look)
