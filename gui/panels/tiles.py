"""The row of figures: how the running server does right now; below, in small, what an overload makes grow.

Owns how each figure is said, and which are warnings. Knows nothing of where it comes from; a figure that is not known
is a dash.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui import appearance, formatting
from gui.controls import Card, set_accessible_name
from gui.history.growth import grows

if TYPE_CHECKING:
    from engine.lab.usage import Usage
    from engine.telemetry import wire
    from engine.traits import Traits
    from gui.history.clients import ClientHistory
    from gui.history.server import Latency, ServerHistory

UNKNOWN = "–"
MARGIN = 14
NARROW, NARROW_MARGIN = 120, 9
"""Pixels of a tile below which its margins are smaller."""
SAFE = 0.96
"""Letters do not shrink exactly as their font does."""
LEAST_SHRUNK = 0.78
"""How small a line gets, as a part of its usual size, before its end is cut off."""
BIG = 2.0
SMALL = 0.84
"""Sizes of the texts, as parts of the normal one."""
GROWS = "↗"
"""The sign of a figure that grows without end."""
Growth: TypeAlias = tuple[float, float]
"""By how much, and by which part of itself, a figure must have grown to be told to grow without end."""
COUNT_GROWTH: Growth = (5.0, 0.1)
RATE_GROWTH: Growth = (1000.0, 0.5)
"""Context switches a second follow every load."""


@dataclass(frozen=True)
class TileText:
    """What a tile says: one big figure with its unit, and two small lines."""

    value: str = UNKNOWN
    unit: str = ""
    first: str = ""
    second: str = ""
    alarm: bool = False
    """The second line is a warning."""
    other: str = ""
    """The figure of the model that runs beside, said in place of the second line; a warning moves up then."""
    other_model: str = ""
    """Which model that is; empty: none."""


class Tile(Card):
    """One figure. It is painted whole, so that a number that changes moves nothing else."""

    def __init__(self, title: str, tip: str) -> None:
        super().__init__()
        self.title = title
        self.figure = TileText()
        self._theme = appearance.LIGHT
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        set_accessible_name(self, formatting.longest(title), tip)

    def show_text(self, figure: TileText) -> None:
        """Shows `figure`; costs nothing when it is the one shown already."""
        if figure != self.figure:
            self.figure = figure
            value = f"{figure.value} {formatting.longest(figure.unit)}".strip()
            said = [value, formatting.longest(figure.first), formatting.longest(figure.second)]
            if figure.other_model:
                said.append(f"{formatting.model_title(figure.other_model)}: {figure.other}")
            self.setAccessibleDescription(", ".join(filter(None, said)))
            self.update()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        base = QApplication.font()
        self._title_font = appearance.sized(base, 0.88)
        self._big_font = appearance.sized(base, BIG, bold=True)
        self._small_font = appearance.sized(base, SMALL)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        line = appearance.line_height()
        return QSize(130, round(line * (0.88 + BIG + 2 * SMALL * 1.1)) + 18)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme, figure = self._theme, self.figure
        painter = QPainter(self)
        right = self.width() - 5.0
        y = 9.0
        y = self._line(painter, self.title, self._title_font, theme.muted, y, right)
        big = QFontMetricsF(self._big_font)
        baseline = y + big.ascent() - 1
        margin = self._margin()
        unit_width = QFontMetricsF(self._title_font).horizontalAdvance(formatting.shortest(figure.unit)) + 6
        room = right - margin - (min(unit_width, self.width() / 2) if figure.unit else 0.0)
        painter.setFont(self._fitting(big.horizontalAdvance(figure.value), room))
        x = margin + painter.fontMetrics().horizontalAdvance(figure.value)
        painter.setPen(QColor(theme.text))
        painter.drawText(QPointF(margin, baseline), figure.value)
        painter.setPen(QColor(theme.muted))
        unit = self._set_line_font(painter, figure.unit, self._title_font, right - x - 6)
        painter.drawText(QPointF(x + 6, baseline), unit)
        lines = [(figure.first, theme.muted), (figure.second, theme.bad if figure.alarm else theme.muted)]
        if figure.other_model:
            lines = lines[1:] if figure.alarm else lines[:1]
        y += big.height() - 3
        for text, colour in lines:
            y = self._line(painter, text, self._small_font, colour, y, right)
        if figure.other_model:
            self._other(painter, y, right)
        painter.end()

    def _other(self, painter: QPainter, y: float, right: float) -> None:
        """Paints the other model's figure whole, and as much of its name as there is room for before it."""
        figure, metrics = self.figure, QFontMetricsF(self._small_font)
        room = right - self._margin() - metrics.horizontalAdvance(f": {figure.other}")
        name = formatting.model_title(figure.other_model)
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, max(0.0, room)) + ":"
        self._line(painter, shown, self._small_font, self._theme.model_text(figure.other_model), y, right)
        painter.setPen(QColor(self._theme.text))
        x = self._margin() + metrics.horizontalAdvance(f"{shown} ")
        painter.drawText(QPointF(x, y + metrics.ascent()), figure.other)

    def _fitting(self, width: float, room: float) -> QFont:
        """The big font, smaller if a text of that width needs it: a figure that is cut off would be a wrong one."""
        font = QFont(self._big_font)
        font.setPointSizeF(font.pointSizeF() * min(1.0, SAFE * room / max(width, 1.0)))
        return font

    def _line(self, painter: QPainter, text: str, font: QFont, colour: str, y: float, right: float) -> float:
        """Paints one line whose top is at `y`; returns where the next one begins."""
        metrics, margin = QFontMetricsF(font), self._margin()
        painter.setPen(QColor(colour))
        shown = self._set_line_font(painter, text, font, right - margin)
        painter.drawText(QPointF(margin, y + metrics.ascent()), shown)
        return y + metrics.height()

    def _set_line_font(self, painter: QPainter, text: str, font: QFont, room: float) -> str:
        """Sets the font, smaller if the text needs it; returns as much of the text as there is room for."""
        fitting = QFont(font)
        width = max(1.0, QFontMetricsF(font).horizontalAdvance(formatting.shortest(text)))
        fitting.setPointSizeF(font.pointSizeF() * max(LEAST_SHRUNK, min(1.0, SAFE * room / width)))
        painter.setFont(fitting)
        return QFontMetricsF(fitting).elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, room))

    def _margin(self) -> float:
        return MARGIN if self.width() >= NARROW else NARROW_MARGIN


