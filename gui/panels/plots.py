"""The curves of the last minute: open connections, requests a second, and latency.

Owns how a stretch of one model is drawn, and the readings at the mouse. Knows nothing of where the samples come from.
One item draws all of a plot in the screen's pixels: measured, that costs a tenth of one item for each curve, marker and
label.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

# Qt's binding is found by pyqtgraph through what is imported already, so PySide6 comes first.
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QStyleOptionGraphicsItem,
    QVBoxLayout,
    QWidget,
)

import numpy as np  # isort: skip
import pyqtgraph as pg  # isort: skip
from numpy.typing import NDArray

from gui import appearance, formatting, plotting
from gui.controls import Card, Elided, set_accessible_name, set_role, wrap_lines
from gui.shares import SharesCard, TitleMenu

if TYPE_CHECKING:
    from gui.history.histories import RunHistory
    from gui.history.plot_data import Outage, PlotData

SECONDS = 60.0
"""The time shown."""
TICK_PIXELS = 28
"""The least distance between ticks at the left."""
FEW_DECADES = 2.9
"""An axis with fewer decades has ticks at 1 and 3, not only at 1."""
TIME_PIXELS = 300
"""The least width of a time axis with a tick every ten seconds."""
LABEL_GAP = 8
"""The least distance between two labels of the time axis, in pixels."""
FEW_TIME_PIXELS = 150
"""Up to this width there is one tick only."""
NICE = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
HOVER_MS = 33
"""Milliseconds until a frozen picture follows the mouse; a live one does with its next frame."""
NEAR = 0.3
"""The most seconds between the mouse and the sample that is read."""
FAILED_TO_PEAK = 2.0
"""The most that the curve of failed requests raises the axis above all other curves, as a factor."""
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

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ChartCurve:
    """One line in its model's colour, filled down to zero, or up to a second one above it."""

    model: str
    times: Floats
    values: Floats
    upper: Floats | None = None
    waiting: Floats | None = None
    """The number of connections in the accept queue, a dashed line of its own."""
    bound: Floats | None = None
    """Values from here on are lower bounds."""
    is_second: bool = False
    """Whether it is of the run beside the chosen one: dashed, and not filled."""
    mistake: str = ""
    """The key of the mistake that the model was run with; empty: none."""


@dataclass(frozen=True)
class ChartData:
    """The data of one plot; values as on its axis, times relative to now."""

    curves: "Sequence[ChartCurve]" = ()
    failed: Sequence[tuple[Floats, Floats]] = ()
    """Times and values of the red curves."""
    begins: Sequence[tuple[float, str, str]] = ()
    """The moments at which a model's title is written, with its key and that of the mistake that it is run with."""
    is_second: Sequence[tuple[float, str, str]] = ()
    """The same for the second run, in a row of their own."""
    switches: Sequence[tuple[float, str]] = ()
    gaps: "Sequence[Outage]" = ()


def nice_top(peak: float, current: float, least: float) -> float:
    """The end of an axis that must hold `peak`: `current` as long as that fits neither badly nor too loosely."""
    if peak <= 0.84 * current and (peak >= 0.36 * current or current <= least):
        return current
    wanted = max(peak / 0.8, least)
    magnitude = 10.0 ** math.floor(math.log10(wanted))
    return max(least, next(step * magnitude for step in NICE if step * magnitude >= wanted))


