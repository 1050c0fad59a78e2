"""A program's text while it runs: the workers on each line, and the share of time that each line takes.

Owns the places of the marks: beside their line where there is room, otherwise in the free part of the line below or
above. Knows nothing of what makes them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QApplication, QToolTip

from gui import appearance, formatting
from gui.glossary import plain_tip
from gui.history.line_profile import COST_SECONDS, LineCost
from gui.source.marks import Mark
from gui.source.view import LEFT, RIGHT, CodeView

GAP = 16.0
"""Pixels between a line's text and its mark."""
PADDING = 9.0
SIGN = 7.0
"""Pixels: the width of a mark's sign, a ring for waiting, a disc for work."""
LEAST_SHARE = 0.005
"""A smaller share has no number."""
SLIVER = 2.5
"""Pixels: the least length of the bar of a line that was run."""

POINTER = 6.0
"""Pixels: the length of a mark's pointer."""
STAYS = 1.0
"""Seconds that a worker is on a line before the text scrolls to it, if no other is in sight."""
MUCH = 0.25
"""The share of the workers' time from which on a line is where the work is."""
EDGE = 3.0
"""Pixels: the height of the edge of a bar, in the model's full colour."""


@dataclass(frozen=True)
class Flag:
    """A mark in its place."""

    mark: Mark
    text: str
    place: QRectF
    below: int
    """The number of rows below its line: 0, 1, or -1 for the row above."""
    beyond: bool = False
    """Whether it is for lines out of sight, below or above."""


