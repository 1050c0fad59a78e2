"""How the curves of a plot are drawn, with their failures, gaps and titles, and what is read at the mouse.

One item draws all of a plot in the screen's pixels: measured, that costs a tenth of one item for each curve, marker and
label.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

# Qt's binding is found by pyqtgraph through what is imported already, so PySide6 comes first.
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QApplication,
    QStyleOptionGraphicsItem,
    QWidget,
)

import numpy as np  # isort: skip
import pyqtgraph as pg  # isort: skip

from gui import appearance, formatting, plotting
from gui.controls import wrap_lines
from gui.plots.axes import SECONDS
from gui.plots.chart import ChartCurve, ChartData, Floats

if TYPE_CHECKING:
    from gui.history.plot_data import Outage

NEAR = 0.3
"""The most seconds between the mouse and the sample that is read."""
CROSSES = 14.0
"""Pixels between the crosses that mark failed requests."""
SHORTEST_LABEL = 44.0
"""The least width of a label, in pixels; pointing shows its text as well."""
ICON = 16
"""The size of a model's icon, which replaces its title where that has no room, in pixels."""
DASHES = [4.0, 3.0]
"""The dashes of the line of the accept queue."""
BESIDE = [12.0, 5.0]
"""Those of the lines of the model beside the chosen one: colours of two models may look alike."""
BESIDE_SIGN = "– –"
"""Stands before its title."""
OVERLAY = 215
"""The opacity (of 255) of the background of texts below the first row: the curve stays visible, the text readable."""


@dataclass(frozen=True)
class Label:
    """A label at the right of a moment."""

    seconds: float
    text: str
    """May have shorter variants."""
    colour: str
    icon: str = ""
    """Replaces the text where that has no room."""


