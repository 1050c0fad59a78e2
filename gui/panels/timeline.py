"""The Timeline tab: what each worker, or each connection, was doing and is doing.

Owns which stretch of time is seen, whether it follows the newest, and what a lane stands for. Knows nothing of where
spans come from.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.clock import monotonic
from gui import appearance, formatting
from gui.controls import Elided, IconButton, no_click_focus, set_accessible_name, set_role
from gui.history.lanes import HELD_SECONDS
from gui.timeline.canvas import LAG, LONGEST, SHORTEST, ZOOM, Canvas
from gui.timeline.legend import Legend
from gui.timeline.pace import PACES, Pace
from gui.timeline.sentence import SAID, SentenceLine, proven_sentences

if TYPE_CHECKING:
    from gui.history.consequences import Consequence
    from gui.history.histories import RunHistory
    from gui.history.lanes import Lanes
    from gui.history.shapes import Shape
    from gui.timeline.canvas import RequestText

LEAST_SEEN, WELL_SEEN = 0.05, 0.3
"""The part of the time in sight that what was selected elsewhere has at least, and the one that it gets otherwise."""
SELECTED_AT = 0.7
"""Where a moment is shown that was selected elsewhere, as a part of the time in sight: what led to it is seen."""


class TimelinePanel(QWidget):
    """The lanes, with their legend and what moves them."""

    connection_selected = Signal(int, float)
    """The user clicked on what went on for this connection at this time."""

    def __init__(self, lanes: "Lanes", request_text: "RequestText") -> None:
        """`request_text` says what the request of a connection at a time asked for; empty if that is not known."""
        super().__init__()
        self._request_text = request_text
        self.canvas = Canvas(lanes, lambda connection, moment: self._request_text(connection, moment))
        self.legend = Legend()
        self.workers = no_click_focus(QPushButton(self.tr("Workers")))
        self.connections = no_click_focus(QPushButton(self.tr("Connections")))
        self.many = no_click_focus(QPushButton(self.tr("More lanes")))
        self.zoom_in = IconButton("zoom-in", self.tr("Shorter"), self.tr("See a shorter time (+, or the wheel)"))
        self.zoom_out = IconButton("zoom-out", self.tr("Longer"), self.tr("See a longer time (-, or the wheel)"))
        self.speed = no_click_focus(QPushButton(PACES[1.0]))
        self.follow = no_click_focus(QPushButton(" " + self.tr("Follow")))
        self.name = set_role(QLabel(), "strong")
        """The run's title, where two runs are seen at once."""
        self.sentence = SentenceLine()
        set_role(self.sentence, "small")
        self.note = set_role(Elided(), "small", muted=True)
        self.length = set_role(QLabel(), "small", muted=True)
        self._lanes = lanes
        self._model = ""
        self._run = 0.0
        self._span_before = 0.0
        """The time in sight before something was selected elsewhere; 0: it is as the user set it."""
        self._pace = Pace()
        self._is_second = False
        self._frozen = False
        self._says_proof = True
        self.shape_at: Callable[[float], tuple[str, Shape] | None] = lambda now: None
        """What the last requests of the run that is shown looked like, and the model that answered them."""
        self.consequence: Callable[[], Consequence | None] = lambda: None
        """What the counters of the run that is shown prove of a mistake."""
        self.idle_processors: Callable[[float], float] = lambda since: 0.0
        """How many processors have been idle since then."""
        self._said_at = -math.inf
        self._build()
        self._connect()
        self._show_length()

    def draw(self, now: float) -> None:
        """Shows what is known at `now`; while the picture is frozen, or not seen, nothing."""
        if self._frozen or not self.isVisible():
            return
        self._note_run()
        if self._lanes.model != self._model:
            self._model = self._lanes.model
            (self.workers if self._lanes.has_worker_lanes else self.connections).click()
            self._said_at = -math.inf
        self.many.setVisible(self.canvas.fits_many and not self._is_second)
        shown = self._shown(now)
        self._show_note(now - shown)
        self._show_sentence(shown)
        self.canvas.draw(shown)

    def _shown(self, now: float) -> float:
        """The moment that is shown at `now`: an earlier one in slow motion, which ends before that is forgotten."""
        shown = self._pace.moment(now)
        if now - shown + self.canvas.span > HELD_SECONDS:
            self._pace.end()
            shown = now
        self.canvas.is_slow = self._pace.is_slow
        self.speed.setText(PACES[self._pace.part])
        return shown

    def slow_down(self, now: float) -> None:
        """Shows what was recorded at the next slower pace, from `now` on; after the slowest, what happens."""
        if not self.canvas.is_replay:
            self.follow.setChecked(True)
            self._pace.slow_down(now)

    def end_slow_motion(self) -> bool:
        """Goes back to what happens; returns whether it was slower."""
        was_slow = self._pace.is_slow
        self._pace.end()
        return was_slow

    @property
    def is_slow(self) -> bool:
        """Whether it shows an earlier moment in slow motion."""
        return self._pace.is_slow

    def _end_own_pace(self) -> None:
        """Ends slow motion with the run that it showed; of two pictures, the first one's run counts."""
        if not self._is_second:
            self._pace.end()

    def _note_run(self) -> None:
        if self._lanes.since != self._run:
            if self._run:  # the first one may begin in slow motion
                self._end_own_pace()
            self._run = self._lanes.since
            self.follow.setChecked(True)  # what is parked at an earlier run would show nothing of this one
            self.canvas.select(0)

    def show_run(self, history: "RunHistory") -> None:
        """Shows the lanes of this run from now on."""
        self._request_text = history.request_text
        self.canvas.is_replay = history.is_replay
        self.speed.setVisible(not history.is_replay and not self._is_second)  # a replay has a speed of its own
        self.shape_at = history.server.shape
        self.consequence = history.server.consequence
        self.idle_processors = history.server.idle_processors
        if ready := history.server.ready:
            self.name.setText(formatting.run_conditions(ready))
        self.canvas.by_hand.history = history.by_hand
        if history.lanes is not self._lanes:
            self._end_own_pace()
            self.show_lanes(history.lanes)

    def show_lanes(self, lanes: "Lanes") -> None:
        """Shows other lanes."""
        self._lanes = lanes
        self._model = ""
        self.canvas.show_lanes(lanes)

    def show_named(self, named: bool) -> None:
        """Says whose lanes these are, or does not."""
        self.name.setVisible(named)

    def show_proof(self, shown: bool) -> None:
        """Says what the lanes prove, or leaves that to another part."""
        self._says_proof = shown
        self._said_at = -math.inf

    def join(self, first: "TimelinePanel") -> None:
        """Stands below `first`, on its clock: what moves either moves both."""
        self._is_second = True
        self._pace = first._pace
        self.canvas.keep_in_step(first.canvas)
        for one, other in ((self, first), (first, self)):
            one.follow.toggled.connect(other.follow.setChecked)
        first.many.toggled.connect(self.canvas.show_many)
        self.canvas.show_many(first.many.isChecked())
        self.follow.setChecked(first.follow.isChecked())
        for each in (self.legend, self.zoom_in, self.zoom_out, self.length, self.speed, self.follow):
            each.hide()  # those of `first` are right for both

    def show_frozen(self, frozen: bool) -> None:
        """Sets whether the picture is frozen; it can be zoomed and moved all the same."""
        self._frozen = frozen
        self.canvas.following = self.follow.isChecked() and not frozen

    def select(self, connection: int, moment: float = 0.0) -> None:
        """Shows the connection selected, 0: none; and goes to that moment, 0: stays where it is."""
        self._note_run()  # which may have begun while the tab was hidden
        self.canvas.select(connection)
        if moment:
            self._visit(connection, moment)

    def _visit(self, connection: int, moment: float) -> None:
        """Goes to what the connection did up to that moment, near enough to see it, until the newest is followed."""
        if self.follow.isChecked():
            self._span_before = self.canvas.span
        self.follow.setChecked(False)
        span = self.canvas.span
        begin = self._lanes.began(connection, moment, moment - LONGEST)
        if begin is not None and not LEAST_SEEN <= (moment - begin) / span <= SELECTED_AT:
            span = max(SHORTEST, (moment - begin) / WELL_SEEN)
        self.canvas.look_from(moment + (1 - SELECTED_AT) * span, span)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        for each in (self.zoom_in, self.zoom_out, self.legend, self.canvas):
            each.set_theme(theme)
        self.follow.setIcon(appearance.icon("arrow-right-to-line", theme.text))

    def _build(self) -> None:
        set_accessible_name(self.workers, self.tr("A lane for each worker"))
        set_accessible_name(self.connections, self.tr("A lane for each connection"))
        self._lane_kinds = QButtonGroup(self)
        for button in (self.workers, self.connections):
            button.setCheckable(True)
            self._lane_kinds.addButton(button)
        self.workers.setChecked(True)
        self.name.hide()
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        set_accessible_name(
            self.follow,
            self.tr("Follow the newest"),
            self.tr(
                "Keep the newest in view; dragging ends this. When less than a second is in view, the "
                "picture moves only every half second, so that it can be read."
            ),
        )
        self.many.setCheckable(True)
        self.many.hide()
        set_accessible_name(
            self.many,
            self.tr("More lanes"),
            self.tr("Show as many lanes as there is room for, not only a handful; the others share the last one"),
        )
        set_accessible_name(
            self.speed,
            self.tr("Slow motion"),
            self.tr("Show what happens four times, then ten times slower, from now on (S); it is recorded meanwhile."),
        )
        set_accessible_name(
            self.note,
            self.tr("What is shown"),
            self.tr("When details arrive too fast, only some of them are shown."),
        )
        set_accessible_name(
            self.sentence,
            self.tr("What the lanes prove"),
            self.tr("What explains most of the last seconds; only said while it is proven."),
        )
        set_accessible_name(self.length, self.tr("Time in sight"))
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.name)
        top.addWidget(self.workers)
        top.addWidget(self.connections)
        top.addWidget(self.many)
        self.note.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        top.addSpacing(8)
        top.addWidget(self.sentence, 1)
        self.note.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        top.addWidget(self.note)
        top.addSpacing(8)
        top.addWidget(self.zoom_out)
        top.addWidget(self.length)
        top.addWidget(self.zoom_in)
        top.addSpacing(8)
        top.addWidget(self.speed)
        top.addWidget(self.follow)
        head = QVBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.setSpacing(6)
        head.addLayout(top)
        head.addWidget(self.legend)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 2)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.canvas, 1)
        self.setFocusProxy(self.canvas)

    def _connect(self) -> None:
        self.workers.clicked.connect(lambda: self.canvas.show_workers(True))
        self.connections.clicked.connect(lambda: self.canvas.show_workers(False))
        self.many.toggled.connect(self.canvas.show_many)
        self.zoom_in.clicked.connect(lambda: self.canvas.zoom(1 / ZOOM**2))
        self.speed.clicked.connect(lambda: self.slow_down(monotonic()))
        self.zoom_out.clicked.connect(lambda: self.canvas.zoom(ZOOM**2))
        self.follow.toggled.connect(self._on_follow)
        self.canvas.moved.connect(lambda: self.follow.setChecked(False))
        self.canvas.zoomed.connect(self._show_length)
        self.canvas.connection_picked.connect(self.connection_selected)

    def _on_follow(self, follow: bool) -> None:
        self.canvas.following = follow and not self._frozen
        if not follow:
            self._pace.end()
        if follow and self._span_before:
            self.canvas.look_from(self.canvas.edge, self._span_before)
            self._span_before = 0.0

    def _show_length(self) -> None:
        span = self.canvas.span
        self.length.setText(formatting.duration_text(span))
        self.zoom_in.setEnabled(span > SHORTEST)
        self.zoom_out.setEnabled(span < LONGEST)

    def _show_sentence(self, now: float) -> None:
        """Says what is proven, not more often than it can be read; in slow motion nothing: the figures are of now."""
        if self.is_slow:
            self.sentence.say([])
            self._said_at = -math.inf
            return
        if abs(now - self._said_at) < SAID:
            return
        self._said_at = now
        shape = self.shape_at(now)
        proven = shape[1] if shape else None
        if not self._says_proof:
            self.sentence.say([])
            return
        said = proven_sentences(self._lanes, now - LAG, proven, self.consequence(), self.idle_processors)
        self.sentence.say(said)

    def _show_note(self, behind: float) -> None:
        """`behind`: the seconds that slow motion is behind what happens."""
        said = " · ".join(filter(None, [self._behind(behind), self._place(), self._detail()]))
        if said != self.note.text():
            self.note.setText(said)

    def _behind(self, seconds: float) -> str:
        if not self._pace.is_slow:
            return ""
        return self.tr("{pace} speed, {time} s behind").format(
            pace=PACES[self._pace.part].removesuffix("×"), time=formatting.rounded(seconds, 1)
        )

    def _place(self) -> str:
        """Where the user looks, if that is not the newest; Follow stands beside it."""
        if self.follow.isChecked() or not self._lanes.model:
            return ""
        edge = self.canvas.edge
        is_kept = self._lanes.between(edge - self.canvas.span, edge).size > 0
        said = self.tr("you look at {time}") if is_kept else self.tr("nothing is kept of {time}")
        return said.format(time=self._lanes.clock.at(edge).strftime("%H:%M:%S"))

    def _detail(self) -> str:
        """What is not reported."""
        sample_every, said = self._lanes.sample_every, []
        if not self._lanes.running:
            return self.tr("stopped") if self._lanes.model else ""
        if not sample_every:
            return self.tr("no details")
        if sample_every > 1:
            said.append(self.tr("1 in {k} connections").format(k=formatting.whole(sample_every)))
        if self._lanes.dropped:
            said.append(self.tr("records dropped: {n}").format(n=formatting.whole(self._lanes.dropped)))
        return " · ".join(said)
