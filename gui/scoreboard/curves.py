"""Latency by percentile: a curve for each row of the scoreboard, both axes logarithmic.

Owns how the curves are drawn and labelled. Knows nothing of which rows they belong to. One item draws all of it in the
screen's pixels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# Qt's binding is found by pyqtgraph through what is imported already, so PySide6 comes first.
from PySide6.QtCore import QLocale, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QStyleOptionGraphicsItem, QVBoxLayout, QWidget

import pyqtgraph as pg  # isort: skip

from gui import appearance, formatting, plotting
from gui.controls import Elided, set_accessible_name, set_role

TICKS = (99.0, 90.0, 99.9, 99.99, 50.0, 99.999)
"""The percentiles to be named, the most important first: where there is little room the others are left out."""
LEAST_ACROSS, MOST_ACROSS = 2.0, 5.0
"""The bounds of the end of the percentile axis: 99 % and 99.999 %."""
SHORTEST = 1e-6
"""Seconds: the resolution of the histogram."""
STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
MOST_LABEL = 0.4
"""The part of the plot's width that labels may take."""
LEAST_LABEL = 120
"""Pixels that labels need at least; below, only the models' pictures are shown."""
LEADER = 14
"""Pixels between a curve and its label."""


@dataclass(frozen=True, slots=True)
class PercentileCurve:
    """One row's latencies."""

    label: str
    model: str
    points: Sequence[tuple[float, float]]
    """Percentile, from 0 to less than 100, and seconds, both rising."""
    strong: bool = True
    """False: it is drawn paler, behind others."""
    style: int = 0
    """0 for the first curve of its colour, also in another shade, 1 for the next …: each has its own line style."""


def across(percentile: float) -> float:
    """Where a percentile lies on its axis: 1 for 90, 2 for 99, 3 for 99.9 …"""
    return min(MOST_ACROSS, -math.log10(1 - percentile / 100))


def up(seconds: float) -> float:
    """Where a latency lies on its axis: 0 for a millisecond, 1 for ten …"""
    return math.log10(max(SHORTEST, seconds) * 1000)


class PercentilePlot(QWidget):
    """A title and the curves."""

    def __init__(self) -> None:
        super().__init__()
        self.curves: Sequence[PercentileCurve] = ()
        """What is drawn."""
        name = self.tr("Latency by percentile")
        self.title = set_role(Elided(), "strong")
        self.title.setText(name)
        self.note = set_role(QLabel(), "small", muted=True)
        set_accessible_name(
            self,
            name,
            self.tr(
                "How long requests took, as the clients saw it: at 99 % one in a hundred took longer. Both axes are"
                " logarithmic: the further right, the rarer."
            ),
        )
        self._view = pg.PlotWidget(
            axisItems={"left": _LatencyAxis("left"), "bottom": _PercentileAxis()}, enableMenu=False
        )
        for widget in (self._view, self._view.viewport()):
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setAccessibleName(name)
        self._item = _Lines()
        self._set_up_view()
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.note)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self._view, 1)
        self.setMinimumSize(230, 120)

    def draw(self, curves: Sequence[PercentileCurve], note: str) -> None:
        """Shows these curves, and beside the title what there is to note about them."""
        self.note.setText(note)
        self._make_room()
        if curves != self.curves:
            self.curves = curves
            self._range()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        font = appearance.sized(QApplication.font(), appearance.SIZES["note"])
        metrics = QFontMetricsF(font)
        plotting.apply_theme(self._view, theme, font)
        self._view.getAxis("left").setWidth(round(metrics.horizontalAdvance(formatting.round_duration(0.888))) + 8)
        self._view.getAxis("bottom").metrics = metrics
        self._view.getAxis("bottom").setHeight(round(metrics.height()) + 8)
        self._item.apply_theme(theme, appearance.sized(QApplication.font(), appearance.SIZES["note"], bold=True))
        self._range()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """The note is left out where title and note do not fit side by side."""
        self.note.setVisible(self.title.sizeHint().width() + self.note.sizeHint().width() + 20 <= self.width())

    def _range(self) -> None:
        """Sets the axes to hold all curves, with their labels on the right."""
        ends = [across(percentile) for curve in self.curves for percentile, _ in curve.points]
        heights = [up(seconds) for curve in self.curves for _, seconds in curve.points]
        last = max([LEAST_ACROSS, *ends])
        low, high = (min(heights), max(heights)) if heights else (0.0, 2.0)
        spare = max(0.06 * (high - low), (1.0 - (high - low)) / 2)
        width = max(1.0, self._plot.getViewBox().width())
        label = self._item.label_width(self.curves, MOST_LABEL * width)
        self._plot.getAxis("bottom").last = last + 1e-6
        self._plot.setXRange(0.0, last * width / (width - label), padding=0)
        self._plot.setYRange(low - spare, high + spare, padding=0)
        self._item.show_curves(self.curves, last, QRectF(0.0, low - spare, last * 2, high - low + 2 * spare))

    def _set_up_view(self) -> None:
        self._plot = plot = self._view.getPlotItem()
        plotting.prepare(plot, self._item, vertical_grid=True)
        plot.getViewBox().sigResized.connect(self._range)