class MiniTile(QWidget):
    """A name and a figure in one small line, a warning when it grows without end; painted whole, as a tile is."""

    def __init__(
        self, title: str, tip: str, figure: Callable[["Usage"], float | None], growth: Growth, form: str = "{n}"
    ) -> None:
        """Says `figure` in this `form`; a warning when it has grown as much as `growth` says."""
        super().__init__()
        self._figure, self._growth, self._form = figure, growth, form
        self.title = title
        self.value = UNKNOWN
        self.alarm = False
        self._theme = appearance.LIGHT
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        set_accessible_name(self, formatting.longest(title), tip)

    def show_usages(self, usages: "Sequence[Usage]") -> None:
        """Says what the newest of `usages` says; a dash if it says nothing."""
        newest = self._figure(usages[-1]) if usages else None
        if newest is None:
            self.show_value(UNKNOWN)
            return
        known = [(usage.time, value) for usage in usages if (value := self._figure(usage)) is not None]
        times, values = zip(*known, strict=True)
        self.show_value(self._form.format(n=formatting.whole(newest)), grows(times, values, *self._growth))

    def show_value(self, value: str, alarm: bool = False) -> None:
        """Shows `value`; in red and with an arrow if it is a warning."""
        if (value, alarm) != (self.value, self.alarm):
            self.value, self.alarm = value, alarm
            self.setAccessibleDescription(f"{value}, {self.tr('grows without end')}" if alarm else value)
            self.update()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self._font = appearance.sized(QApplication.font(), SMALL)
        self._bold = appearance.sized(QApplication.font(), SMALL, bold=True)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, round(appearance.line_height() * SMALL) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        value = f"{self.value} {GROWS}" if self.alarm else self.value
        bold = QFontMetricsF(self._bold)
        baseline = (self.height() + bold.ascent() - bold.descent()) / 2
        painter.setFont(self._font)
        painter.setPen(QColor(self._theme.muted))
        room = max(0.0, self.width() - MARGIN - 6 - bold.horizontalAdvance(value))
        shown = QFontMetricsF(self._font).elidedText(self.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(MARGIN, baseline), shown)
        painter.setFont(self._bold)
        painter.setPen(QColor(self._theme.bad if self.alarm else self._theme.text))
        x = MARGIN + QFontMetricsF(self._font).horizontalAdvance(shown) + 6
        painter.drawText(QPointF(x, baseline), value)
        painter.end()


MANY = 20
"""Open connections from which on the memory is shared out: before, it is mostly the interpreter's."""


