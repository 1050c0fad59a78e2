"""The two curves of the last minute: open connections and requests a second.

Owns how a stretch of one model is drawn. Knows nothing of where the samples come from. One item draws all of a plot
in the screen's pixels: measured, that costs a tenth of an item for each curve, marker and label.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

# Qt's binding is found by pyqtgraph through what is imported already, so PySide6 comes first.
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QStyleOptionGraphicsItem, QVBoxLayout, QWidget

import numpy as np  # isort: skip
import pyqtgraph as pg  # isort: skip
from numpy.typing import NDArray

from gui import theme, words
from gui.controls import Card, named, with_role

if TYPE_CHECKING:
    from gui.record import Segment

SECONDS = 60.0
"""How far back the plots reach."""
TICK_PIXELS = 28
"""How far apart the ticks at the left are at least."""
NICE = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
STROKES = ((-0.5, 0.0), (0.5, 0.0), (0.0, 0.7))
"""A line of width 1 drawn so often, shifted by so many pixels, looks 2 pixels wide at a tenth of the price."""

Floats = NDArray[np.float64]


def nice_top(peak: float, current: float, least: float) -> float:
    """Where an axis that must hold `peak` ends: `current` as long as that fits neither badly nor too loosely."""
    if peak <= 0.84 * current and (peak >= 0.36 * current or current <= least):
        return current
    wanted = max(peak / 0.8, least)
    magnitude = 10.0 ** math.floor(math.log10(wanted))
    return max(least, next(step * magnitude for step in NICE if step * magnitude >= wanted))


def nice_step(top: float, most: float = 5.5) -> float:
    """The distance of an axis's ticks: 1, 2 or 5 times a power of ten; at most `most` of them (2 or more) to `top`."""
    magnitude = 10.0 ** math.floor(math.log10(top))
    return next(step for factor in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if top / (step := factor * magnitude) <= most)