class _Lines(pg.GraphicsObject):  # type: ignore[misc]
    """All curves with their labels."""

    def __init__(self) -> None:
        super().__init__()
        self._curves: Sequence[PercentileCurve] = ()
        self._last = LEAST_ACROSS
        self._bounds = QRectF(0, 0, 1, 1)
        self.apply_theme(appearance.LIGHT, QFont())

    def apply_theme(self, theme: appearance.Theme, font: QFont) -> None:
        """Draws in `theme`, with labels in `font`."""
        self._theme, self._font = theme, font
        self.update()

    def label_width(self, curves: Sequence[PercentileCurve], most: float) -> float:
        """Pixels that labels take right of the curves, of at most `most`."""
        metrics = QFontMetricsF(self._font)
        side = LEADER + metrics.height() + 8
        text = max((metrics.horizontalAdvance(curve.label) for curve in curves), default=0.0)
        return min(side + text, most) if most >= LEAST_LABEL else side

    def show_curves(self, curves: Sequence[PercentileCurve], last: float, bounds: QRectF) -> None:
        """Draws these curves, whose axis ends at `last`, inside of `bounds`."""
        self.prepareGeometryChange()
        self._curves, self._last, self._bounds = curves, last, bounds
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        to_screen = painter.transform()
        area = to_screen.mapRect(self.getViewBox().viewRect())
        painter.resetTransform()
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ends = []
        for curve in sorted(self._curves, key=lambda curve: curve.strong):
            places = [to_screen.map(QPointF(across(percentile), up(seconds))) for percentile, seconds in curve.points]
            if places:
                path = QPainterPath(places[0])
                for place in places[1:]:
                    path.lineTo(place)
                self._paint_line(painter, curve, path)
                ends.append((places[-1], curve))
        edge = to_screen.map(QPointF(self._last, 0.0)).x()
        self._paint_labels(painter, ends, edge, area)

    def _paint_line(self, painter: QPainter, curve: PercentileCurve, path: QPainterPath) -> None:
        painter.setPen(QPen(QColor(self._line_colour(curve)), 1, STYLES[curve.style % len(STYLES)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        plotting.draw_line(painter, path, thick=curve.strong)

    def _paint_labels(
        self, painter: QPainter, ends: list[tuple[QPointF, PercentileCurve]], edge: float, area: QRectF
    ) -> None:
        """Right of the curves in the order of their ends, none over another, each joined to its curve by a line."""
        metrics = QFontMetricsF(self._font)
        height = metrics.height()
        room = max(1, int(area.height() / height))
        shown = sorted(sorted(ends, key=lambda end: not end[1].strong)[:room], key=lambda end: end[0].y())
        places = spread([end.y() - height / 2 for end, _ in shown], height, area.top(), area.bottom())
        painter.setFont(self._font)
        for (end, curve), top in zip(shown, places, strict=True):
            painter.setPen(QPen(QColor(self._line_colour(curve)), 1, Qt.PenStyle.DotLine))
            painter.drawLine(end, QPointF(edge, end.y()))
            painter.drawLine(QPointF(edge, end.y()), QPointF(edge + LEADER - 3, top + height / 2))
            icon = appearance.icon(appearance.model_icon(curve.model), self._line_colour(curve))
            icon.paint(painter, QRectF(edge + LEADER, top + 0.1 * height, 0.8 * height, 0.8 * height).toRect())
            left = edge + LEADER + height + 2
            painter.setPen(QColor(self._theme.model_text(curve.model) if curve.strong else self._theme.muted))
            label = metrics.elidedText(curve.label, Qt.TextElideMode.ElideRight, area.right() - left)
            if len(label) > 1:
                painter.drawText(QPointF(left, top + metrics.ascent()), label)

    def _line_colour(self, curve: PercentileCurve) -> str:
        line = self._theme.model_line(curve.model)
        return line if curve.strong else appearance.mixed(line, self._theme.panel, 0.4)


def spread(tops: Sequence[float], height: float, least: float, most: float) -> list[float]:
    """Where labels of a height go that should be at `tops` (rising): as near as they can without overlapping."""
    places: list[float] = []
    for top in tops:
        places.append(max(top, places[-1] + height if places else least))
    limit = most
    for index in reversed(range(len(places))):
        places[index] = min(places[index], limit - height)
        limit = places[index]
    return places


class _LatencyAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis at the left: latencies, each decade and where there is room 2 and 5 times it."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        decades = range(math.floor(minVal), math.ceil(maxVal) + 1)
        roomy = size / max(0.1, maxVal - minVal) > 110
        factors = (1, 2, 5) if roomy else (1,)
        ticks = [decade + math.log10(factor) for decade in decades for factor in factors]
        return [(1.0, [tick for tick in ticks if minVal <= tick <= maxVal])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [formatting.round_duration(10**value / 1000) for value in values]


class _PercentileAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis below: percentiles, as far apart as what is left above them."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.last = LEAST_ACROSS
        """Where the curves end."""
        self.metrics = QFontMetricsF(QApplication.font())
        """Of the font in which the percentiles are named."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        pixel = (maxVal - minVal) / max(1.0, size)
        kept: list[tuple[float, float]] = []
        for tick in TICKS:
            at, half = across(tick), (self.metrics.horizontalAdvance(_percent(tick)) / 2 + 4) * pixel
            if half <= at <= self.last and all(abs(at - other) >= half + other_half for other, other_half in kept):
                kept.append((at, half))
        return [(1.0, sorted(at for at, _ in kept))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        names = {across(tick): tick for tick in TICKS}
        return [_percent(names[value]) for value in values]


def _percent(tick: float) -> str:
    return f"{QLocale().toString(tick, 'g', 6)} %"