def nice_step(top: float, most: float = 5.5) -> float:
    """The distance of an axis's ticks: 1, 2 or 5 times a power of ten; at most `most` of them (2 or more) to `top`."""
    magnitude = 10.0 ** math.floor(math.log10(top))
    return next(step for factor in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if top / (step := factor * magnitude) <= most)


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
            title = _second_title if row else formatting.marked_title
            titles = [
                Label(
                    seconds,
                    title(model, mistake),
                    theme.bad if mistake else theme.model_text(model),
                    appearance.model_icon(model),
                )
                for seconds, model, mistake in begins
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


def _second_title(model: str, mistake: str) -> str:
    return f"{BESIDE_SIGN} {formatting.marked_title(model, mistake)}"


def _nearest(times: Floats, seconds: float) -> int | None:
    """The index of the sample at `seconds`, if there is one near."""
    index = int(np.abs(times - seconds).argmin())
    return index if abs(times[index] - seconds) <= NEAR else None


def _ever(queued: Floats) -> Floats | None:
    """`queued` if there was ever a connection in the queue, otherwise None."""
    return queued if (queued > 0).any() else None


def _gap_words(gap: "Outage") -> str:
    """As in `240 ms, 18 refused`, or shorter."""
    time, failures = formatting.duration_text(gap.end - gap.begin), formatting.failures(gap.failures or {})
    return formatting.variants(f"{time}, {failures}", time) if failures else time


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis at the left: few ticks, numbers as in the user's locale."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        step = nice_step(maxVal, min(5.5, max(2.0, size / TICK_PIXELS)))
        return [(step, [step * count for count in range(1, int(maxVal / step + 1e-9) + 1)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [formatting.whole(value) for value in values]


class TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis below: seconds before now."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        label = QFontMetricsF(self.style["tickFont"] or QApplication.font()).horizontalAdvance(
            self.tickStrings([-50.0], 1.0, 1.0)[0]
        )
        if size > TIME_PIXELS and 10 / SECONDS * size > label + LABEL_GAP:
            return [(10.0, [-50.0, -40.0, -30.0, -20.0, -10.0])]
        if size > FEW_TIME_PIXELS and 20 / SECONDS * size > label + LABEL_GAP:
            return [(10.0, [-40.0, -20.0])]
        return [(10.0, [-30.0])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [self.tr("{seconds} s").format(seconds=formatting.whole(value)) for value in values]


class DurationAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis at the left, logarithmic: a tick at each power of ten, and in between if these are few."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        powers = range(math.floor(minVal), math.ceil(maxVal))
        factors = (1, 3) if maxVal - minVal < FEW_DECADES else (1,)
        ticks = (power + math.log10(factor) for power in powers for factor in factors)
        return [(1.0, [tick for tick in ticks if minVal + 0.1 < tick < maxVal - 0.1])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [formatting.round_duration(10.0**value) for value in values]


class TimePlot(Card):
    """A title and the curves of one quantity over the last minute."""

    pointed_at = Signal(object)
    """Seconds, relative to now, at the mouse; None when it has left."""

    def __init__(
        self,
        title: str,
        tip: str,
        empty: str,
        axis: pg.AxisItem,
        widest: str,
        reading: Callable[[ChartCurve, int], str],
        labels_gaps: bool = False,
    ) -> None:
        """There is room at the left for a number as long as `widest`; see `Curves` for the rest."""
        super().__init__()
        self._widest = widest
        self._range = (0.0, 0.0)
        self.curves: Sequence[tuple[str, Floats, Floats]] = ()
        """The curves drawn: for each stretch its model, the seconds before now and the values as on the axis."""
        self.title = set_role(QLabel(title), "strong")
        self.note = set_role(Elided(), "small", muted=True)
        """A note on the curves, after the title, in the room that is left."""
        set_accessible_name(self, title, tip)
        self._view = pg.PlotWidget(axisItems={"left": axis, "bottom": TimeAxis("bottom")}, enableMenu=False)
        for widget in (self._view, self._view.viewport()):
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setAccessibleName(title)
        self._view.viewport().installEventFilter(self)
        self._item = Curves(empty, reading, labels_gaps)
        self.setMinimumHeight(130)
        self._set_up_view()
        heading = QHBoxLayout()
        heading.setSpacing(8)
        heading.addWidget(self.title)
        heading.addWidget(self.note, 1)
        self._heading = heading
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 10, 6)
        column.setSpacing(2)
        column.addLayout(heading)
        column.addWidget(self._view)

    def replace_title(self, title: QWidget) -> None:
        """Shows another widget, which says the same, instead of the title."""
        self._heading.replaceWidget(self.title, title)
        self.title.hide()

    def draw(self, bottom: float, top: float, chart: ChartData) -> None:
        """Shows `chart` now, on an axis from `bottom` to `top`."""
        self.curves = [(curve.model, curve.times, curve.values) for curve in chart.curves]
        if (bottom, top) != self._range:
            self._range = (bottom, top)
            self._view.setYRange(bottom, top, padding=0)
        self._item.show_chart(bottom, top, chart)

    def point_at(self, seconds: float | None, repaint: bool) -> None:
        """Sets the crosshair to this time; None: nowhere."""
        self._item.point_at(seconds)
        if repaint:
            self._item.update()

    def readings(self, seconds: float) -> list[str]:
        """The readings of the crosshair at this time."""
        return self._item.readings(seconds)

    def show_note(self, note: str, tip: str = "") -> None:
        """Shows `note` after the title."""
        if note != self.note.text():
            self.note.setText(note)
            self.note.setToolTip(tip or note)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        font = appearance.sized(QApplication.font(), 0.88)
        metrics = QFontMetricsF(font)
        plotting.apply_theme(self._view, theme, font)
        self._view.getAxis("left").setWidth(round(metrics.horizontalAdvance(self._widest)) + 8)
        self._view.getAxis("bottom").setHeight(round(metrics.height()) + 8)
        self._item.set_theme(theme)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            box = self._view.getPlotItem().getViewBox()
            seconds = box.mapSceneToView(self._view.mapToScene(event.position().toPoint())).x()
            self.pointed_at.emit(seconds if -SECONDS <= seconds <= 0 else None)
        elif event.type() == QEvent.Type.Leave:
            self.pointed_at.emit(None)
        return super().eventFilter(watched, event)

    def _set_up_view(self) -> None:
        plot = self._view.getPlotItem()
        plotting.prepare(plot, self._item, vertical_grid=False)
        plot.setXRange(-SECONDS, 0, padding=0)


class CountPlot(TimePlot):
    """The plot of a quantity that is counted, from 0 upwards."""

    def __init__(
        self, title: str, tip: str, empty: str, least: float, widest: str, reading: str, labels_gaps: bool = False
    ) -> None:
        """The axis ends at `least` or above; `reading` is the text of a value `{n}`."""

        def read(curve: ChartCurve, index: int) -> str:
            return reading.format(n=formatting.whole(float(curve.values[index])))

        super().__init__(title, tip, empty, ValueAxis("left"), widest, read, labels_gaps)
        self._least = self.top = least
        self.draw_counts(ChartData())

    def draw_counts(self, chart: ChartData) -> None:
        """Shows `chart` now, on an axis that holds its peak."""
        values = [curve.values for curve in chart.curves]
        values += [curve.waiting for curve in chart.curves if curve.waiting is not None]
        peak = max((float(np.nanmax(each)) for each in values), default=0.0)
        failed = max((float(np.nanmax(values)) for _, values in chart.failed), default=0.0)
        if failed > peak:  # pointing shows what is cut off: one second of refusals would flatten everything else
            peak = min(failed, FAILED_TO_PEAK * peak) if peak else failed
        self.top = nice_top(peak, self.top, self._least)
        self.draw(0.0, self.top, chart)


class LatencyPlot(TimePlot):
    """How long requests take: the p50 as a line, the p99 as a thin one above it, on an axis of powers of ten."""

    def __init__(self) -> None:
        def read(curve: ChartCurve, index: int) -> str:
            bound = np.inf if curve.bound is None else curve.bound[index]
            p50, p99 = (
                ("≥ " if values[index] >= bound else "") + formatting.duration_text(10.0 ** float(values[index]))
                for values in (curve.values, curve.upper)
                if values is not None
            )
            return self.tr("p50 {p50}, p99 {p99}").format(p50=p50, p99=p99)

        super().__init__(
            self.tr("Latency"),
            self.tr(
                "How long requests took over the last minute, a colour for each model. The thick line is the p50: half"
                " of the requests took less; the thin one the p99: one in a hundred took longer. Each step of the axis"
                " is ten times the one below."
            ),
            self.tr("How long its requests take is drawn here."),
            DurationAxis("left"),
            formatting.round_duration(0.1),
            read,
        )
        self.draw_bands(ChartData())

    def draw_bands(self, chart: ChartData) -> None:
        """Shows `chart`, whose values are logarithms of seconds, on an axis that holds them all."""
        lowest = min((float(curve.values.min()) for curve in chart.curves), default=-3.5)
        highest = max((float(curve.upper.max()) for curve in chart.curves if curve.upper is not None), default=-1.0)
        bottom = math.floor(2 * lowest - 0.2) / 2
        top = max(math.ceil(2 * highest + 0.4) / 2, bottom + 2)
        self.draw(bottom, top, chart)


class Plots(QWidget):
    """The plots side by side, on one clock."""

    def __init__(self) -> None:
        super().__init__()
        self.open = CountPlot(
            self.tr("Open connections"),
            self.tr(
                "Clients connected at each moment of the last minute, a colour for each model; in long dashes the one "
                "beside the chosen one. In short dashes: "
                "connections in the kernel's accept queue. A sentence describes the last slow requests: "
                "answered one after the other, or side by side."
            ),
            self.tr("Start a model and open its page in a browser."),
            least=5.0,
            widest="10,000",
            reading=self.tr("{n} open"),
        )
        self.rate = CountPlot(
            self.tr("Requests per second"),
            self.tr(
                "Requests answered a second, over the last minute, a colour for each model. Red, with "
                "crosses: requests that failed. Shaded: no server answered, because one had ended and the "
                "next had not started."
            ),
            self.tr("Start a model and put load on it."),
            least=10.0,
            widest="100,000",
            reading=self.tr("{n}/s"),
            labels_gaps=True,
        )
        self.latency = LatencyPlot()
        self.all = (self.open, self.rate, self.latency)
        choices = [self.tr("Latency"), self.tr("Who gets the next connection")]
        self.titles = [TitleMenu(choices, number) for number in range(len(choices))]
        self.latency.replace_title(self.titles[0])
        self.shares = SharesCard(self.titles[1])
        self.third = QStackedWidget()
        """The latency or the shares, as the user has chosen."""
        for card in (self.latency, self.shares):
            self.third.addWidget(card)
        for title in self.titles:
            title.chosen.connect(self.third.setCurrentIndex)
        self._hover = QTimer(self)
        self._hover.setSingleShot(True)
        self._hover.setInterval(HOVER_MS)
        self._pointed: float | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for place in (self.open, self.rate, self.third):
            row.addWidget(place, 1)
        for plot in self.all:
            plot.pointed_at.connect(self._point_at)
        self._hover.timeout.connect(lambda: self._show_pointed(repaint=True))

    @property
    def models(self) -> list[str]:
        """The keys of the models that are drawn, each once, the first one first."""
        return list(dict.fromkeys(model for plot in self.all for model, *_ in plot.curves))

    def draw(self, data: "PlotData") -> None:
        """Shows `data`."""
        self._show_pointed(repaint=False)
        segments = data.segments
        begins, is_second = (
            [(float(each.times[0]), each.model, each.mistake) for each in segments if each.is_second == second]
            for second in (False, True)
        )
        opened = [
            ChartCurve(
                each.model,
                each.times,
                each.open,
                waiting=_ever(each.queued),
                is_second=each.is_second,
                mistake=each.mistake,
            )
            for each in segments
        ]
        rates = [
            ChartCurve(each.model, each.times, each.rate, is_second=each.is_second, mistake=each.mistake)
            for each in segments
        ]
        bands = [
            ChartCurve(
                each.model,
                each.times,
                np.log10(each.p50),
                np.log10(each.p99),
                bound=None if each.bound is None else np.log10(each.bound),
                is_second=each.is_second,
            )
            for each in data.bands
        ]
        chart = ChartData((), (), begins, is_second, data.switches, data.gaps)
        self.open.draw_counts(replace(chart, curves=opened))
        self.rate.draw_counts(replace(chart, curves=rates, failed=data.failed))
        self.latency.draw_bands(replace(chart, curves=bands) if bands else replace(chart, begins=(), is_second=()))
        waiting = any(curve.waiting is not None for curve in opened)
        self.open.show_note(
            formatting.variants(self.tr("┄ waiting for accept"), self.tr("┄ waiting")) if waiting else "",
            self.tr("Dashed: connections in the kernel's queue that are not accepted yet"),
        )
        self.rate.show_note(self.tr("× failed") if data.failed else "", self.tr("Red, with crosses: failed requests"))
        self._show_side(data)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        for plot in self.all:
            plot.set_theme(theme)
        self.shares.set_theme(theme)
        for title in self.titles:
            title.set_theme(theme)

    def show_shares(self, *histories: "RunHistory") -> None:
        """Shows who gets the next connection: in the first run, or the first one in which several workers do."""
        divided = [each for each in histories if len(each.lanes.shares.whole().shares) > 1]
        history = divided[0] if divided else histories[0]
        lanes = history.lanes
        self.shares.show_shares(lanes.model, lanes.traits, lanes.shares.lately(), lanes.shares.whole())

    def _show_side(self, data: "PlotData") -> None:
        if not data.bands:
            self.latency.show_note("")
        elif not data.from_clients:
            self.latency.show_note(
                self.tr("inside the server"),
                self.tr("From a request's arrival, or its first read if that is not known, to its reply's last byte."),
            )
        elif data.is_open_loop:
            self.latency.show_note(
                formatting.variants(self.tr("as the clients see it, from when due"), self.tr("clients, from when due")),
                self.tr("Open loop: from when each request was due to leave until its answer was whole."),
            )
        else:
            self.latency.show_note(
                formatting.variants(self.tr("as the clients see it"), self.tr("clients' side")),
                self.tr("Closed loop: from a request's first byte sent until its answer was whole."),
            )

    def _point_at(self, seconds: float | None) -> None:
        self._pointed = seconds
        if not self._hover.isActive():
            self._hover.start()

    def _show_pointed(self, repaint: bool) -> None:
        for plot in self.all:
            plot.point_at(self._pointed, repaint)
