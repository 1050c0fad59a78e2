"""What the colours and the hatching of the lanes mean.

Owns the words for the states. Knows nothing of what goes on in any lane.
"""

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from gui import theme
from gui.controls import named
from gui.records.intervals import State

translate = QCoreApplication.translate
HATCHED = {State.WAITING: Qt.BrushStyle.BDiagPattern, State.BLOCKED_BY_CLIENT: Qt.BrushStyle.FDiagPattern}


def state_words(state: State) -> str:
    """What the state is called."""
    return {
        State.WAITING: translate("states", "waiting for the client"),
        State.ACCEPTING: translate("states", "accepting"),
        State.READING: translate("states", "reading"),
        State.HANDLING: translate("states", "handling"),
        State.WRITING: translate("states", "writing"),
        State.RUNNABLE: translate("states", "ready, waiting for its turn"),
        State.BLOCKED_BY_CLIENT: translate("states", "held by a slow client"),
    }[state]


def call_words(state: State) -> str:
    """The call that is drawn as this state where it is not known whether workers wait in their calls."""
    return {State.WAITING: "wait()", State.ACCEPTING: "accept()", State.READING: "recv()", State.WRITING: "send()"}.get(
        state, state_words(state)
    )


def swatch(painter: QPainter, area: QRectF, state: State, look: theme.Look) -> None:
    """Paints the state as it is seen in a lane."""
    ink = QColor(look.state_ink(state.name.lower()))
    if state in HATCHED:
        painter.fillRect(area, QColor(faint(state, look)))
        painter.fillRect(area, QBrush(ink, HATCHED[state]))
    else:
        painter.fillRect(area, ink)


def faint(state: State, look: theme.Look) -> str:
    """The colour between the stripes of a state that is hatched."""
    return theme.mixed(
        look.state_ink(state.name.lower()), look.panel, 0.18 if state is State.BLOCKED_BY_CLIENT else 0.1
    )


class Legend(QWidget):
    """A swatch and a name for each state, in as many lines as they need."""

    def __init__(self) -> None:
        super().__init__()
        self._look = theme.LIGHT
        named(self, self.tr("Legend"), self.tr("A band that is not as high as its lane: it took a part of the time."))
        self.setAccessibleDescription(", ".join(map(state_words, State)))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_look(self, look: theme.Look) -> None:
        """Draws itself in `look`."""
        self._look = look
        self._fit()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, self._height(max(self.width(), 400)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.sized(QApplication.font(), theme.SIZES["small"]))
        metrics = QFontMetricsF(painter.font())
        side = metrics.height() * 0.72
        for state, place in self._places(self.width()):
            area = QRectF(place.x(), place.y() + (metrics.height() - side) / 2, side, side)
            swatch(painter, area, state, self._look)
            painter.setPen(QColor(self._look.text))
            painter.drawText(QPointF(area.right() + 6, place.y() + metrics.ascent()), state_words(state))
        painter.end()

    def _places(self, width: float) -> list[tuple[State, QPointF]]:
        metrics = QFontMetricsF(theme.sized(QApplication.font(), theme.SIZES["small"]))
        places, x, y = [], 0.0, 1.0
        for state in State:
            wanted = metrics.height() * 0.72 + 6 + metrics.horizontalAdvance(state_words(state))
            if x and x + wanted > width:
                x, y = 0.0, y + metrics.height() + 3
            places.append((state, QPointF(x, y)))
            x += wanted + 18
        return places

    def _height(self, width: float) -> int:
        metrics = QFontMetricsF(theme.sized(QApplication.font(), theme.SIZES["small"]))
        return round(self._places(width)[-1][1].y() + metrics.height() + 3)

    def _fit(self) -> None:
        self.setFixedHeight(self._height(self.width()))
