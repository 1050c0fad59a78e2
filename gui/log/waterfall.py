"""The waterfall: a request's time, split into what it went into.

Owns how its parts are drawn and said. Knows nothing of which request is picked.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from engine.lab.parts import RequestPart
from gui import appearance, formatting
from gui.controls import set_accessible_name, wrap_lines
from gui.history.intervals import LaneState
from gui.history.phases import Line, Waterfall, waterfall
from gui.log.words import listed, part_sentence, part_words, total_text
from gui.timeline.legend import state_words, swatch

if TYPE_CHECKING:
    from gui.history.lanes import Lanes
    from gui.history.request_log import LoggedRequest

WORTH_SAYING = 0.005
"""The share of the time from which on a part is worth a word."""
THINNEST = 2.0
"""Pixels of a bar at least."""
WAITING = {RequestPart.ACCEPT_QUEUE, RequestPart.TURN, RequestPart.WORKER}
"""Parts in which the request waited for the server."""
MOST_LINES = 3
"""Lines of a sentence at most."""


class WaterfallView(QWidget):
    """A line a part, each with its bar at its time and its length in words, and a sentence that sums them up."""

    def __init__(self, lanes: "Lanes") -> None:
        super().__init__()
        self._lanes = lanes
        self._theme = appearance.LIGHT
        self.waterfall: Waterfall | None = None
        """What is shown, if anything is."""
        set_accessible_name(
            self,
            self.tr("Waterfall"),
            self.tr("What the request's time went into: what the server did for it, and what it waited for."),
        )
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_lanes(self, lanes: "Lanes") -> None:
        """Looks for the next request's spans in other lanes."""
        self._lanes = lanes

    def show_request(self, row: "LoggedRequest | None") -> None:
        """Shows the request in `row`; None: nothing."""
        self.waterfall = waterfall(self._lanes, row) if row else None
        self.setAccessibleDescription(" ".join(self.sentences()))
        self.updateGeometry()
        self.update()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self._font = appearance.sized(QApplication.font(), appearance.SIZES["small"])
        self.updateGeometry()
        self.update()

    def lines(self) -> tuple[Line, ...]:
        """The parts shown, from top to bottom."""
        return self.waterfall.lines if self.waterfall else ()

    def sentences(self) -> list[str]:
        """What the parts come to, in words."""
        fall = self.waterfall
        if fall is None:
            return []
        parts = fall.row.parts
        said = [self.tr("Took {time} in the server.").format(time=total_text(parts.total, parts.from_arrival))]
        waits = [
            part_sentence(stretch.parts, self._share(stretch.seconds))
            for stretch in parts.stretches
            if WAITING.intersection(stretch.parts) and stretch.seconds >= WORTH_SAYING * parts.total > 0
        ]
        client = fall.seconds(LaneState.BLOCKED_BY_CLIENT)
        if client >= WORTH_SAYING * parts.total > 0:
            waits.append(self.tr("{time} waiting for a slow client").format(time=self._share(client)))
        handled = self._handled(fall.row)
        if waits:
            said.append(self.tr("Of it {pieces}.").format(pieces=listed(waits)))
        elif fall.is_exact and not handled:
            said.append(self.tr("It did not wait."))
        if handled:
            said.append(self.tr("Handling: {pieces}.").format(pieces=listed(handled)))
        if not fall.is_exact:
            said.append(
                self.tr(
                    "How long it waited for a slow client is not known: its spans were not reported, or are no longer"
                    " kept."
                )
            )
        if not parts.from_arrival:
            said.append(self.tr("When its bytes arrived is not known."))
        return said

    def sizeHint(self) -> QSize:
        return QSize(320, self.heightForWidth(max(320, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(max(240, self.width())))

    def heightForWidth(self, width: int) -> int:
        if self.waterfall is None:
            return 0
        said = len(self._wrapped(width)) * QFontMetricsF(self._font).height()
        return round(len(self.lines()) * self._line_height() + said + 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.waterfall is None:
            return
        painter = QPainter(self)
        painter.setFont(self._font)
        metrics, height = QFontMetricsF(self._font), self._line_height()
        names = max(metrics.horizontalAdvance(part_words(line.stretch.parts)) for line in self.lines()) + 14
        times = metrics.horizontalAdvance("9,999 ms") + 12
        area = QRectF(names, 0, max(20.0, self.width() - names - times), len(self.lines()) * height)
        y = 0.0
        for line in self.lines():
            self._paint_bars(painter, self.waterfall, line, area, y, height)
            baseline = y + (height - metrics.height()) / 2 + metrics.ascent()
            painter.setPen(QColor(self._theme.text))
            painter.drawText(QPointF(0, baseline), part_words(line.stretch.parts))
            time = QRectF(area.right(), y, times, height)
            seconds = formatting.duration_text(line.stretch.seconds)
            painter.drawText(time, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, seconds)
            y += height
        painter.setPen(QColor(self._theme.muted))
        y += 6 + metrics.ascent()
        for text in self._wrapped(self.width()):
            painter.drawText(QPointF(0, y), text)
            y += metrics.height()
        painter.end()

    def _paint_bars(
        self, painter: QPainter, fall: Waterfall, line: Line, area: QRectF, top: float, height: float
    ) -> None:
        painter.fillRect(QRectF(area.left(), top + height - 1, area.width(), 1), QColor(self._theme.grid))
        parts = fall.row.parts
        scale = area.width() / max(1e-9, parts.total)
        for bar in sorted(line.bars, key=lambda bar: bar.begin - bar.end):  # the shortest last, to stay in sight
            left = area.left() + (bar.begin - parts.begin) * scale
            width = max(THINNEST, (bar.end - bar.begin) * scale)
            high = height - 9
            place = QRectF(min(left, area.right() - width), top + 4 + high * bar.below, width, high * bar.share)
            swatch(painter, place, bar.state, self._theme)

    def _handled(self, row: "LoggedRequest") -> list[str]:
        """What handling went into, as far as it is known."""
        lasted = row.parts.of(RequestPart.HANDLING)
        if lasted is None or row.computed < 0 or lasted < WORTH_SAYING * row.parts.total:
            return []
        times = {LaneState.COMPUTING: row.computed}
        if row.in_calls >= 0:
            times[LaneState.IN_CALL] = row.in_calls
            times[LaneState.NOT_RUNNING] = lasted - row.computed - row.in_calls
        return [
            f"{formatting.duration_text(seconds)} {state_words(state)}"
            for state, seconds in times.items()
            if seconds >= WORTH_SAYING * lasted
        ]

    def _share(self, seconds: float) -> str:
        """`seconds` as a text, and which share of the time they are."""
        assert self.waterfall
        share = formatting.rounded(100 * seconds / self.waterfall.row.parts.total, 0)
        return self.tr("{time} ({share} %)").format(time=formatting.duration_text(seconds), share=share)

    def _wrapped(self, width: int) -> list[str]:
        return wrap_lines(" ".join(self.sentences()), self._font, float(width), MOST_LINES)

    def _line_height(self) -> float:
        return QFontMetricsF(self._font).height() + 5