class Curves(pg.GraphicsObject):  # type: ignore[misc]
    """The content of a plot: each stretch's curve with its fill, the markers, their titles, and the crosshair."""

    def __init__(self, empty: str, reading: Callable[[ChartCurve, int], str], labels_gaps: bool) -> None:
        """`reading` gives the text of a curve's value at an index; `empty` is shown if there is no curve."""
        super().__init__()
        self._empty, self._reading, self._labels_gaps = empty, reading, labels_gaps
        self._theme = appearance.LIGHT
        self._font = QFont()
        self._bottom, self._top = 0.0, 1.0
        self._chart = ChartData()
        self._pointed: float | None = None

    def show_chart(self, bottom: float, top: float, chart: ChartData) -> None:
        """Draws `chart` on an axis from `bottom` to `top`."""
        if (bottom, top) != (self._bottom, self._top):
            self.prepareGeometryChange()
            self._bottom, self._top = bottom, top
        self._chart = chart
        self.update()

    def point_at(self, seconds: float | None) -> None:
        """Sets the crosshair, which is drawn with the next repaint."""
        self._pointed = seconds

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self._font = appearance.sized(QApplication.font(), 0.88)
        self.update()

    def readings(self, seconds: float) -> list[str]:
        """The readings at a moment, in seconds from now: the time, and each value then."""
        when = self.tr("{seconds} s ago").format(seconds=formatting.rounded(-seconds, 1))
        said = []
        for gap in self._chart.gaps:
            if gap.begin <= seconds <= gap.end:
                said.append(self._no_answers(gap))
        for curve in self._chart.curves:
            index = _nearest(curve.times, seconds)
            if index is not None:
                title = formatting.with_mistake(formatting.model_title(curve.model), curve.mistake)
                said += [title, self._reading(curve, index)]
                if curve.waiting is not None:
                    waiting = float(curve.waiting[index])
                    said.append(self.tr("{n} waiting for accept").format(n=formatting.whole(waiting)))
        places = [(values, _nearest(times, seconds)) for times, values in self._chart.failed]
        failed = [float(values[index]) for values, index in places if index is not None]
        if failed:
            said.append(self.tr("failed: {rate}").format(rate=formatting.rate(sum(failed))))
        return [when, *(said or [self.tr("nothing ran")])]

    def boundingRect(self) -> QRectF:
        return QRectF(-SECONDS, self._bottom, SECONDS, self._top - self._bottom)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        to_screen = painter.transform()
        area = to_screen.mapRect(self.boundingRect())
        painter.resetTransform()
        painter.setClipRect(area)
        painter.setFont(self._font)
        chart = self._chart
        if not chart.curves and not chart.gaps and not chart.failed:
            painter.setPen(QColor(self._theme.muted))
            most = max(1, int(area.height() / painter.fontMetrics().height()))
            said = "\n".join(wrap_lines(self._empty, self._font, area.width(), most))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, said)
            return

        def across(times: Floats) -> Floats:
            return times * to_screen.m11() + to_screen.dx()

        def down(values: Floats) -> Floats:
            return values * to_screen.m22() + to_screen.dy()

        for gap in chart.gaps:
            begin, end = across(np.array((gap.begin, gap.end)))
            shade = QRectF(begin, area.top(), max(2.0, end - begin), area.height())
            if chart.is_second:  # the other one may have gone on
                shade.setHeight(area.height() / 2)
                shade.translate(0, area.height() / 2 if gap.is_second else 0)
            painter.fillRect(shade, QColor(self._theme.bad_back if gap.failures else self._theme.calm_back))
        screened = [(curve, across(curve.times)) for curve in chart.curves]
        for curve, x in screened:  # first all fills, so that none hides another's line
            if not curve.is_second:
                self._paint_fill(painter, curve, x, down, area.bottom())
        for curve, x in screened:
            self._paint_lines(painter, curve, x, down)
        for times, values in chart.failed:
            self._paint_failed(painter, across(times), np.minimum(down(values), area.bottom() - 2), area.bottom())
        for seconds, model in chart.switches:
            (x,) = across(np.array((seconds,)))
            painter.setPen(QPen(QColor(self._theme.model_line(model)), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        theme = self._theme
        rows = [chart.begins, chart.is_second] if chart.is_second else [chart.begins]
        for row, begins in enumerate(rows):
            titles = [
                Label(
                    seconds,
                    _beside(name) if row else name,
                    theme.bad if mistake else theme.model_text(model),
                    appearance.model_icon(model),
                )
                for (seconds, model, mistake), name in zip(begins, _names(begins, chart.names[row]), strict=True)
            ]
            self._paint_labels(painter, titles, row, area)
        if self._labels_gaps:
            with_load = [gap for gap in chart.gaps if gap.failures is not None]
            labels = [Label(gap.begin, self._gap_label(gap), theme.bad) for gap in with_load]
            self._paint_labels(painter, labels, len(rows), area)
        if self._pointed is not None:
            self._paint_crosshair(painter, self._pointed * to_screen.m11() + to_screen.dx(), area)

    def _paint_fill(
        self, painter: QPainter, curve: ChartCurve, across: Floats, down: Callable[[Floats], Floats], floor: float
    ) -> None:
        background: QPainterPath = pg.arrayToQPath(across, down(curve.values))
        if curve.upper is None:
            background.lineTo(float(across[-1]), floor)
            background.lineTo(float(across[0]), floor)
        else:
            background.connectPath(pg.arrayToQPath(across[::-1].copy(), down(curve.upper)[::-1].copy()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillPath(background, QColor(self._theme.model_fill(curve.model)))

    def _paint_lines(
        self, painter: QPainter, curve: ChartCurve, across: Floats, down: Callable[[Floats], Floats]
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        pen = QPen(QColor(self._theme.model_line(curve.model)), 1)
        if curve.is_second:
            pen.setDashPattern(BESIDE)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if curve.upper is not None:
            painter.drawPath(pg.arrayToQPath(across, down(curve.upper)))
        plotting.draw_line(painter, pg.arrayToQPath(across, down(curve.values)))
        if curve.waiting is not None:
            pen.setColor(QColor(self._theme.model_text(curve.model)))
            pen.setDashPattern(DASHES)
            painter.setPen(pen)
            known = np.isfinite(curve.waiting)
            path = pg.arrayToQPath(across[known], down(curve.waiting[known]))
            plotting.draw_line(painter, path, thick=False)

    def _paint_failed(self, painter: QPainter, across: Floats, down: Floats, floor: float) -> None:
        """A red curve, with crosses at its foot, so that it differs in shape as well."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(QColor(self._theme.bad), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(pg.arrayToQPath(across, down))
        painter.setPen(QPen(QColor(self._theme.bad), 1.6))
        for x in np.arange(across[0], across[-1] + 1, CROSSES):
            for lean in (-3, 3):
                painter.drawLine(QPointF(x - lean, floor - 9), QPointF(x + lean, floor - 3))

    def _paint_labels(self, painter: QPainter, labels: Sequence[Label], row: int, area: QRectF) -> None:
        """Paints the newest first, each as long as there is room before the next one's moment."""
        metrics = QFontMetricsF(self._font)
        top = area.top() + 1 + row * metrics.height()
        limit = area.right()

        def moment(label: Label) -> float:
            return max(area.left(), area.right() + label.seconds * area.width() / SECONDS) + 5

        def least(label: Label) -> float:
            return ICON if label.icon else metrics.horizontalAdvance(formatting.shortest(label.text))

        for label in reversed(labels):
            left = moment(label)
            if label is labels[-1]:  # it may begin before its moment, but leaves room for the one before
                before = moment(labels[-2]) + least(labels[-2]) + 12 if labels[1:] else area.left() + 5
                wanted = metrics.horizontalAdvance(formatting.longest(label.text)) + 2
                left = min(left, max(limit - wanted, before), limit - least(label) - 2)
            room = limit - left
            whole = metrics.horizontalAdvance(formatting.shortest(label.text))
            if room >= (whole if label.icon else min(SHORTEST_LABEL, whole)):  # half a title could be another model's
                shown = metrics.elidedText(label.text, Qt.TextElideMode.ElideRight, room)
                back = QRectF(left - 2, top, metrics.horizontalAdvance(shown) + 4, metrics.height())
                painter.fillRect(back, self._overlay() if row else QColor(self._theme.panel))
                painter.setPen(QColor(label.colour))
                painter.drawText(QPointF(left, top + metrics.ascent()), shown)
            elif label.icon and room >= ICON:
                icon = appearance.icon(label.icon, label.colour)
                icon.paint(painter, round(left), round(top), ICON, ICON)
            limit = min(limit, left - 7)

    def _overlay(self) -> QColor:
        background = QColor(self._theme.panel)
        background.setAlpha(OVERLAY)
        return background

    def _no_answers(self, gap: "Outage") -> str:
        said = self.tr("no answers: {gap}").format(gap=formatting.longest(_gap_words(gap)))
        return f"{formatting.model_title(gap.model)}, {said}" if self._chart.is_second else said

    def _gap_label(self, gap: "Outage") -> str:
        said = _gap_words(gap)
        if not self._chart.is_second:
            return said
        return formatting.variants(
            f"{formatting.model_title(gap.model)}: {formatting.longest(said)}", formatting.shortest(said)
        )

    def _paint_crosshair(self, painter: QPainter, x: float, area: QRectF) -> None:
        theme, metrics = self._theme, QFontMetricsF(self._font)
        assert self._pointed is not None
        lines = self.readings(self._pointed)
        painter.setPen(QPen(QColor(theme.muted), 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        width = max(metrics.horizontalAdvance(line) for line in lines) + 16
        box = QRectF(0, area.top() + 4, min(width, area.width()), metrics.height() * len(lines) + 10)
        box.moveLeft(x + 8 if x + 8 + box.width() <= area.right() else max(area.left(), x - 8 - box.width()))
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(QColor(theme.panel))
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(QColor(theme.text))
        baseline = box.top() + 5 + metrics.ascent()
        for number, line in enumerate(lines):
            shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, box.width() - 16)
            painter.drawText(QPointF(box.left() + 8, baseline + number * metrics.height()), shown)


def _names(begins: Sequence[tuple[float, str, str]], newest: str) -> list[str]:
    """What each run is called; the newest has a name of its own, if that is not empty."""
    names = [formatting.marked_title(model, mistake) for _, model, mistake in begins]
    return [*names[:-1], newest or names[-1]] if names else []


def _beside(name: str) -> str:
    """The name of a run beside the chosen one, in variants."""
    return formatting.variants(*(f"{BESIDE_SIGN} {each}" for each in formatting.all_variants(name)))


def _nearest(times: Floats, seconds: float) -> int | None:
    """The index of the sample at `seconds`, if there is one near."""
    index = int(np.abs(times - seconds).argmin())
    return index if abs(times[index] - seconds) <= NEAR else None


def _gap_words(gap: "Outage") -> str:
    """As in `240 ms, 18 refused`, or shorter."""
    time, failures = formatting.duration_text(gap.end - gap.begin), formatting.failures(gap.failures or {})
    return formatting.variants(f"{time}, {failures}", time) if failures else time
