"""The load: which clients come, how many, how fast, and how they fare.

Owns the controls: a few that are always seen, and the others, which are opened above them. Knows nothing of processes:
what a person asks for leaves as a signal, what is so arrives by `show_…` and `show_load`.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
)

from engine.load.workloads import WORKLOADS
from engine.models import MODELS
from engine.own_model import find
from engine.persistence import ALWAYS_KEPT, AS_TAUGHT, KEPT, MODES, ONE_A_REQUEST, Mode, server_keeps
from engine.settings import CONNECTIONS
from gui import appearance, errors, formatting
from gui.controls import Card, no_click_focus, set_accessible_name, set_role
from gui.load.count import CountRow, digits
from gui.load.prose import Prose
from gui.settings import MOST_CLIENTS, MOST_RATE, MOST_SLOW, MOST_WORK_MS, Settings

if TYPE_CHECKING:
    from gui.history.clients import ClientHistory

CHANGE_MS = 100
"""Milliseconds between two changes while a slider is dragged."""
STATUS_LINES = 2
MARGIN = 11
"""Pixels left and right of the controls."""
BESIDE_TEXT = 50
"""Pixels of a button that its text has not: the icon and the edges."""
LONG_WAIT = 1.0
"""Seconds from which it is said that clients wait: until then they may be said to be answered soon."""
LATE = 0.1
"""Seconds that requests may be behind in an open loop without being called late."""


class LoadPanel(Card):
    """What is asked for in two lines, the buttons, and how the clients fare; all controls are in `controls`.

    Neither's height depends on what is chosen or said.
    """

    changed = Signal(dict)
    """Names and values of settings that a person changed."""
    toggle_requested = Signal()
    run_all_requested = Signal()
    """A person wants to run models in turn."""
    run_all_cancelled = Signal()
    requests_requested = Signal()
    """A person wants to choose a file of own requests."""
    opened = Signal(bool)
    """The controls were opened, or closed: the window shows them."""

    def __init__(self) -> None:
        super().__init__()
        self.controls = Card()
        """All controls with what they mean, to be shown above this panel while they are opened."""
        self.workload = set_accessible_name(
            no_click_focus(QComboBox()), self.tr("Workload"), self.tr("What the clients do")
        )
        self.workload.setProperty("dense", "true")
        for key in WORKLOADS:
            self.workload.addItem(formatting.workload_title(key), key)
        self.workload.addItem(self.tr("Own requests …"))
        self.sentence = Prose()
        """What the workload shows, and the models it is hardest for."""
        self.clients = CountRow(
            self.tr("Clients"), self.tr("How many clients there are; more or fewer come at once"), MOST_CLIENTS
        )
        self.slow = CountRow(
            self.tr("Slow clients"),
            self.tr("Additional clients that send their request one byte a second"),
            MOST_SLOW,
        )
        self.rate = digits(
            self.tr("Rate"),
            self.tr("Requests a second that are due, answered or not; 0: each client asks again when it is answered"),
            MOST_RATE,
        )
        self.rate.setSpecialValueText(self.tr("as fast as answered"))
        self.rate.setSuffix(self.tr("/s"))
        self.work = digits(self.tr("Work"), self.tr("How long the page works before it answers"), MOST_WORK_MS)
        self.work.setSpecialValueText(self.tr("none"))
        self.work.setSuffix(self.tr(" ms"))
        self.loop = Prose()
        """Which loop it is, and what that means for latency."""
        self.connections = set_accessible_name(
            no_click_focus(QComboBox()),
            formatting.translate("settings", CONNECTIONS.title),
            formatting.translate("settings", CONNECTIONS.help),
        )
        self.connections.setProperty("dense", "true")
        for mode in MODES:
            self.connections.addItem(formatting.translate("settings", CONNECTIONS.texts[mode]), mode)
        self.lasting = Prose()
        """How long connections last, and what the chosen model makes of that."""
        self.fold = no_click_focus(QPushButton())
        """Says what is asked for in one line; opens and closes the controls."""
        self.status = Prose()
        """How the clients fare."""
        self.toggle = no_click_focus(QPushButton())
        self.toggle.setProperty("action", "start")
        self.run_all = no_click_focus(QPushButton())
        self._settings = Settings()
        self._running = False
        self._progress = ""
        self._summary = ""
        self._pending: dict[str, Any] = {}
        self._measuring = QTimer(self, interval=0, singleShot=True)
        self._change_timer = QTimer(self)
        self._change_timer.setSingleShot(True)
        self._change_timer.setInterval(CHANGE_MS)
        self._build()
        self._connect()
        self.show_settings(self._settings)
        self.show_running(False)
        self.show_progress("")

    def show_settings(self, settings: Settings) -> None:
        """Shows the wanted load; emits nothing."""
        self._settings = settings
        workload = WORKLOADS[settings.workload]
        controls = (self.clients.exact, self.slow.exact, self.rate, self.work, self.workload, self.connections)
        with contextlib.ExitStack() as silent:
            for control in controls:
                silent.enter_context(QSignalBlocker(control))
            self.clients.show(settings.clients)
            self.slow.show(settings.slow)
            self.rate.setSpecialValueText(self.tr("as fast as answered") if workload.paced else self.tr("own pace"))
            self.rate.setValue(settings.due_rate)
            self.connections.setCurrentIndex(MODES.index(settings.connection_mode))
            self.work.setMinimum(1 if workload.work_ms else 0)
            self.work.setValue(settings.works_ms)
            own = Path(settings.sent_requests).name
            self.workload.setItemText(
                len(WORKLOADS), self.tr("Own requests: {file}").format(file=own) if own else self.tr("Own requests …")
            )
            self.workload.setCurrentIndex(len(WORKLOADS) if own else list(WORKLOADS).index(settings.workload))
        self.rate.setEnabled(workload.paced)
        self.work.setEnabled(bool(workload.work_ms))
        self.connections.setEnabled(workload.kept)
        self._show_workload()

    def show_live(self, live: bool) -> None:
        """Whether the load can be changed; that of a replay can't."""
        for card in (self, self.controls):
            card.setEnabled(live)
            card.setToolTip("" if live else self.tr("This is the load of the replay."))

    def show_running(self, running: bool) -> None:
        """Whether the big button stops the load or starts it."""
        self._running = running
        text = self.tr("Stop load") if running else self.tr("Start load")
        tip = self.tr("Stop the load (L)") if running else self.tr("Put load on the server (L)")
        set_accessible_name(self.toggle, text, tip)
        self._draw_buttons()

    def show_progress(self, progress: str) -> None:
        """Says how far all models were run, and offers to cancel that; nothing: offers to run them."""
        self._progress = progress
        if progress:
            set_accessible_name(self.run_all, self.tr("Cancel: {progress}").format(progress=progress))
        else:
            set_accessible_name(
                self.run_all,
                self.tr("Run all models"),
                self.tr(
                    "Choose which models run in turn under this load; on the scoreboard, those measured under equal"
                    " conditions are compared"
                ),
            )
        self._draw_buttons()

    def show_load(self, load: "ClientHistory", counted: int = 0) -> None:
        """Says how the clients fare; `counted`: requests that the server counted since its start."""
        crowd = load.crowd
        if not crowd:
            said = self._workload_sentences("" if self._settings.sent_requests else self._settings.workload)[0]
            self.status.show_text(said, alarm=errors.problem_text(load.problem) if load.problem else "")
            return
        fine = self.tr("{clients} connected · {rate} answered").format(
            clients=formatting.whole(crowd.clients + crowd.slow), rate=formatting.rate(load.answered_per_second())
        )
        more = short = ""
        if not load.ready:
            fine = self.tr("{n} answered in all").format(n=formatting.whole(crowd.answered))
            if counted > load.answered:
                more = self._counted_text(load, counted)
        elif crowd.longest_wait >= LONG_WAIT:
            waits = self.tr("{n} wait for an answer, the first for {time}")
            waits = formatting.variants(waits, self.tr("{n} wait, up to {time}"))
            waits = waits.format(n=formatting.whole(crowd.waiting), time=formatting.duration_text(crowd.longest_wait))
            more = formatting.longest(waits)
            short = f"{formatting.rate(load.answered_per_second())} · {formatting.shortest(waits)}"
        alarms = []
        if load.is_limit:
            alarms.append(self.tr("the load is at its limit: its own processor is full"))
        if load.ready and crowd.behind > LATE:
            behind = formatting.duration_text(crowd.behind)
            alarms.append(self.tr("requests leave {time} late").format(time=behind))
        if load.failures:
            alarms.append(formatting.failures(load.failures))
        if load.problem:
            alarms.append(errors.problem_text(load.problem))
        self.status.show_text(fine, more, short=short, alarm=" · ".join(alarms))

    def _counted_text(self, load: "ClientHistory", counted: int) -> str:
        """Why the server counts more requests than the load."""
        assert load.crowd
        why = self.tr("The server counts {n}: also errors, requests of others, and those still under way at the end.")
        if load.answered < load.crowd.answered:
            why = self.tr(
                "{answered} of them by the last server, which counts {n}: also errors, requests of others, and those"
                " still under way at the end."
            )
        return why.format(answered=formatting.whole(load.answered), n=formatting.whole(counted))

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        for prose in (self.sentence, self.loop, self.lasting, self.status):
            prose.set_theme(theme)
        font = appearance.sized(QApplication.font(), appearance.SIZES["note"])
        for row in (self.clients, self.slow):
            row.exact.setFixedWidth(round(QFontMetricsF(font).horizontalAdvance("00,000")) + 18)
        self._draw_buttons()
        self._measure()

    # ---- what fits

    def close_controls(self) -> bool:
        """Closes the controls; returns whether they were opened."""
        was_opened = self.fold.isChecked()
        self.fold.setChecked(False)
        return was_opened

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._measure()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._measuring.start()  # once the controls have their new sizes

    def _measure(self) -> None:
        """Gives each sentence the lines that the longest one takes at this width, whatever is chosen."""
        width = self._inside_width()
        self.sentence.take_lines(
            max(self.sentence.lines_of(self._workload_sentences(key), width) for key in (*WORKLOADS, ""))
        )
        self.loop.take_lines(max(self.loop.lines_of(said, width) for said in self._loop_sentences()))
        self.lasting.take_lines(max(self.lasting.lines_of([said], width) for said in self._all_lasting()))
        self.status.take_lines(STATUS_LINES)
        self._draw_buttons()
        self._draw_fold()

    def _inside_width(self) -> int:
        return max(100, self.width() - 2 * (MARGIN + self.frameWidth()))

    # ---- what is said

    def _show_workload(self) -> None:
        settings, workload = self._settings, WORKLOADS[self._settings.workload]
        self.sentence.show_text(*self._workload_sentences("" if settings.sent_requests else settings.workload))
        clients = self.tr("%Ln client(s)", "", settings.clients)
        slow = self.tr("{n} slow").format(n=formatting.whole(settings.slow)) if settings.slow else ""
        own_pace, open_loop, closed_loop = self._loop_sentences(settings.rate)
        if not workload.paced:
            loop = self.tr("own pace")
            self.loop.show_text(*own_pace)
        elif settings.rate:
            loop = self.tr("{rate}, open loop").format(rate=formatting.rate(settings.rate))
            self.loop.show_text(*open_loop, short=self.tr("Open loop: latency from when due"))
        else:
            loop = self.tr("closed loop")
            self.loop.show_text(*closed_loop, short=self.tr("Closed loop: asks again when answered"))
        lasting, short = self._lasting_sentence(settings.connection_mode, settings.model)
        self.lasting.show_text(lasting, short=short)
        self.connections.setToolTip(f"{formatting.translate('settings', CONNECTIONS.help)}.\n{lasting}")
        unusual = self.connections.currentText() if settings.connection_mode != KEPT else ""
        self._summary = " · ".join(filter(None, (clients, slow, loop, unusual)))
        set_accessible_name(self.fold, self._summary, self.tr("{summary}: change it").format(summary=self._summary))
        self._draw_fold()

    def _workload_sentences(self, key: str) -> tuple[str, ...]:
        """What is said of a workload; without a key: of own requests."""
        if not key:
            own = self.tr(
                "The requests of the file, in an order by chance, each as often as it says. A response is right with a"
                " status of 200 to 399; bodies are not compared."
            )
            return (own,)
        workload = WORKLOADS[key]
        hardest = ", ".join(map(formatting.model_title, workload.hardest_for))
        return (
            formatting.translate("workloads", workload.description),
            self.tr("Hardest for: {models}").format(models=hardest) if hardest else "",
        )

    def _loop_sentences(self, rate: int = MOST_RATE) -> tuple[tuple[str], tuple[str], tuple[str]]:
        """What is said of clients with a pace of their own, of an open loop, and of a closed one."""
        return (
            (self.tr("These clients set their own pace."),),
            (
                self.tr(
                    "Open loop: requests are due {rate}, answered or not. Latency counts from when each was due."
                ).format(rate=formatting.rate(rate)),
            ),
            (
                self.tr(
                    "Closed loop: each client asks again when it is answered, so a slow server is asked less."
                    " Latency counts from when it asked."
                ),
            ),
        )

    def _all_lasting(self) -> Iterator[str]:
        """All that may be said of how long connections last."""
        for mode in MODES:
            for model in MODELS:
                yield self._lasting_sentence(mode, model)[0]

    def _lasting_sentence(self, mode: Mode, key: str) -> tuple[str, str]:
        """What is said of how long connections last in a model, in full and in short."""
        model = find(key)
        kept = mode != ONE_A_REQUEST and server_keeps(model, mode, self._settings.keep_alive)
        shares = kept and model.traits.shares_workers and mode != ALWAYS_KEPT
        if mode == ONE_A_REQUEST:
            full = self.tr("Each request opens a connection of its own.")
            short = self.tr("A connection a request")
        elif not kept and mode != AS_TAUGHT:
            full = self.tr("{model}: a connection is closed after its reply all the same; its file decides that.")
            short = self.tr("{model}: closed all the same")
        elif not kept:
            full = self.tr(
                "{model}, as taught: a connection is closed after its reply. It is compared only with models that do"
                " the same."
            )
            short = self.tr("{model}, as taught: closed")
        elif shares:
            full = self.tr("{model}: a connection is kept, but closed after a reply while others wait for a worker.")
            short = self.tr("Kept until others wait for a worker")
        elif mode == ALWAYS_KEPT and model.traits.shares_workers:
            full = self.tr("{model}: a kept connection keeps a worker; others starve until it is closed.")
            short = self.tr("Kept: others starve until it is closed")
        elif mode == AS_TAUGHT:
            full = self.tr(
                "{model}, as taught: connections are kept. It is compared only with models that do the same."
            )
            short = self.tr("{model}, as taught: kept")
        else:
            full = self.tr("Clients keep their connections, also in models that are taught without.")
            short = self.tr("Clients keep their connections")
        title = formatting.model_title(key)
        return full.format(model=title), short.format(model=title)

    def _draw_fold(self) -> None:
        if not hasattr(self, "_theme"):
            return
        sign = "chevron-down" if self.fold.isChecked() else "chevron-up"
        self.fold.setIcon(appearance.icon(sign, self._theme.muted))
        room = self._inside_width() - BESIDE_TEXT
        shown = self.fold.fontMetrics().elidedText(self._summary, Qt.TextElideMode.ElideRight, room)
        self.fold.setText(f"{shown} ")

    def _draw_buttons(self) -> None:
        if not hasattr(self, "_theme"):
            return
        self.toggle.setIcon(appearance.icon("square" if self._running else "play", self._theme.on_accent))
        self.run_all.setIcon(appearance.icon("x" if self._progress else "flag", self._theme.text))
        room = self._inside_width() // 2 - BESIDE_TEXT
        stop_or_start = self.tr("Stop") if self._running else self.tr("Start")
        run_all = formatting.variants(self.run_all.accessibleName(), self.tr("Run all"))
        for button, text in (
            (self.toggle, formatting.variants(self.toggle.accessibleName(), stop_or_start)),
            (self.run_all, self._progress or run_all),
        ):
            button.setText(" " + button.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room))

    # ---- what is asked for

    def _choose_workload(self, index: int) -> None:
        """Another workload comes with its own number of clients, unless a person chose another than the last one's."""
        if index == len(WORKLOADS):
            self.show_settings(self._settings)  # not before a file is chosen
            self.requests_requested.emit()
            return
        before, after = WORKLOADS[self._settings.workload], list(WORKLOADS.values())[index]
        clients = self._settings.clients
        clients = after.clients if clients == before.clients else clients
        own = {"requests": None} if self._settings.requests else {}
        self._ask(workload=after.key, work_ms=0, clients=clients, **own)

    def _choose_again(self, index: int) -> None:
        """Another file in place of the one that is chosen."""
        if index == len(WORKLOADS) and self._settings.sent_requests:
            self.requests_requested.emit()

    def _ask(self, **fields: Any) -> None:
        self._pending |= fields
        if not self._change_timer.isActive():
            self._change_timer.start()

    def _send_changes(self) -> None:
        changes, self._pending = self._pending, {}
        self.changed.emit(changes)

    # ---- built once

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for number, row in enumerate((self.clients, self.slow)):
            for column, widget in enumerate(row.widgets):
                grid.addWidget(widget, number, column)
        named = (
            (self.tr("Rate"), self.rate),
            (self.tr("Work"), self.work),
            (self.connections.accessibleName(), self.connections),
        )
        for number, (name, control) in enumerate(named, 2):
            grid.addWidget(set_role(QLabel(name), "small"), number, 0)
            grid.addWidget(control, number, 1, 1, 2)
        grid.setColumnStretch(1, 1)
        above = QVBoxLayout(self.controls)
        above.setContentsMargins(MARGIN, 9, MARGIN, 9)
        above.setSpacing(7)
        above.addWidget(self.sentence)
        above.addLayout(grid)
        above.addWidget(self.loop)
        above.addWidget(self.lasting)

        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(set_role(QLabel(self.tr("Load")), "strong"))
        first.addWidget(self.workload, 1)
        self.workload.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.fold.setCheckable(True)
        self.fold.setProperty("fold", "true")
        self.fold.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.fold.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow comes last, as in a list
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.toggle, self.run_all):
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            buttons.addWidget(button, 1)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(MARGIN, 8, MARGIN, 8)
        lines.setSpacing(5)
        lines.addLayout(first)
        lines.addWidget(self.fold)
        lines.addWidget(self.status)
        lines.addLayout(buttons)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._measure()

    def _connect(self) -> None:
        self.workload.currentIndexChanged.connect(self._choose_workload)
        self.workload.activated.connect(self._choose_again)
        self.clients.exact.valueChanged.connect(lambda count: self._ask(clients=count))
        self.slow.exact.valueChanged.connect(lambda count: self._ask(slow=count))
        self.rate.valueChanged.connect(lambda rate: self._ask(rate=rate))
        self.work.valueChanged.connect(lambda ms: self._ask(work_ms=ms))
        self.connections.currentIndexChanged.connect(lambda index: self._ask(connections=MODES[index]))
        self._change_timer.timeout.connect(self._send_changes)
        self._measuring.timeout.connect(self._measure)
        self.fold.toggled.connect(self._draw_fold)
        self.fold.toggled.connect(self.opened)
        self.toggle.clicked.connect(self.toggle_requested)
        self.run_all.clicked.connect(self._on_run_all)

    def _on_run_all(self) -> None:
        if self._progress:
            self.run_all_cancelled.emit()
        else:
            self.run_all_requested.emit()