class LiveView(CodeView):
    """The text with its workers."""

    connection_picked = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.marks: dict[int, Mark] = {}
        self.costs: dict[int, LineCost] = {}
        self.flags: list[Flag] = []
        self.model = ""
        self._selected = 0
        self.viewport().setMouseTracking(True)

    def show_marks(self, model: str, marks: Sequence[Mark], costs: Mapping[int, LineCost]) -> None:
        """Shows the workers' marks and the cost of each line; line numbers are those of the text shown."""
        shown = {mark.line: mark for mark in marks}
        if (model, shown, costs) != (self.model, self.marks, self.costs):
            self.model, self.marks, self.costs = model, shown, dict(costs)
            said = self.tr("line {line}: {workers}")
            self.setAccessibleDescription(
                "; ".join(said.format(line=mark.line, workers=mark.variants[-1]) for mark in marks)
            )
            self._follow()
            self.update_all()

    def select(self, connection: int) -> None:
        """Sets the selected connection; 0: none."""
        self._selected = connection

    # ---- the margin

    def margin_width(self) -> float:
        return self.digit() * (self.digits() + 8.5)

    def paint_margin(self, painter: QPainter, row: int, place: QRectF) -> None:
        line, digit, theme = row + 1, self.digit(), self.theme
        numbers = QRectF(0, place.top(), digit * (self.digits() + 1), place.height())
        painter.setFont(self.font())
        painter.setPen(QColor(theme.text if line in self.marks else theme.muted))
        painter.drawText(numbers, RIGHT, str(line))
        if costs := self.costs.get(line):
            self._paint_heat(
                painter, costs, QRectF(numbers.right() + digit, place.top() + 2, digit * 6, place.height() - 4)
            )

    def _paint_heat(self, painter: QPainter, costs: LineCost, bar: QRectF) -> None:
        theme = self.theme
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(appearance.mixed(theme.muted, theme.panel, 0.18)))
        painter.drawRect(bar)
        painter.setBrush(QColor(theme.model_bar(self.model)))
        filled = QRectF(bar.left(), bar.top(), max(bar.width() * costs.share, SLIVER), bar.height())
        painter.drawRect(filled)
        painter.setBrush(QColor(theme.model_line(self.model)))
        painter.drawRect(filled.adjusted(0, bar.height() - EDGE, 0, 0))
        if costs.share >= LEAST_SHARE:
            painter.setFont(appearance.sized(self.font(), 0.88))
            painter.setPen(QColor(theme.text))
            number, room = formatting.whole(costs.share * 100), bar.adjusted(0, 0, -4, 0)
            percent = formatting.variants(self.tr("{n} %").format(n=number), number)
            painter.drawText(
                room, RIGHT, painter.fontMetrics().elidedText(percent, Qt.TextElideMode.ElideRight, round(room.width()))
            )

    # ---- the text and its marks

    def background(self, row: int) -> str:
        mark = self.marks.get(row + 1)
        if not mark:
            return ""
        return self.theme.selection if mark.picked else self.theme.model_fill(self.model)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.flags = self._placed()
        for flag in self.flags:
            self._paint_flag(painter, flag)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        flag = self._flag_at(event.position())
        hand = flag is not None and (flag.beyond or bool(flag.mark.connections))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.IBeamCursor)
        super().mouseMoveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        flag = self._flag_at(event.position())
        if flag and event.button() == Qt.MouseButton.LeftButton:
            if flag.beyond:
                self.bring_into_sight(flag.mark.line - 1)
            else:
                self._pick(flag.mark)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.stop_following()
        mark = self.marks.get(self.textCursor().blockNumber() + 1)
        if mark and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._pick(mark)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            flag = self._flag_at(QPointF(event.pos()))
            QToolTip.showText(
                event.globalPos(), plain_tip(self._flag_text(flag)) if flag else self.toolTip(), self.viewport()
            )
            return True
        return super().viewportEvent(event)

    def margin_tip(self, row: int) -> str:
        costs = self.costs.get(row + 1)
        if not costs:
            return super().margin_tip(row)
        said = self.tr("Line {line}: {share} % of all workers' time in the last {seconds} seconds.").format(
            line=row + 1, share=formatting.rounded(costs.share * 100, 1), seconds=formatting.whole(COST_SECONDS)
        )
        if not costs.calls:
            return said
        calls = self.tr("{rate} calls came back, {time} each.")
        return f"{said} {calls.format(rate=formatting.rate(costs.calls), time=formatting.duration_text(costs.took))}"

    def _follow(self) -> None:
        """Scrolls to where most of the work is; or to a worker that waits, if no worker at all is in sight."""
        if self.scrolled or not self.marks:
            return
        working = {line: self.costs[line].share for line in self.marks if self._is_working(line)}
        seen = sum(share for line, share in working.items() if self.is_in_sight(line - 1))
        most = max(working, key=working.__getitem__, default=0)
        if most and working[most] >= MUCH and working[most] > seen:
            self.bring_into_sight(most - 1)
            return
        stay = [mark for mark in self.marks.values() if mark.seconds >= STAYS]
        if stay and not any(self.is_in_sight(mark.line - 1) for mark in self.marks.values()):
            self.bring_into_sight(max(stay, key=lambda mark: mark.seconds).line - 1)

    def _is_working(self, line: int) -> bool:
        cost = self.costs.get(line)
        return cost is not None and not self.marks[line].waits and cost.seconds >= STAYS

    def _pick(self, mark: Mark) -> None:
        """Selects the next connection of the workers on the line, after the selected one."""
        if mark.connections:
            at = mark.connections.index(self._selected) + 1 if self._selected in mark.connections else 0
            self.connection_picked.emit(mark.connections[at % len(mark.connections)])

    def _flag_text(self, flag: "Flag") -> str:
        advice = ""
        if flag.beyond:
            advice = self.tr("Click to see the line.")
        elif flag.mark.connections:
            advice = self.tr("Click to select the connection; again for the next one.")
        return "\n".join(filter(None, (*flag.mark.workers, advice)))

    def _flag_at(self, point: QPointF) -> "Flag | None":
        return next((flag for flag in self.flags if flag.place.contains(point)), None)

    # ---- the places of the marks

    def _placed(self) -> "list[Flag]":
        """The marks in sight in their places, and at the edges those of lines out of sight."""
        marked = {line - 1: mark for line, mark in sorted(self.marks.items())}
        rows = {row: place for row, place in self.rows_in_sight() if self._is_whole(place, 0, 0)}
        beyond = _outside(marked, rows)
        if beyond[0] or beyond[1]:  # their flags take room themselves
            edge = QFontMetricsF(self.font()).lineSpacing() + POINTER + 2
            rows = {
                row: p for row, p in rows.items() if self._is_whole(p, edge * bool(beyond[0]), edge * bool(beyond[1]))
            }
            beyond = _outside(marked, rows)
        here = {row: mark for row, mark in marked.items() if row in rows}
        aligned = max((self.text_end(row) for row, mark in here.items() if self._has_room(row, mark)), default=0.0)
        taken = set(here)
        flags = []
        for row, mark in here.items():
            free = [other for other in (row + 1, row - 1) if other in rows and other not in taken]
            at, text, left = self._spot(row, free, mark, aligned)
            taken.add(at)
            place = QRectF(left, rows[at].top() + 1, self._width(text), rows[at].height() - 2)
            flags.append(Flag(mark, text, place, at - row))
        flags += [self._at_edge(marks, below) for marks, below in zip(beyond, (1, -1), strict=True) if marks]
        return flags

    def _at_edge(self, marks: Sequence[Mark], below: int) -> "Flag":
        """The flag at the upper edge, for lines to which it is `below`, or (-1) at the lower one."""
        said = self.tr("line {line}: {workers}")
        texts = [" · ".join(said.format(line=m.line, workers=m.variants[-1]) for m in marks)]
        if len(marks) == 1:
            texts = [said.format(line=marks[0].line, workers=variant) for variant in marks[0].variants]
        text = next((text for text in texts if self._width(text) <= self._right()), texts[-1])
        high, width = QFontMetricsF(self.font()).lineSpacing(), min(self._width(text), self._right() - 8)
        top = POINTER + 1 if below > 0 else self.viewport().height() - high - POINTER - 1
        return Flag(marks[0], text, QRectF(self._right() - width, top, width, high), below, beyond=True)

    def _is_whole(self, place: QRectF, above: float, under: float) -> bool:
        return above <= place.top() and place.bottom() <= self.viewport().height() - under

    def _spot(self, row: int, free: Sequence[int], mark: Mark, aligned: float) -> tuple[int, str, float]:
        """The row, the text and the left edge of a mark: the longest text that fits, beside its line if it can be."""
        for text in mark.variants:
            width = self._width(text)
            for end in (max(aligned, self.text_end(row)), self.text_end(row)):
                if end + GAP + width <= self._right():
                    return row, text, end + GAP
            for other in free:
                left = max(self.text_end(other) + GAP, min(self.text_end(row), self._right()) - width)
                if left + width <= self._right():
                    return other, text, left
        return row, mark.variants[-1], self._right() - self._width(mark.variants[-1])

    def _has_room(self, row: int, mark: Mark) -> bool:
        return self.text_end(row) + GAP + self._width(mark.variants[0]) <= self._right()

    def _width(self, text: str) -> float:
        return QFontMetricsF(self._small()).horizontalAdvance(text) + SIGN + 2.6 * PADDING

    def _right(self) -> float:
        return self.viewport().width() - 8.0

    def _small(self) -> QFont:
        """The marks' font: the window's own, a little smaller than the text."""
        font = QApplication.font()
        font.setPointSizeF(self.font().pointSizeF() * 0.9)
        return font

    def _paint_flag(self, painter: QPainter, flag: "Flag") -> None:
        theme, place, mark = self.theme, flag.place, flag.mark
        colour = QColor(theme.accent if mark.picked else theme.model_line(self.model))
        painter.setPen(QPen(colour, 2 if mark.picked else 1))
        painter.setBrush(QColor(theme.panel))
        painter.drawRoundedRect(place, place.height() / 2, place.height() / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(_pointer(place, flag.below))
        middle = QPointF(place.left() + PADDING + SIGN / 2, place.center().y())
        painter.setPen(QPen(colour, 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush if mark.waits else colour)
        painter.drawEllipse(middle, SIGN / 2, SIGN / 2)
        painter.setFont(self._small())
        painter.setPen(QColor(theme.text))
        painter.drawText(place.adjusted(1.6 * PADDING + SIGN, 0, 0, 0), LEFT, flag.text)


def _outside(marked: Mapping[int, Mark], rows: Mapping[int, QRectF]) -> tuple[list[Mark], list[Mark]]:
    """The marks of lines above, and of those below the rows in sight."""
    first, last = min(rows, default=0), max(rows, default=-1)
    return [m for row, m in marked.items() if row < first], [m for row, m in marked.items() if row > last]


def _pointer(place: QRectF, below: int) -> QPolygonF:
    """A triangle from a mark to its line: to the left, up if it stands below, or down."""
    if not below:
        middle = place.center().y()
        return QPolygonF([QPointF(place.left() + x, middle + y) for x, y in ((1, -4.5), (1, 4.5), (-POINTER - 1, 0))])
    edge = place.top() if below > 0 else place.bottom()
    left = place.left() + place.height()
    return QPolygonF([QPointF(left + x, edge + y * below) for x, y in ((-5, 1), (5, 1), (0, -POINTER))])
