"""The picture of what runs, or of a replay: what is painted, and when.

Owns the timers, the moment that is shown, and whether the picture is frozen. Knows of the views only that they are
drawn.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QMainWindow

from engine.clock import monotonic
from engine.lab.figures import Seen
from gui import formatting
from gui.history.histories import Histories
from gui.history.plot_data import merge, plot_data
from gui.views import FRAME_MS, LOG_MS, SOURCE_MS, TEXT_MS

if TYPE_CHECKING:
    from gui.appearance import Theme
    from gui.exported_picture import Caption
    from gui.panels.load import LoadPanel
    from gui.panels.models import ModelCards
    from gui.panels.plots import Plots
    from gui.panels.strip import Strip
    from gui.panels.tiles import Tiles
    from gui.recording.controller import RecordingController
    from gui.runs.session import Session
    from gui.views import ViewTabs


class Picture(QObject):
    """Shows histories in the panels of one window."""

    freeze_changed = Signal(bool)
    """The picture stands still from now on, or goes on."""
    shown_changed = Signal(object)
    """The `Histories` of a replay, whose engines or loads are others now; None: what runs."""

    def __init__(
        self,
        window: QMainWindow,
        session: "Session",
        recording: "RecordingController",
        plots: "Plots",
        tiles: "Tiles",
        strip: "Strip",
        load_panel: "LoadPanel",
        cards: "ModelCards",
        tabs: "ViewTabs",
    ) -> None:
        super().__init__(window)
        self.live = Histories(monotonic)
        """What runs."""
        self.shown = self.live
        """What is seen: what runs, or a replay."""
        self.is_frozen = False
        self._window, self._session, self._recording = window, session, recording
        self._plots, self._tiles, self._strip = plots, tiles, strip
        self._load_panel, self._cards, self._tabs = load_panel, cards, tabs
        self._frozen_lines: list[str] = []
        """What was to be said when the picture was frozen."""
        self._drawn: tuple[Histories, int, float] | None = None
        self._said: tuple[object, ...] = ()
        self._now = self._live_now = 0.0
        self._timers = [
            self._timer(FRAME_MS, self._draw_frame),
            self._timer(TEXT_MS, self._draw_texts),
            self._timer(LOG_MS, lambda: self._draw_views(LOG_MS)),
            self._timer(SOURCE_MS, lambda: self._draw_views(SOURCE_MS)),
        ]

    def continue_live(self, live: Histories) -> None:
        """Takes these as what runs, in place of empty ones: they were another picture's."""
        self.live = self.shown = live
        self.show_run()

    def seen(self) -> Seen:
        """What the figures are read from: of the first run that is seen."""
        return self.shown.first.server.seen(self.shown.first.clients)

    def caption(self, theme: "Theme") -> "Caption":
        """What the plots show, in words and in the colours of `theme`."""
        from gui import caption
        from gui.exported_picture import Caption

        replay = self._recording.replay
        legend = [(formatting.model_title(model), theme.model_line(model)) for model in self._plots.models]
        moment, name = time.time(), ""
        if replay and self.shown is not self.live:
            moment, name = replay.now() + replay.recording.header.clock, replay.recording.path.name
        elif self._now:
            moment -= monotonic() - self._now
        said = self._frozen_lines if self.is_frozen else caption.lines(self.shown)
        return Caption(caption.title(datetime.fromtimestamp(moment), name), said, legend)

    def start(self) -> None:
        """Paints from now on."""
        for timer in self._timers:
            timer.start()

    def stop(self) -> None:
        """Paints no more."""
        for timer in self._timers:
            timer.stop()

    def show_histories(self, histories: Histories | None) -> None:
        """Shows a replay, or, with None, what runs."""
        self.shown = histories or self.live
        self.show_run()
        if histories and self.is_frozen:
            self.toggle_freeze()  # Space is the replay's now

    def show_run(self) -> None:
        """The views show one of the two that may run."""
        self._tabs.show_histories(self.shown)
        runs = (self.shown.first, self.shown.second)
        said = (self.shown, *((run.server.ready, run.clients.ready, run.clients.change) for run in runs))
        if said != self._said:
            self._said = said
            self.shown_changed.emit(None if self.shown is self.live else self.shown)

    def toggle_freeze(self) -> None:
        """Lets the picture stand still, or go on; data goes on arriving either way."""
        from gui.caption import lines

        self.is_frozen = not self.is_frozen
        self._frozen_lines = lines(self.shown)
        self.freeze_changed.emit(self.is_frozen)
        self._tabs.show_frozen(self.is_frozen)
        self._draw_frame()
        self._draw_texts()

    def draw_view(self) -> None:
        """Draws at once what has just come into sight."""
        self.request_spans()
        if self._now and not self.is_frozen:
            self._tabs.draw(FRAME_MS, self._now)

    def request_spans(self) -> None:
        """Requests spans only while a view shows them, or when there are too few to cost anything."""
        for run, history in zip(self._session.both, (self.live.first, self.live.second), strict=True):
            run.engine.request_spans(self._recording.is_recording or self._tabs.want_spans(history))

    def _draw_frame(self) -> None:
        """Curves move while an engine runs, and stand still with what was last seen otherwise."""
        if self.is_frozen or self._window.isMinimized():
            return
        shown, replay = self.shown, self._recording.replay
        if self.live.is_running:
            self._live_now = monotonic()
        self._now = replay.now() if replay and shown is not self.live else self._live_now
        if (shown, shown.revision, self._now) == self._drawn:
            return
        self._drawn = (shown, shown.revision, self._now)
        histories = (shown.first, shown.second)
        data = merge(*(plot_data(each.server, each.clients, self._now) for each in histories))
        one, other = (each.server.ready for each in histories)
        are_alike = one is not None and other is not None and one.model == other.model
        self._plots.draw(data, formatting.pair_titles((one, other)) if one and other and are_alike else ("", ""))
        if self._now:
            self._draw_views(FRAME_MS)

    def _draw_texts(self) -> None:
        self._session.measure()
        self.request_spans()
        if not self.is_frozen:
            self.show_run()
            first, second = self.shown.first, self.shown.second
            self._tiles.show_histories(first.server, first.clients, second.server, second.clients)
            if self._strip.isVisible():
                is_slow = bool(getattr(self._tabs.seen, "is_slow", False))
                self._strip.show_histories(self.shown, self._now, is_slow)
            self._plots.show_shares(first, second)
            self._load_panel.show_load(first.clients, first.server.counters.requests if first.server.counters else 0)
            self._cards.show_rates(second.server.measured | first.server.measured)
            self._draw_views(TEXT_MS)

    def _draw_views(self, interval: int) -> None:
        if not self.is_frozen:
            self._tabs.draw(interval, self._now)

    def _timer(self, interval: int, draw: Callable[[], None]) -> QTimer:
        timer = QTimer(self, interval=interval)
        timer.timeout.connect(draw)
        return timer
