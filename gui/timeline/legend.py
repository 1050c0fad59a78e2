"""What the colours and the hatching of the lanes mean.

Owns the words for the states. Knows nothing of what goes on in any lane.
"""

from functools import lru_cache

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

import numpy as np  # isort: skip

from gui import appearance
from gui.controls import set_accessible_name
from gui.history.intervals import LaneState
from gui.timeline import raster

translate = QCoreApplication.translate
PITCH = 8
"""Pixels between stripes."""
FAINT = {
    LaneState.WAITING: 0.1,
    LaneState.IN_CALL: 0.22,
    LaneState.NOT_RUNNING: 0.16,
    LaneState.BLOCKED_BY_CLIENT: 0.18,
    LaneState.NOT_KNOWN: 0.0,
    LaneState.FREE: 0.3,
}
"""How much there is of a state's colour between its stripes."""


def state_words(state: LaneState) -> str:
    """What the state is called."""
    return {
        LaneState.WAITING: translate("states", "waiting for the client"),
        LaneState.ACCEPTING: translate("states", "accepting"),
        LaneState.READING: translate("states", "reading"),
        LaneState.HANDLING: translate("states", "handling"),
        LaneState.COMPUTING: translate("states", "computing"),
        LaneState.IN_CALL: translate("states", "waiting in a call"),
        LaneState.NOT_RUNNING: translate("states", "not running"),
        LaneState.WRITING: translate("states", "writing"),
        LaneState.RUNNABLE: translate("states", "ready, waiting for its turn"),
        LaneState.BLOCKED_BY_CLIENT: translate("states", "blocked by a slow client"),
        LaneState.NOT_KNOWN: translate("states", "not known yet"),
        LaneState.FREE: translate("states", "free: no client to serve"),
    }[state]


def call_words(state: LaneState) -> str:
    """The call that is drawn as this state where it is not known whether workers wait in their calls."""
    return {
        LaneState.WAITING: "wait()",
        LaneState.ACCEPTING: "accept()",
        LaneState.READING: "recv()",
        LaneState.WRITING: "send()",
    }.get(state, state_words(state))


def swatch(painter: QPainter, area: QRectF, state: LaneState, theme: appearance.Theme) -> None:
    """Paints the state as it is seen in a lane."""
    tile = raster.hatching(PITCH, PITCH, PITCH) + np.uint8(raster.BEHIND.get(state, state))
    image = QImage(tile.data, PITCH, PITCH, PITCH, QImage.Format.Format_Indexed8)
    image.setColorTable(colour_table(theme))
    painter.setBrushOrigin(area.topLeft())
    painter.fillRect(area, QBrush(image.convertToFormat(QImage.Format.Format_RGB32)))


@lru_cache(maxsize=4)
def colour_table(theme: appearance.Theme) -> list[int]:
    """The colour of each of the raster's pixels."""
    colours = {state: theme.state_colour(state.name.lower()) for state in LaneState}
    table = raster.colours(
        colours, theme.panel, theme.grid, theme.selection, {state: faint(state, theme) for state in FAINT}
    )
    return [QColor(colour).rgb() for colour in table]


def faint(state: LaneState, theme: appearance.Theme) -> str:
    """The colour between the stripes of a state that is hatched."""
    return appearance.mixed(theme.state_colour(state.name.lower()), theme.panel, FAINT[state])


class Legend(QWidget):
    """A swatch and a name for each state, in as many lines as they need."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = appearance.LIGHT
        set_accessible_name(self, self.tr("Legend"), self.tr("A band lower than its lane took only part of the time."))
        self.setAccessibleDescription(", ".join(map(state_words, LaneState)))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self._fit()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, self._height(max(self.width(), 400)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(appearance.sized(QApplication.font(), appearance.SIZES["small"]))
        metrics = QFontMetricsF(painter.font())
        side = metrics.height() * 0.72
        for state, place in self._places(self.width()):
            area = QRectF(place.x(), place.y() + (metrics.height() - side) / 2, side, side)
            swatch(painter, area, state, self._theme)
            painter.setPen(QColor(self._theme.text))
            painter.drawText(QPointF(area.right() + 6, place.y() + metrics.ascent()), state_words(state))
        painter.end()

    def _places(self, width: float) -> list[tuple[LaneState, QPointF]]:
        metrics = QFontMetricsF(appearance.sized(QApplication.font(), appearance.SIZES["small"]))
        places, x, y = [], 0.0, 1.0
        for state in LaneState:
            wanted = metrics.height() * 0.72 + 6 + metrics.horizontalAdvance(state_words(state))
            if x and x + wanted > width:
                x, y = 0.0, y + metrics.height() + 3
            places.append((state, QPointF(x, y)))
            x += wanted + 18
        return places

    def _height(self, width: float) -> int:
        metrics = QFontMetricsF(appearance.sized(QApplication.font(), appearance.SIZES["small"]))
        return round(self._places(width)[-1][1].y() + metrics.height() + 3)

    def _fit(self) -> None:
        self.setFixedHeight(self._height(self.width()))
