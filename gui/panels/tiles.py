"""The row of figures: how the running server does right now; below, in small, what an overload makes grow.

Owns which figures stand on a tile together, and how a tile is drawn. What a figure is called, how it is read and when
it is a warning is said by `engine.lab.figures`; one that is not known is a dash.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from string import Formatter
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.lab.figures import FIGURES, INTERVAL, Figure, Seen
from engine.texts import QT_TRANSLATE_NOOP
from gui import appearance, formatting
from gui.controls import Card, set_accessible_name

if TYPE_CHECKING:
    from gui.history.clients import ClientHistory
    from gui.history.server import ServerHistory

translate = QCoreApplication.translate
UNKNOWN = "–"
MARGIN = 14
NARROW, NARROW_MARGIN = 120, 9
"""Pixels of a tile below which its margins are smaller."""
SAFE = 0.93
"""Letters do not shrink exactly as their font does."""
LEAST_SHRUNK = 0.78
"""How small a line gets, as a part of its usual size, before its end is cut off."""
BIG = 2.0
SMALL = 0.84
"""Sizes of the texts, as parts of the normal one."""
GROWS = "↗"
"""The sign of a figure that grows without end."""
HARDLY_IDLE = 0.1
"""Processors idle, as a mean, below which it is said that none is."""
SMALL_WIDTH = 8
"""How much wider a small figure is than its title, in letters."""


@dataclass(frozen=True)
class Note:
    """One of the texts that a line of a tile may show: figures by their names, in variants, the longest first."""

    texts: tuple[str, ...]
    when: Callable[[Seen], bool]


def _note(*texts: str, when: Callable[[Seen], bool] = lambda seen: True) -> Note:
    return Note(texts, when)


def _failed_in_server(seen: Seen) -> bool:
    return bool(FIGURES["failed_in_server"].value(seen))


def _has_pool_queue(seen: Seen) -> bool:
    return FIGURES["pool_queue"].value(seen) is not None


@dataclass(frozen=True)
class TileRow:
    """What a tile shows besides its big figure."""

    first: tuple[Note, ...] = ()
    """Of these the first one is shown that holds and whose figures are all known."""
    second: tuple[Note, ...] = ()
    unit: tuple[str, ...] = ("{unit}",)


def _is_machine_full(seen: Seen) -> bool:
    """Whether whatever runs on this machine has left no processor idle lately."""
    lately = [usage for usage in seen.usages if usage.time > seen.now - INTERVAL]
    idle = [usage.idle for usage in lately if usage.idle is not None]
    return bool(idle) and sum(idle) / len(idle) < HARDLY_IDLE


TILES = {
    "connections": TileRow(
        (
            _note(
                QT_TRANSLATE_NOOP("tiles", "{taken} served, {pool_queue} in the pool's queue"),
                QT_TRANSLATE_NOOP("tiles", "{taken} served, {pool_queue} in pool's queue"),
                QT_TRANSLATE_NOOP("tiles", "{taken} served, {pool_queue} queued"),
                QT_TRANSLATE_NOOP("tiles", "{taken} served"),
            ),
            _note(
                QT_TRANSLATE_NOOP("tiles", "{served} served, {queued} wait for accept"),
                QT_TRANSLATE_NOOP("tiles", "{served} served, {queued} wait"),
                QT_TRANSLATE_NOOP("tiles", "{served} served"),
            ),
            _note(
                QT_TRANSLATE_NOOP("tiles", "accept queue not known"),
                QT_TRANSLATE_NOOP("tiles", "queue not known"),
                when=lambda seen: seen.ready is not None,
            ),
        ),
        (
            _note(
                QT_TRANSLATE_NOOP("tiles", "{queued} wait for accept"),
                QT_TRANSLATE_NOOP("tiles", "{queued} wait"),
                when=_has_pool_queue,
            ),
            _note(
                QT_TRANSLATE_NOOP("tiles", "{accepted} accepted in all"),
                QT_TRANSLATE_NOOP("tiles", "{accepted} in all"),
            ),
        ),
    ),
    "requests_per_second": TileRow(
        (_note(QT_TRANSLATE_NOOP("tiles", "{requests} in all")),),
        (
            _note("{failed}", when=lambda seen: seen.outcome is not None and bool(seen.outcome.failures)),
            _note(
                QT_TRANSLATE_NOOP("tiles", "{failed_in_server} rejected on purpose"),
                QT_TRANSLATE_NOOP("tiles", "{failed_in_server} on purpose"),
                when=lambda seen: seen.outcome is not None and seen.outcome.is_provoked and _failed_in_server(seen),
            ),
            _note(
                QT_TRANSLATE_NOOP("tiles", "{failed_in_server} failed, none of the load's"),
                QT_TRANSLATE_NOOP("tiles", "{failed_in_server} not the load's"),
                when=lambda seen: seen.outcome is not None and _failed_in_server(seen),
            ),
            _note(QT_TRANSLATE_NOOP("tiles", "{failed} failed")),
        ),
    ),
    "p50": TileRow(
        (
            _note(QT_TRANSLATE_NOOP("tiles", "{p99} p99")),
            _note(
                QT_TRANSLATE_NOOP("tiles", "no answers lately"),
                QT_TRANSLATE_NOOP("tiles", "no answers"),
                when=lambda seen: seen.from_clients,
            ),
            _note(QT_TRANSLATE_NOOP("tiles", "no requests lately"), when=lambda seen: seen.ready is not None),
        ),
        (
            _note(
                QT_TRANSLATE_NOOP("tiles", "clients' side, from when due"),
                QT_TRANSLATE_NOOP("tiles", "from when due"),
                when=lambda seen: seen.is_open_loop,
            ),
            _note(
                QT_TRANSLATE_NOOP("tiles", "as the clients see it"),
                QT_TRANSLATE_NOOP("tiles", "clients' side"),
                when=lambda seen: seen.from_clients,
            ),
            _note(
                QT_TRANSLATE_NOOP("tiles", "server side · 1 in {sample_every} connections"),
                QT_TRANSLATE_NOOP("tiles", "server side · 1 in {sample_every}"),
                QT_TRANSLATE_NOOP("tiles", "server, 1 in {sample_every}"),
                when=lambda seen: seen.latency is not None and seen.latency.sample_every > 1,
            ),
            _note(QT_TRANSLATE_NOOP("tiles", "server side")),
        ),
    ),
    "cpu": TileRow(
        (_note(QT_TRANSLATE_NOOP("tiles", "of one core"), when=lambda seen: bool(seen.usages)),),
        (
            _note(
                QT_TRANSLATE_NOOP("tiles", "no processor is idle"),
                QT_TRANSLATE_NOOP("tiles", "none is idle"),
                when=_is_machine_full,
            ),
        ),
    ),
    "memory": TileRow(
        (
            _note(
                QT_TRANSLATE_NOOP("tiles", "{memory_per_connection} per connection"),
                QT_TRANSLATE_NOOP("tiles", "{memory_per_connection} each"),
            ),
        )
    ),
    "workers": TileRow(
        (
            _note(
                QT_TRANSLATE_NOOP("tiles", "{processes}, {threads} in all"),
                QT_TRANSLATE_NOOP("tiles", "{processes} in all"),
            ),
        ),
        (_note("{zombies}"),),
    ),
}
"""The tiles, by their big figures."""


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
    other_title: str = ""
    """What it is called beside the first one: of the same model, what distinguishes it."""


class Tile(Card):
    """One figure. It is painted whole, so that a number that changes moves nothing else."""

    def __init__(self, title: str, tip: str) -> None:
        super().__init__()
        self.title = title
        self.text = TileText()
        self._theme = appearance.LIGHT
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        set_accessible_name(self, formatting.longest(title), tip)

    def show_text(self, text: TileText) -> None:
        """Shows `text`; costs nothing when it is the one shown already."""
        if text != self.text:
            self.text = text
            value = f"{text.value} {formatting.longest(text.unit)}".strip()
            said = [value, formatting.longest(text.first), formatting.longest(text.second)]
            if text.other_model:
                said.append(f"{text.other_title}: {text.other}")
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
        theme, shown = self._theme, self.text
        painter = QPainter(self)
        right = self.width() - 5.0
        y = 9.0
        y = self._line(painter, self.title, self._title_font, theme.muted, y, right)
        big = QFontMetricsF(self._big_font)
        baseline = y + big.ascent() - 1
        margin = self._margin()
        unit_width = QFontMetricsF(self._title_font).horizontalAdvance(formatting.shortest(shown.unit)) + 6
        room = right - margin - (min(unit_width, self.width() / 2) if shown.unit else 0.0)
        painter.setFont(self._fitting(big.horizontalAdvance(shown.value), room))
        x = margin + painter.fontMetrics().horizontalAdvance(shown.value)
        painter.setPen(QColor(theme.text))
        painter.drawText(QPointF(margin, baseline), shown.value)
        painter.setPen(QColor(theme.muted))
        unit = self._set_line_font(painter, shown.unit, self._title_font, right - x - 6)
        painter.drawText(QPointF(x + 6, baseline), unit)
        lines = [(shown.first, theme.muted), (shown.second, theme.bad if shown.alarm else theme.muted)]
        if shown.other_model:
            lines = lines[1:] if shown.alarm else lines[:1]
        y += big.height() - 3
        for text, colour in lines:
            y = self._line(painter, text, self._small_font, colour, y, right)
        if shown.other_model:
            self._other(painter, y, right)
        painter.end()

    def _other(self, painter: QPainter, y: float, right: float) -> None:
        """Paints the other model's figure whole, and as much of its name as there is room for before it."""
        text, metrics = self.text, QFontMetricsF(self._small_font)
        room = right - self._margin() - metrics.horizontalAdvance(f": {text.other}")
        name = text.other_title
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, max(0.0, room)) + ":"
        self._line(painter, shown, self._small_font, self._theme.model_text(text.other_model), y, right)
        painter.setPen(QColor(self._theme.text))
        x = self._margin() + metrics.horizontalAdvance(f"{shown} ")
        painter.drawText(QPointF(x, y + metrics.ascent()), text.other)

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

    def __init__(self, title: str, tip: str) -> None:
        super().__init__()
        self.title = title
        self.value = UNKNOWN
        self.alarm = False
        self._theme = appearance.LIGHT
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        set_accessible_name(self, formatting.longest(title), tip)

    def show_value(self, value: str, alarm: bool = False) -> None:
        """Shows `value`; in red and with an arrow if it is a warning."""
        if (value, alarm) != (self.value, self.alarm):
            self.value, self.alarm = value, alarm
            self.setAccessibleDescription(self.tr("{value}, grows without end").format(value=value) if alarm else value)
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