class Curves(pg.GraphicsObject):  # type: ignore[misc]
    """All that a plot shows: each stretch's curve with its fill, the markers and their titles."""

    def __init__(self, empty: str) -> None:
        super().__init__()
        self._empty = empty
        self._look = theme.LIGHT
        self._font = QFont()
        self._top = 1.0
        self._curves: Sequence[tuple[str, Floats, Floats]] = ()
        self._switches: Sequence[tuple[float, str]] = ()

    def show_curves(
        self, top: float, curves: Sequence[tuple[str, Floats, Floats]], switches: Sequence[tuple[float, str]]
    ) -> None:
        """Draws each curve (model, seconds, values) up to `top`, and a marker at each switch (seconds, model)."""
        if top != self._top:
            self.prepareGeometryChange()
            self._top = top
        self._curves, self._switches = curves, switches
        self.update()

    def set_look(self, look: theme.Look) -> None:
        """Draws itself in `look`."""
        self._look = look
        self._font = theme.sized(QApplication.font(), 0.88)
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(-SECONDS, 0.0, SECONDS, self._top)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        to_screen = painter.transform()
        area = to_screen.mapRect(self.boundingRect())
        painter.resetTransform()
        painter.setClipRect(area)
        painter.setFont(self._font)
        if not self._curves:
            painter.setPen(QColor(self._look.muted))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)
            return
        starts = []
        for model, times, values in self._curves:
            across = times * to_screen.m11() + to_screen.dx()
            down = values * to_screen.m22() + to_screen.dy()
            self._paint_curve(painter, model, across, down, area.bottom())
            starts.append((max(area.left(), float(across[0])), model))
        for seconds, model in self._switches:
            across_at = seconds * to_screen.m11() + to_screen.dx()
            painter.setPen(QPen(QColor(self._look.model_line(model)), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(across_at, area.top()), QPointF(across_at, area.bottom()))
        self._paint_titles(painter, starts, area)

    def _paint_curve(self, painter: QPainter, model: str, across: Floats, down: Floats, floor: float) -> None:
        line: QPainterPath = pg.arrayToQPath(across, down)
        ground = QPainterPath(line)
        ground.lineTo(float(across[-1]), floor)
        ground.lineTo(float(across[0]), floor)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillPath(ground, QColor(self._look.model_fill(model)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(QColor(self._look.model_line(model)), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for right, lower in STROKES:
            painter.translate(right, lower)
            painter.drawPath(line)
            painter.translate(-right, -lower)

    def _paint_titles(self, painter: QPainter, starts: list[tuple[float, str]], area: QRectF) -> None:
        """Newest first, each right of its marker as soon as there is room; one that would be overlapped is left out."""
        metrics = QFontMetricsF(self._font)
        limit = area.right()
        for start, model in reversed(starts):
            title = words.model_title(model)
            width = metrics.horizontalAdvance(title)
            left = min(start + 5, area.right() - width - 2)
            if left + width > limit:
                continue
            painter.fillRect(QRectF(left - 2, area.top() + 1, width + 4, metrics.height()), QColor(self._look.panel))
            painter.setPen(QColor(self._look.model_text(model)))
            painter.drawText(QPointF(left, area.top() + metrics.ascent() + 1), title)
            limit = left - 8


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis at the left: few ticks, numbers in the reader's form."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        step = nice_step(maxVal, min(5.5, max(2.0, size / TICK_PIXELS)))
        return [(step, [step * count for count in range(1, int(maxVal / step + 1e-9) + 1)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [words.whole(value) for value in values]


class TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis below: seconds before now."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        return [(10.0, [-50.0, -40.0, -30.0, -20.0, -10.0])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [self.tr("{seconds} s").format(seconds=words.whole(value)) for value in values]


class TimePlot(Card):
    """A title and the curves of one quantity over the last minute."""

    def __init__(self, title: str, tip: str, empty: str, least: float, widest: str) -> None:
        """An axis that ends at `least` or above, with room for a number as long as `widest`."""
        super().__init__()
        self._widest = widest
        self._least = self.top = least
        self.curves: Sequence[tuple[str, Floats, Floats]] = ()
        """What is drawn: for each stretch its model, the seconds before now and the values."""
        self.title = with_role(QLabel(title), "strong")
        named(self, title, tip)
        self._view = pg.PlotWidget(axisItems={"left": ValueAxis("left"), "bottom": TimeAxis("bottom")})
        for widget in (self._view, self._view.viewport()):
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setAccessibleName(title)
        self._item = Curves(empty)
        self.setMinimumHeight(150)
        self._set_up_view()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 10, 6)
        column.setSpacing(2)
        column.addWidget(self.title)
        column.addWidget(self._view)

    def draw(self, curves: Sequence[tuple[str, Floats, Floats]], switches: Sequence[tuple[float, str]]) -> None:
        """Shows these curves now."""
        self.curves = curves
        peak = max((float(values.max()) for _, _, values in curves), default=0.0)
        top = nice_top(peak, self.top, self._least)
        if top != self.top:
            self.top = top
            self._view.setYRange(0, top, padding=0)
        self._item.show_curves(top, curves, switches)

    def set_look(self, look: theme.Look) -> None:
        """Draws itself in `look`."""
        font = theme.sized(QApplication.font(), 0.88)
        self._view.setBackground(look.panel)
        metrics = QFontMetricsF(font)
        for side in ("left", "bottom"):
            axis = self._view.getAxis(side)
            axis.setPen(pg.mkPen(look.grid))
            axis.setTickPen(pg.mkPen(look.grid))
            axis.setTextPen(pg.mkPen(look.muted))
            axis.setTickFont(font)
        self._view.getAxis("left").setWidth(round(metrics.horizontalAdvance(self._widest)) + 8)
        self._view.getAxis("bottom").setHeight(round(metrics.height()) + 8)
        self._item.set_look(look)

    def _set_up_view(self) -> None:
        plot = self._view.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.getViewBox().setMouseEnabled(False, False)
        plot.getViewBox().setDefaultPadding(0)
        plot.disableAutoRange()
        # A translucent grid costs 20 ms an axis; this one is opaque and lies below the curves.
        plot.showGrid(x=False, y=True, alpha=1.0)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setStyle(tickAlpha=255, maxTickLevel=0, tickLength=0)
            axis.setZValue(-1)
        plot.addItem(self._item, ignoreBounds=True)
        plot.setXRange(-SECONDS, 0, padding=0)
        plot.setYRange(0, self.top, padding=0)


class Plots(QWidget):
    """The two plots side by side, on one clock."""

    def __init__(self) -> None:
        super().__init__()
        self.open = TimePlot(
            self.tr("Open connections"),
            self.tr("Clients connected at each moment of the last minute, a colour for each model."),
            self.tr("Start a model and open its page in a browser:\nits connections are drawn here."),
            least=5.0,
            widest="10,000",
        )
        self.rate = TimePlot(
            self.tr("Requests per second"),
            self.tr("Requests answered a second, over the last minute, a colour for each model."),
            self.tr("Start a model and put load on it:\nhow fast it answers is drawn here."),
            least=10.0,
            widest="100,000",
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.open, 1)
        row.addWidget(self.rate, 1)

    def draw(self, segments: "Sequence[Segment]", switches: Sequence[tuple[float, str]]) -> None:
        """Shows these stretches and markers, whose times are relative to now."""
        self.open.draw([(each.model, each.times, each.open) for each in segments], switches)
        self.rate.draw([(each.model, each.times, each.rate) for each in segments], switches)

    def set_look(self, look: theme.Look) -> None:
        """Draws itself in `look`."""
        self.open.set_look(look)
        self.rate.set_look(look)
