"""The curves of the last minute side by side, on one clock: open connections, requests a second, and latency.

Owns what each plot is given of the data. Knows nothing of where the samples come from.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

# Qt's binding is found by pyqtgraph through what is imported already, so PySide6 comes first.
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QWidget,
)

import numpy as np  # isort: skip

from gui import appearance, formatting
from gui.plots.chart import ChartCurve, ChartData, Floats
from gui.plots.plot import CountPlot, LatencyPlot
from gui.shares import SharesCard, TitleMenu

if TYPE_CHECKING:
    from gui.history.histories import RunHistory
    from gui.history.plot_data import PlotData

HOVER_MS = 33
"""Milliseconds until a frozen picture follows the mouse; a live one does with its next frame."""


def _ever(queued: Floats) -> Floats | None:
    """`queued` if there was ever a connection in the queue, otherwise None."""
    return queued if (queued > 0).any() else None


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

    def draw(self, data: "PlotData", names: tuple[str, str] = ("", "")) -> None:
        """Shows `data`; `names`: what two runs are called whose titles are alike, in variants."""
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
        chart = ChartData((), (), begins, is_second, names, data.switches, data.gaps)
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
