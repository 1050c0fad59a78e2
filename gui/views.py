"""The views below the curves: what each can do, the list of them, and the tabs in which they stand.

Owns which view is seen, which of two runs they show, and which connection is selected in all of them. A view knows
nothing of the others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSplitter, QTabWidget, QWidget

from engine.texts import QT_TRANSLATE_NOOP
from gui.panels.pair import PairSwitch

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


class PairedView(View, Protocol):
    """A view of which a second one can stand beside the first, with the other of two runs."""

    def join(self, first: Any) -> None:
        """Stands beside `first` from now on, as the second one of its kind."""

    def show_named(self, named: bool) -> None:
        """Says whose run it shows, or does not."""


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
    has_proof: bool = False
    """Whether it says what the picture proves: `show_proof(False)` leaves that to another part."""
    beside: Qt.Orientation | None = None
    """How two of them stand, with a run each; None: it shows one run at a time, and need not be a `PairedView`."""


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


PLOTS = QT_TRANSLATE_NOOP("views", "Plots")
FIRST_KEY = 2
"""The number of the function key that shows the first view; the others follow."""
VIEWS = {
    "timeline": ViewEntry(
        QT_TRANSLATE_NOOP("views", "Timeline"),
        _timeline,
        FRAME_MS,
        lambda history: True,
        has_proof=True,
        beside=Qt.Orientation.Vertical,
    ),
    "requests": ViewEntry(
        QT_TRANSLATE_NOOP("views", "Requests"),
        _requests,
        LOG_MS,
        lambda history: history.server.requests_per_second() < FEW_REQUESTS,
    ),
    "source": ViewEntry(
        QT_TRANSLATE_NOOP("views", "Source"),
        _source,
        SOURCE_MS,
        lambda history: True,
        beside=Qt.Orientation.Horizontal,
    ),
    "output": ViewEntry(
        QT_TRANSLATE_NOOP("views", "Output"), _output, TEXT_MS, suits=lambda history: history.program.is_program
    ),
    "scoreboard": ViewEntry(QT_TRANSLATE_NOOP("views", "Scoreboard"), _scoreboard, TEXT_MS),
}
"""What can be seen below the curves, by the name that the command line uses; the first one is seen first."""


class ViewPlace(QSplitter):
    """The place of a view in the tabs, and of a second one of its kind while two runs are seen at once."""

    def __init__(self, entry: ViewEntry, history: "RunHistory", scoreboard: "Scoreboard") -> None:
        super().__init__(entry.beside or Qt.Orientation.Vertical)
        self._entry, self._scoreboard = entry, scoreboard
        self.first: Any = None
        """A view; what can be joined is a `PairedView`."""
        self.first = self._added(history)
        self.second: Any = None
        """None until two runs were seen at once."""
        self._is_presented = False
        self.setChildrenCollapsible(False)
        self.setFocusProxy(self.first)

    def show_runs(self, history: "RunHistory", beside: "RunHistory | None") -> bool:
        """Shows a run, and another one beside it where there is a place; returns whether that made the second view."""
        self.first.show_run(history)
        if self._entry.beside is None or (beside is None and self.second is None):
            return False
        made = self.second is None
        if made:
            self.second = self._added(history)
            self.second.join(self.first)
            self.second.show_named(True)
            self.show_presented(self._is_presented)
        self.first.show_named(beside is not None)
        self.second.setVisible(beside is not None)
        if beside:
            self.second.show_run(beside)
        return made

    def show_presented(self, presented: bool) -> None:
        """Suits an audience: two stand one above the other, as wide as can be; or as usual."""
        self._is_presented = presented
        beside = self._entry.beside or Qt.Orientation.Vertical
        self.setOrientation(Qt.Orientation.Vertical if presented else beside)
        if self._entry.has_proof:
            for view in filter(None, (self.first, self.second)):
                view.show_proof(not presented)

    @property
    def shown(self) -> list[View]:
        """The views that are drawn."""
        return [self.first] if self.second is None or self.second.isHidden() else [self.first, self.second]

    @property
    def made(self) -> list[View]:
        """The views that exist: also the second one while only one run is seen."""
        return [self.first] if self.second is None else [self.first, self.second]

    def _added(self, history: "RunHistory") -> View:
        view = self._entry.make(history, self._scoreboard)
        assert isinstance(view, QWidget)
        self.addWidget(view)
        return view


class ViewTabs(QTabWidget):
    """The views, a tab each; all show the same run, or the same two."""

    second_made = Signal(object)
    """This second view of its kind stands beside the first from now on."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = PairSwitch()
        self.views: dict[str, View] = {}
        """Empty until `fill` is called."""
        self._places: dict[str, ViewPlace] = {}
        self.history: RunHistory | None = None
        """The run that is shown."""
        self._engine = 0.0  # when the engine got ready whose connection may be selected
        self.setAccessibleName(self.tr("Views"))
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)
        self.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCornerWidget(self.pair)
        for number in range(FIRST_KEY, FIRST_KEY + len(VIEWS) + 1):  # one more: the curves may be a view
            QShortcut(QKeySequence(f"F{number}"), self, partial(self.show_number, number))

    def fill(self, history: "RunHistory", scoreboard: "Scoreboard") -> dict[str, View]:
        """Makes the views, which show `history`."""
        self.history = history
        for name, entry in VIEWS.items():
            place = self._places[name] = ViewPlace(entry, history, scoreboard)
            view = self.views[name] = place.first
            self._add(place, entry.title)
            if selected := getattr(view, "connection_selected", None):
                selected.connect(partial(self._on_selected, view))
        return self.views

    @property
    def seen(self) -> View | None:
        """The view that is seen, the first of two; None while the curves are."""
        return self.views.get(self.shown)

    def views_of(self, name: str) -> list[Any]:
        """The views of this kind that are drawn: two where two runs are seen at once."""
        return self._places[name].shown

    @property
    def shown(self) -> str:
        """The name of the view that is seen; `plots` for the curves, while they are one."""
        return [*self.views, "plots"][self.currentIndex()]

    def show_view(self, name: str) -> None:
        """Shows one of `VIEWS`."""
        self.setCurrentIndex(list(self.views).index(name))

    def show_number(self, number: int) -> None:
        """Shows the view of this function key, if there is one and it has anything to show."""
        place = number - FIRST_KEY
        if 0 <= place < self.count() and self.isTabVisible(place):
            self.setCurrentIndex(place)

    def show_next(self, step: int = 1) -> None:
        """Shows the view so many places on, from the last one on the first again."""
        places = [place for place in range(self.count()) if self.isTabVisible(place)]
        self.setCurrentIndex(places[(places.index(self.currentIndex()) + step) % len(places)])

    def present(self, plots: QWidget) -> None:
        """Suits an audience until `end_presenting`: the curves are a view as well, the last one, and two runs are seen
        at once."""
        self._add(plots, PLOTS)
        self.pair.prefers_both = True
        for place in self._places.values():
            place.show_presented(True)
        if not self.pair.isHidden():
            self.pair.both.click()

    def end_presenting(self) -> None:
        """Is as usual; who took the curves gets them back by giving them another parent."""
        if self.shown == "plots":
            self.setCurrentIndex(0)
        self.removeTab(self.count() - 1)
        self.pair.prefers_both = False
        for place in self._places.values():
            place.show_presented(False)

    def show_histories(self, histories: "Histories") -> None:
        """Shows one of the two that may run: the one that is picked."""
        first, second = histories.first, histories.second
        one, other = first.server.last, second.server.ready
        self.pair.show_pair((one, other) if one and other else None)
        history = second if self.pair.is_second else first
        engine = history.server.ready.time if history.server.ready else self._engine
        if history is not self.history or engine != self._engine:
            self.history, self._engine = history, engine
            self.select(0)  # each engine numbers its own
        beside = second if self.pair.is_both else None
        for number, (name, place) in enumerate(self._places.items()):
            self.setTabVisible(number, VIEWS[name].suits(history))
            if place.show_runs(history, beside):
                place.second.connection_selected.connect(place.second.select)  # it numbers its own connections
                self.second_made.emit(place.second)

    def draw(self, interval: int, now: float) -> None:
        """Draws the views that are drawn so often."""
        for name, place in self._places.items():
            if VIEWS[name].interval == interval:
                for view in place.shown:
                    view.draw(now)

    def show_frozen(self, frozen: bool) -> None:
        """Holds all views still, or lets them go on."""
        for place in self._places.values():
            for view in place.made:
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
        entry = VIEWS.get(self.shown)
        return entry is not None and entry.wants_spans(history)

    def _add(self, place: QWidget, title: str) -> None:
        number = self.addTab(place, QCoreApplication.translate("views", title))
        self.setTabToolTip(number, f"F{FIRST_KEY + number}")

    def set_theme(self, theme: "Theme") -> None:
        """Draws its own parts in `theme`; views are drawn in it each by itself."""
        self.pair.set_theme(theme)