class Tiles(QWidget):
    """The figures side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.open = Tile(
            formatting.variants(self.tr("Open connections"), self.tr("Connections")),
            self.tr(
                "Connections that the server has accepted and not closed yet, exact in every model. Those "
                "that still wait in the kernel's accept queue are not counted."
            ),
        )
        self.requests = Tile(
            self.tr("Requests/s"),
            self.tr(
                "Requests answered in the last second, whatever the status. While the load runs, failed is what its"
                " clients saw fail while this server ran, as on the scoreboard. Otherwise the server counts what it did"
                " not understand, answered with a 5xx, or could not send to its end. Slow and rude clients provoke that"
                " on purpose: a request that takes too long is answered with 408."
            ),
        )
        self.latency = Tile(
            self.tr("Latency"),
            self.tr(
                "How long requests took in the last 5 seconds. p50: half of them took less; p99: one in a hundred took"
                " longer. As the clients see it, while the load runs: from a request's first byte, or from connecting"
                " where each request does, or in an open loop from when it was due, until the answer was whole."
                " Otherwise inside the server: from when a request's bytes arrived until its reply's last byte was"
                " handed over, and where their arrival is not known, from the first read. When requests come too fast"
                " to report all of them, only 1 in so many connections is measured."
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
                "Processes and threads of the server. In most models one additional thread reports to this "
                "window. A zombie is a process that has ended and has not been reaped."
            ),
        )
        self.all = (self.open, self.requests, self.latency, self.cpu, self.memory, self.workers)
        grown = self.tr("Red, with an arrow: it has grown all through the last 15 seconds.")
        switches = self.tr(
            "Counts threads that lived for half a second or longer; with many threads it is estimated "
            "from some of them."
        )
        self.zombies = MiniTile(
            self.tr("Zombies"),
            f"{self.tr('Processes that have ended and have not been reaped.')} {grown}",
            lambda usage: usage.zombies,
            COUNT_GROWTH,
        )
        self.threads = MiniTile(
            self.tr("Threads"),
            f"{self.tr('Of all its processes together.')} {grown}",
            lambda usage: usage.threads,
            COUNT_GROWTH,
        )
        self.descriptors = MiniTile(
            self.tr("Descriptors"),
            f"{self.tr('Open files and sockets of all its processes together.')} {grown}",
            lambda usage: usage.descriptors,
            COUNT_GROWTH,
        )
        per_second = self.tr("{n}/s")
        self.voluntary = MiniTile(
            formatting.variants(self.tr("Voluntary switches"), self.tr("Voluntary")),
            f"{self.tr('Context switches because a thread had to wait, and gave the processor up.')}"
            f" {switches} {grown}",
            lambda usage: usage.voluntary,
            RATE_GROWTH,
            per_second,
        )
        self.involuntary = MiniTile(
            formatting.variants(self.tr("Involuntary switches"), self.tr("Involuntary")),
            f"{self.tr('Context switches because the system gave the processor to another thread.')}"
            f" {switches} {grown}",
            lambda usage: usage.involuntary,
            RATE_GROWTH,
            per_second,
        )
        self.small = (self.zombies, self.threads, self.descriptors, self.voluntary, self.involuntary)
        row = QHBoxLayout()
        row.setSpacing(10)
        for tile in self.all:
            row.addWidget(tile)
        under = QHBoxLayout()
        under.setSpacing(0)
        for small, share in zip(self.small, (4, 4, 5, 7, 7), strict=True):
            under.addWidget(small, share)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addLayout(row)
        column.addLayout(under)

    def show_histories(
        self,
        server: "ServerHistory",
        load: "ClientHistory | None" = None,
        other: "ServerHistory | None" = None,
        other_clients: "ClientHistory | None" = None,
    ) -> None:
        """Says what `server` knows of the server that runs, and `load` of its clients; in each tile's second line, what
        `other` and `other_clients` know of the one that runs beside."""
        figures = self._figures(server, load)
        if other and other.ready:
            by_clients = bool(load and load.ready)
            others = self._figures(other, other_clients if by_clients else None)
            if by_clients and not (other_clients and other_clients.ready):
                others[2] = TileText()  # what was measured inside the server is no match for what clients saw
            figures = [
                replace(
                    figure,
                    other=f"{beside.value} {formatting.shortest(beside.unit)}".strip(),
                    other_model=other.ready.model,
                )
                for figure, beside in zip(figures, others, strict=True)
            ]
        for tile, figure in zip(self.all, figures, strict=True):
            tile.show_text(figure)
        for small in self.small:
            small.show_usages(server.usages)

    def _figures(self, server: "ServerHistory", load: "ClientHistory | None") -> list[TileText]:
        """What each tile says, in their order."""
        model = server.ready.model if server.ready else None
        if load and load.ready:
            latency = self._clients_latency(load, since=server.ready.time if server.ready else math.inf)
        else:
            latency = self._latency(server.latency(), running=bool(model))
        return [
            self._open(server.counters, running=bool(model)),
            self._requests(server.counters, server.requests_per_second() if model else None, load),
            latency,
            self._cpu(server.usage),
            self._memory(server.usage, server.counters),
            self._workers(server.usage, server.ready.traits if server.ready else None),
        ]

    def _open(self, counters: "wire.Counters | None", running: bool) -> TileText:
        if not counters:
            return TileText()
        accepted = formatting.variants(self.tr("{n} accepted in all"), self.tr("{n} in all"))
        accepted = accepted.format(n=formatting.whole(counters.accepted))
        return TileText(formatting.whole(counters.open) if running else UNKNOWN, first=accepted)

    def _requests(self, counters: "wire.Counters | None", rate: float | None, load: "ClientHistory | None") -> TileText:
        value = UNKNOWN if rate is None else formatting.whole(rate)
        if not counters:
            return TileText(value)
        return TileText(
            value,
            "",
            self.tr("{n} in all").format(n=formatting.whole(counters.requests)),
            *self._failed(counters.failed, load),
        )

    def _failed(self, failed: int, load: "ClientHistory | None") -> tuple[str, bool]:
        """What failed, and whether nobody asked for that: of a load, what its clients saw fail."""
        if load and load.failures:
            return formatting.failures(load.failures), True
        if not failed or not load or not load.asked_in_run:
            return self.tr("{n} failed").format(n=formatting.whole(failed)), failed > 0
        if load.provoked:
            said = formatting.variants(self.tr("{n} rejected on purpose"), self.tr("{n} on purpose"))
        else:
            said = formatting.variants(self.tr("{n} failed, none of the load's"), self.tr("{n} not the load's"))
        return said.format(n=formatting.whole(failed)), False

    def _latency(self, latency: "Latency | None", running: bool) -> TileText:
        side = self.tr("server side")
        if not latency:
            return TileText(first=self.tr("no requests lately"), second=side) if running else TileText(first=side)
        value, unit = formatting.duration(latency.p50)
        if latency.sample_every > 1:
            side = formatting.variants(
                self.tr("server side · 1 in {n} connections"),
                self.tr("server side · 1 in {n}"),
                self.tr("server, 1 in {n}"),
            )
            side = side.format(n=formatting.whole(latency.sample_every))
        first = self.tr("{time} p99").format(time=formatting.duration_text(latency.p99))
        return TileText(value, self._p50(unit), first, side)

    def _clients_latency(self, load: "ClientHistory", since: float) -> TileText:
        side = formatting.variants(self.tr("as the clients see it"), self.tr("clients' side"))
        if load.is_open_loop:
            side = formatting.variants(self.tr("clients' side, from when due"), self.tr("from when due"))
        latency = load.latency(since)
        if not latency:
            return TileText(first=formatting.variants(self.tr("no answers lately"), self.tr("no answers")), second=side)
        value, unit = formatting.duration(latency.p50)
        first = self.tr("{time} p99").format(time=formatting.duration_text(latency.p99))
        return TileText(value, self._p50(unit), first, side)

    def _p50(self, unit: str) -> str:
        return formatting.variants(self.tr("{unit} p50").format(unit=unit), unit)

    def _cpu(self, usage: "Usage | None") -> TileText:
        if not usage:
            return TileText()
        return TileText(formatting.whole(usage.cpu), self.tr("%"), self.tr("of one core"))

    def _memory(self, usage: "Usage | None", counters: "wire.Counters | None") -> TileText:
        if not usage:
            return TileText()
        figure = TileText(formatting.mebibytes(usage.memory), self.tr("MiB"))
        if not counters or counters.open < MANY:
            return figure
        share = formatting.mebibytes(usage.memory / counters.open)
        each = formatting.variants(self.tr("{size} MiB per connection"), self.tr("{size} MiB each"))
        return replace(figure, first=each.format(size=share))

    def _workers(self, usage: "Usage | None", traits: "Traits | None") -> TileText:
        if not usage or not traits:
            return TileText()
        processes = self.tr("process") if usage.processes == 1 else self.tr("processes")
        threads = self.tr("thread") if usage.threads == 1 else self.tr("threads")
        big, small = (usage.processes, processes), (usage.threads, threads)
        if traits.worker == "thread":
            big, small = small, big
        zombies = formatting.counted(usage.zombies, self.tr("1 zombie"), self.tr("{n} zombies"))
        return TileText(
            formatting.whole(big[0]),
            big[1],
            f"{formatting.whole(small[0])} {small[1]}",
            zombies if usage.zombies else self.tr("no zombies"),
            alarm=usage.zombies > 0,
        )

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        for each in (*self.all, *self.small):
            each.set_theme(theme)
