"""The views below the curves: what each can do, the list of them, and the tabs in which they stand.

Owns which view is seen, which of two runs they show, and which connection is selected in all of them. A view knows
nothing of the others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QTabWidget, QWidget

from engine.texts import QT_TRANSLATE_NOOP
from gui.panels.pair import PairSwitch, Shown

if TYPE_CHECKING:
    from gui.appearance import Theme
    from gui.history.histories import Histories, RunHistory
    from gui.scoreboard.scoreboard import Scoreboard

FRAME_MS, SOURCE_MS, LOG_MS, TEXT_MS = 33, 100, 200, 250
"""Milliseconds between two pictures of what moves, and of what is read."""
FEW_REQUESTS = 300
"""A second: up to here, the spans of all of them have no price that could be noticed."""


class View(Protocol):
    """A widget that shows a run; its signal `connection_selected`, if it has one, says what was picked in it."""

    def set_theme(self, theme: "Theme") -> None:
        """Draws itself in `theme`."""

    def show_run(self, history: "RunHistory") -> None:
        """Shows this run from now on; called again when its engine begins or ends."""

    def draw(self, now: float) -> None:
        """Shows what is known at `now`."""

    def show_frozen(self, frozen: bool) -> None:
        """Holds the picture still, or lets it go on."""

    def select(self, connection: int, moment: float) -> None:
        """Emphasises the connection, 0: none, and what it did at that moment, 0: no certain one."""


@dataclass(frozen=True)
class ViewEntry:
    """A view in the list."""

    title: str
    make: "Callable[[RunHistory, Scoreboard], View]"
    """The widget; what is slow to import is imported here."""
    interval: int
    """Milliseconds between two calls of `draw`."""
    wants_spans: "Callable[[RunHistory], bool]" = lambda history: False
    """Whether the engine is to report spans while the view is seen."""
    suits: "Callable[[RunHistory], bool]" = lambda history: True
    """Whether there is anything of the run to see in it."""


def _timeline(history: "RunHistory", _: "Scoreboard") -> View:
    from gui.panels.timeline import TimelinePanel

    return TimelinePanel(history.lanes, history.request_text)


def _requests(history: "RunHistory", _: "Scoreboard") -> View:
    from gui.history.search import Search
    from gui.panels.requests import RequestsPanel

    return RequestsPanel(history.server.log, history.lanes, Search)


def _source(_: "RunHistory", __: "Scoreboard") -> View:
    from gui.panels.source import SourcePanel

    return SourcePanel()


def _scoreboard(_: "RunHistory", scoreboard: "Scoreboard") -> View:
    from gui.panels.scoreboard import ScoreboardPanel

    return ScoreboardPanel(scoreboard)


def _output(_: "RunHistory", __: "Scoreboard") -> View:
    from gui.panels.output import OutputPanel

    return OutputPanel()


VIEWS = {
    "timeline": ViewEntry(QT_TRANSLATE_NOOP("views", "Timeline"), _timeline, FRAME_MS, lambda history: True),
    "requests": ViewEntry(
        QT_TRANSLATE_NOOP("views", "Requests"),
        _requests,
        LOG_MS,
        lambda history: history.server.requests_per_second() < FEW_REQUESTS,
    ),
    "source": ViewEntry(QT_TRANSLATE_NOOP("views", "Source"), _source, SOURCE_MS, lambda history: True),
    "output": ViewEntry(
        QT_TRANSLATE_NOOP("views", "Output"), _output, TEXT_MS, suits=lambda history: history.program.is_program
    ),
    "scoreboard": ViewEntry(QT_TRANSLATE_NOOP("views", "Scoreboard"), _scoreboard, TEXT_MS),
}
"""What can be seen below the curves, by the name that the command line uses; the first one is seen first."""


class ViewTabs(QTabWidget):
    """The views, a tab each; all show the same run."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = PairSwitch()
        self.views: dict[str, View] = {}
        """Empty until `fill` is called."""
        self.history: RunHistory | None = None
        """The run that is shown."""
        self._engine = 0.0  # when the engine got ready whose connection may be selected
        self.setAccessibleName(self.tr("Views"))
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)
        self.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCornerWidget(self.pair)

    def fill(self, history: "RunHistory", scoreboard: "Scoreboard") -> dict[str, View]:
        """Makes the views, which show `history`."""
        self.history = history
        for name, entry in VIEWS.items():
            view = self.views[name] = entry.make(history, scoreboard)
            assert isinstance(view, QWidget)
            self.addTab(view, QCoreApplication.translate("views", entry.title))
            if selected := getattr(view, "connection_selected", None):
                selected.connect(partial(self._on_selected, view))
        return self.views

    @property
    def shown(self) -> str:
        """The name of the view that is seen."""
        return list(self.views)[self.currentIndex()]

    def show_view(self, name: str) -> None:
        """Shows one of `VIEWS`."""
        self.setCurrentIndex(list(self.views).index(name))

    def show_histories(self, histories: "Histories") -> None:
        """Shows one of the two that may run: the one that is picked."""
        first, second = histories.first, histories.second
        is_pair = second.server.ready is not None and bool(first.lanes.model)
        self.pair.show_pair((_pair_of(first), _pair_of(second)) if is_pair else None)
        history = second if self.pair.is_second else first
        engine = history.server.ready.time if history.server.ready else self._engine
        if history is not self.history or engine != self._engine:
            self.history, self._engine = history, engine
            self.select(0)  # each engine numbers its own
        for place, (name, view) in enumerate(self.views.items()):
            self.setTabVisible(place, VIEWS[name].suits(history))
            view.show_run(history)

    def draw(self, interval: int, now: float) -> None:
        """Draws the views that are drawn so often."""
        for name, view in self.views.items():
            if VIEWS[name].interval == interval:
                view.draw(now)

    def show_frozen(self, frozen: bool) -> None:
        """Holds all views still, or lets them go on."""
        for view in self.views.values():
            view.show_frozen(frozen)

    def select(self, connection: int, moment: float = 0.0) -> None:
        """Emphasises the connection in all views, 0: none, and what it did at that moment."""
        for view in self.views.values():
            view.select(connection, moment)

    def _on_selected(self, by: View, connection: int, moment: float = 0.0) -> None:
        """Takes all other views to what was selected in one, which is there already."""
        for view in self.views.values():
            view.select(connection, 0.0 if view is by else moment)

    def want_spans(self, history: "RunHistory") -> bool:
        """Whether the view that is seen needs the spans of this run."""
        return VIEWS[self.shown].wants_spans(history)

    def set_theme(self, theme: "Theme") -> None:
        """Draws its own parts in `theme`; views are drawn in it each by itself."""
        self.pair.set_theme(theme)


def _pair_of(history: "RunHistory") -> Shown:
    """The model that runs, with its mistake."""
    ready = history.server.ready
    return history.lanes.model, ready.mistake if ready else ""