class Tiles(QWidget):
    """The figures side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.all = {name: Tile(formatting.figure_title(FIGURES[name]), _tip(FIGURES[name])) for name in TILES}
        self.small = {
            name: MiniTile(formatting.figure_title(each, brief=True), _tip(each))
            for name, each in FIGURES.items()
            if each.is_small
        }
        row = QHBoxLayout()
        row.setSpacing(10)
        for tile in self.all.values():
            row.addWidget(tile)
        under = QHBoxLayout()
        under.setSpacing(0)
        for name, small in self.small.items():
            under.addWidget(small, SMALL_WIDTH + len(FIGURES[name].title[0]))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addLayout(row)
        column.addLayout(under)

    def show_small(self, shown: bool) -> None:
        """Shows the small figures, or the tiles alone."""
        for small in self.small.values():
            small.setVisible(shown)

    def show_histories(
        self,
        server: "ServerHistory",
        clients: "ClientHistory | None" = None,
        other: "ServerHistory | None" = None,
        other_clients: "ClientHistory | None" = None,
    ) -> None:
        """Shows what `server` and `clients` know; in each tile's second line what `other` and `other_clients` know of
        the server that runs beside."""
        seen = server.seen(clients)
        beside = None
        if other and other.ready:
            beside = other.seen(other_clients if seen.from_clients else None)
            if beside.from_clients != seen.from_clients:  # measured inside the server, it is no match for the clients'
                beside = replace(beside, latency=None)
        for name, tile in self.all.items():
            tile.show_text(_tile_text(name, seen, beside))
        for name, small in self.small.items():
            small.show_value(_plain(FIGURES[name], seen), FIGURES[name].is_growing(seen))

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        panels: list[Tile | MiniTile] = [*self.all.values(), *self.small.values()]
        for panel in panels:
            panel.set_theme(theme)


def _tip(figure: Figure) -> str:
    tips = [translate("figures", figure.tip), translate("figures", figure.note) if figure.note else ""]
    tips.append(formatting.figure_interval(figure))
    if figure.growth:
        tips.append(translate("tiles", "Red, with an arrow: it has grown all through the last 15 seconds."))
    return " ".join(filter(None, tips))


def _tile_text(name: str, seen: Seen, beside: Seen | None) -> TileText:
    figure, row = FIGURES[name], TILES[name]
    value, unit = formatting.figure(figure, seen) or (UNKNOWN, "")
    (first, _), (second, alarm) = _line(row.first, seen), _line(row.second, seen)
    if unit:
        unit = formatting.variants(*(_translated(text).format(unit=unit) for text in row.unit))
    text = TileText(value, unit, first, second, alarm)
    if beside and beside.ready:
        title = formatting.run_title(beside.ready)
        if seen.ready:
            title = formatting.shortest(formatting.pair_titles((seen.ready, beside.ready))[1])
        text = replace(text, other=_plain(figure, beside), other_model=beside.ready.model, other_title=title)
    return text


def _line(notes: tuple[Note, ...], seen: Seen) -> tuple[str, bool]:
    """What a line says, and whether it is a warning."""
    for note in notes:
        figures = {name: FIGURES[name] for text in note.texts for _, name, *_ in Formatter().parse(text) if name}
        values = {name: formatting.figure_phrase(figure, seen) for name, figure in figures.items()}
        if all(values.values()) and note.when(seen):
            texts = (_translated(text).format(**values) for text in note.texts)
            return formatting.variants(*texts), any(figure.is_alarming(seen) for figure in figures.values())
    return "", False


def _plain(figure: Figure, seen: Seen) -> str:
    """The figure with its unit."""
    return " ".join(filter(None, formatting.figure(figure, seen) or (UNKNOWN,)))


def _translated(text: str) -> str:
    return translate("tiles", text)
