"""A title and the curves of one quantity over the last minute.

Owns the range of its axes. Knows nothing of where the samples come from.
"""

import math
from collections.abc import Callable, Sequence

# Qt's binding is found by pyqtgraph through what is imported already, so PySide6 comes first.
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

import numpy as np  # isort: skip
import pyqtgraph as pg  # isort: skip

from gui import appearance, formatting, plotting
from gui.controls import Card, Elided, set_accessible_name, set_role
from gui.plots.axes import SECONDS, DurationAxis, TimeAxis, ValueAxis, nice_top
from gui.plots.chart import ChartCurve, ChartData, Floats
from gui.plots.curves import Curves

FAILED_TO_PEAK = 2.0
"""The most that the curve of failed requests raises the axis above all other curves, as a factor."""


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
