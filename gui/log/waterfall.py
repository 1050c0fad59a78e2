"""The waterfall: a request's time, split into what it went into.

Owns how phases are drawn and said. Knows nothing of which request is picked.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from gui import appearance, formatting
from gui.controls import set_accessible_name, wrap_lines
from gui.history.intervals import LaneState
from gui.history.phases import Phase, Waterfall, waterfall
from gui.timeline.legend import swatch

if TYPE_CHECKING:
    from gui.history.lanes import Lanes
    from gui.history.request_log import LoggedRequest

DRAWN_AS = {
    Phase.ACCEPTED: LaneState.ACCEPTING,
    Phase.FIRST_BYTE: LaneState.WAITING,
    Phase.TURN: LaneState.RUNNABLE,
    Phase.READ: LaneState.READING,
    Phase.REST: LaneState.BLOCKED_BY_CLIENT,
    Phase.HANDLED: LaneState.HANDLING,
    Phase.WRITTEN: LaneState.WRITING,
    Phase.READER: LaneState.BLOCKED_BY_CLIENT,
    Phase.COMING: LaneState.READING,
    Phase.ANSWERING: LaneState.HANDLING,
}
LEAD = 0.08
"""The part of the width that the wait for the first byte takes, however long it was."""
THINNEST = 2.0
"""Pixels of a bar at least."""
MOST_LINES = 3
"""Lines of a sentence at most."""


class WaterfallView(QWidget):
    """A line a phase, each with its bar at its time and its length in words, and a sentence that sums them up."""

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

    def lines(self) -> list[tuple[Phase, float]]:
        """The phases shown, from top to bottom, and how many seconds each took."""
        if self.waterfall is None:
            return []
        phases = dict.fromkeys(bar.phase for bar in self.waterfall.bars)
        return [(phase, self.waterfall.seconds(phase)) for phase in phases]

    def sentences(self) -> list[str]:
        """What the phases come to, in words."""
        fall = self.waterfall
        if fall is None:
            return []
        total = fall.took
        said = [self.tr("Took {time} in the server.").format(time=formatting.duration_text(total))]
        if not fall.is_exact:
            return [
                *said,
                self.tr("Its spans were not reported, or are no longer kept: only the log's times are known."),
            ]
        others, client = fall.seconds(Phase.TURN), fall.seconds(Phase.REST, Phase.READER)
        for seconds, text in (
            (others, self.tr("{time} ({share} %) of it was waiting for its turn.")),
            (client, self.tr("{time} ({share} %) of it was waiting for a slow client.")),
            (fall.unexplained, self.tr("{time} ({share} %) is not explained by any span.")),
        ):
            if seconds >= 0.005 * total:
                share = formatting.rounded(100 * seconds / total, 0)
                said.append(text.format(time=formatting.duration_text(seconds), share=share))
        if len(said) == 1:
            said.append(self.tr("It did not wait."))
        if any(bar.phase is Phase.ACCEPTED for bar in fall.bars):
            said.append(self.tr("How long it was in the kernel's accept queue is not known."))
        return said

    def phase_words(self, phase: Phase) -> str:
        """What the phase is called."""
        return {
            Phase.ACCEPTED: self.tr("accepted"),
            Phase.FIRST_BYTE: self.tr("first byte waited for"),
            Phase.TURN: self.tr("turn waited for"),
            Phase.READ: self.tr("read"),
            Phase.REST: self.tr("rest of the request waited for"),
            Phase.HANDLED: self.tr("handled"),
            Phase.WRITTEN: self.tr("written"),
            Phase.READER: self.tr("client's reading waited for"),
            Phase.COMING: self.tr("read and waited for"),
            Phase.ANSWERING: self.tr("handled and written"),
        }[phase]

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
        names = max(metrics.horizontalAdvance(self.phase_words(phase)) for phase, _ in self.lines()) + 14
        times = metrics.horizontalAdvance("9,999 ms") + 12
        area = QRectF(names, 0, max(20.0, self.width() - names - times), len(self.lines()) * height)
        y = 0.0
        for phase, seconds in self.lines():
            self._paint_bars(painter, self.waterfall, phase, area, y, height)
            baseline = y + (height - metrics.height()) / 2 + metrics.ascent()
            painter.setPen(QColor(self._theme.text))
            painter.drawText(QPointF(0, baseline), self.phase_words(phase))
            time = QRectF(area.right(), y, times, height)
            painter.drawText(
                time, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, formatting.duration_text(seconds)
            )
            y += height
        painter.setPen(QColor(self._theme.muted))
        y += 6 + metrics.ascent()
        for line in self._wrapped(self.width()):
            painter.drawText(QPointF(0, y), line)
            y += metrics.height()
        painter.end()

    def _paint_bars(
        self, painter: QPainter, fall: Waterfall, phase: Phase, area: QRectF, top: float, height: float
    ) -> None:
        state = DRAWN_AS[phase]
        painter.fillRect(QRectF(area.left(), top + height - 1, area.width(), 1), QColor(self._theme.grid))
        silent, spoke = fall.silence
        lead = LEAD * area.width() if spoke > silent else 0.0
        scale = (area.width() - lead) / max(1e-9, fall.took)

        def across(moment: float) -> float:
            return area.left() + fall.offset(moment) * scale + (lead if moment >= spoke else 0.0)

        if phase is Phase.FIRST_BYTE:
            swatch(painter, QRectF(across(silent), top + 4, lead, height - 9), state, self._theme)
            return
        for bar in fall.bars:
            if bar.phase is phase:
                left = across(bar.begin)
                width = max(THINNEST, across(bar.end) - left)
                place = QRectF(min(left, area.right() - width), top + 4, width, height - 9)
                swatch(painter, place, state, self._theme)

    def _wrapped(self, width: int) -> list[str]:
        return wrap_lines(" ".join(self.sentences()), self._font, float(width), MOST_LINES)

    def _line_height(self) -> float:
        return QFontMetricsF(self._font).height() + 5
