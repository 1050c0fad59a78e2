"""The top row: what runs, where to reach it, and the buttons that act on the whole window.

Owns only its widgets: requests of the user are signals, and `show_…` sets what is shown.
"""

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy

from engine.models import MODELS
from engine.setting import Setting
from gui import appearance, formatting
from gui.controls import Elided, IconButton, no_click_focus, set_accessible_name, set_role
from gui.header.choice_button import ChoiceButton
from gui.header.state_pill import LEAST_STATE, StatePill
from gui.runs.processes import ProcessState
from gui.runs.session import SWITCHED

SIGNS = {ProcessState.STOPPED: "ring", ProcessState.RUNNING: "full"}
"""The state's sign; any other state is under way."""

WIDEST_ADDRESS = "http://127.0.0.1:65535"
"""The longest address with room in any window; of a longer one the end is shown, with the port."""
WIDE, TITLED = 58, 66
"""The widths of the header, in heights of a line, from which on signs, and the name as well, have room beside the
state."""
SPACING = 8
BESIDE = " ‖ "
"""Stands between what is said of two models side by side."""
WITHIN, BETWEEN, BETWEEN_NARROW = 4, 16, 7
"""Pixels between two buttons of a group, and between two groups, also in a narrow window."""
STATE_ROOM = 17
"""The width, in heights of a line, that the state has before a button gets a word."""
HINT_SHARE = 100
"""How much of the free room the hint has, where an empty part has 1."""
COPIED_SHOWN = 1500
"""Milliseconds for which the copy button confirms the copy."""


class Header(QFrame):
    """Name, state, address, and what acts on the whole window."""

    toggle_requested = Signal()
    """To start or stop what runs; in a replay, to leave it."""
    open_requested = Signal()
    freeze_requested = Signal()
    settings_requested = Signal()
    record_requested = Signal()
    play_requested = Signal()
    picture_requested = Signal()
    presentation_requested = Signal()
    by_hand_requested = Signal()
    """To show a client by hand, or to hide it."""
    second_requested = Signal(str)
    """The key of the model to run beside the chosen one; empty: none."""
    theme_requested = Signal(str)
    lessons_wanted = Signal()
    """The list of lessons is about to be seen: `offer_lessons` is to be called."""
    lesson_requested = Signal(str)
    """The key of the lesson to open."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("header")
        self.title = set_role(QLabel("ServeScope"), "title")
        self.state = StatePill()
        self.recording = set_role(QLabel(self.tr("● Recording")), "recording")
        self.frozen = set_role(QLabel(self.tr("Frozen")), "frozen")
        self.address = ""
        """The server's URL; empty if it is not known."""
        self.url = Elided(Qt.TextElideMode.ElideMiddle)
        self.copy = IconButton("copy", self.tr("Copy the address"))
        self.open = IconButton("external-link", self.tr("Open in the browser"))
        self.freeze = IconButton(
            "snowflake",
            self.tr("Freeze the picture"),
            self.tr("Freeze the picture; data keeps arriving (Space)"),
            self.tr("Freeze"),
        )
        self.lessons = ChoiceButton(
            "graduation-cap",
            self.tr("Lessons"),
            self.tr("Lessons: guess first, then see what happens"),
            self.tr("Lessons"),
        )
        self.record = IconButton("circle-dot", self.tr("Record"), word=self.tr("Record"))
        self.play = IconButton("history", self.tr("Replay"), self.tr("Replay a recording …"), self.tr("Replay"))
        self.picture = IconButton(
            "save", self.tr("Save the plots"), self.tr("Save the plots as a picture …"), self.tr("Save")
        )
        self.second = ChoiceButton(
            "columns-2",
            self.tr("Side by side"),
            self.tr("Side by side: run a second model beside the chosen one"),
            self.tr("Side by side"),
        )
        self.by_hand = IconButton(
            "hand",
            self.tr("Client by hand"),
            self.tr("Client by hand: open connections, send a part of a request, hold, reset (C)"),
            self.tr("By hand"),
        )
        self.present = IconButton(
            "presentation",
            self.tr("Present"),
            self.tr("Present: bigger, and nothing but the picture, on the whole screen (F11)"),
            self.tr("Present"),
        )
        self.theme = ChoiceButton("sun-moon", self.tr("Light or dark"), word=self.tr("Theme"))
        self.settings = IconButton(
            "settings",
            self.tr("Settings"),
            self.tr("Settings: host, port, root folder (Ctrl+,)"),
            self.tr("Settings"),
        )
        self.toggle = no_click_focus(QPushButton())
        self.hint = set_role(Elided(), "small", muted=True)
        self.hint.setText(
            formatting.variants(
                self.tr("F2 to F7, Page ↑ ↓: view · digits: model · M: list and load · L: load · S: slowly · F11: end"),
                self.tr("F2 to F7: view · M: list and load · L: load · S: slowly · F11: end"),
                self.tr("F2–F7: view · M: models · F11: end"),
                self.tr("F11: end"),
            )
        )
        self._groups = (
            (self.freeze, self.theme),
            (self.record, self.play, self.picture),
            (self.lessons, self.by_hand, self.second, self.present),
            (self.settings,),
        )
        """View, data, class, settings."""
        self._named = (
            *(self.lessons, self.second, self.play, self.record, self.present),
            *(self.freeze, self.by_hand, self.picture, self.settings, self.theme),
        )
        """Those with words where there is room, first those that are hardest to guess."""
        self._buttons = (self.copy, self.open, *(button for group in self._groups for button in group))
        self._running = self._frozen = self._recording = self._presenting = self._replaying = False
        self._build()
        self.show_running(False)
        self.show_frozen(False)
        self.show_recording(False)
        self.show_presenting(False)

    def show_state(
        self,
        state: ProcessState,
        title: str,
        second: ProcessState = ProcessState.STOPPED,
        second_title: str = "",
        *,
        wrong: bool = False,
    ) -> None:
        """Shows the server's state and that of the one beside it; the titles are those of their models, in variants.

        `wrong`: whether one is run with a mistake.
        """
        if self._replaying:
            return
        brief = [formatting.shortest(each) for each in (title, second_title)]
        title, second_title = map(formatting.longest, (title, second_title))
        texts = [self._state_text(state).format(model=title)]
        if second is not ProcessState.STOPPED:
            both_run = state is second is ProcessState.RUNNING
            texts.append(second_title if both_run else self._state_text(second).format(model=second_title))
        sign = SIGNS.get(state, "half") if len(texts) == 1 or state is second else "half"
        wrong = wrong and state is not ProcessState.STOPPED
        self.state.show_text(self._joined(texts, brief), sign, wrong=wrong)
        self.show_running(
            state not in (ProcessState.STOPPED, ProcessState.STOPPING), reachable=state is ProcessState.RUNNING
        )

    def show_replay(self, titles: list[str] | None, *, wrong: bool = False) -> None:
        """Shows what runs in a replay: titles of models; None: there is no replay, and `show_state` says what runs."""
        self._replaying = titles is not None
        if titles is not None:
            full = list(map(formatting.longest, titles)) or [self.tr("nothing runs")]
            said = self.tr("Replay · {models}").format(models=full[0])
            brief = list(map(formatting.shortest, titles))
            self.state.show_text(self._joined([said, *full[1:]], brief), "ring", wrong=wrong)
            self.show_running(False)

    def _state_text(self, state: ProcessState) -> str:
        return {
            ProcessState.STOPPED: self.tr("Stopped"),
            ProcessState.STARTING: self.tr("Starting {model} …"),
            ProcessState.RUNNING: self.tr("Running · {model}"),
            ProcessState.STOPPING: self.tr("Stopping {model} …"),
            ProcessState.SWITCHING: self.tr("Switching to {model} …"),
        }[state]

    @staticmethod
    def _joined(texts: list[str], titles: list[str]) -> str:
        """What is said of one or of two; of two, the titles alone where there is little room."""
        return formatting.variants(*(BESIDE.join(each) for each in ((texts, titles) if len(texts) > 1 else (texts,))))

    def show_running(self, running: bool, reachable: bool = False) -> None:
        """Sets whether the big button stops or starts, and whether there is a page to open."""
        self._running = running
        if self._replaying:
            word, tip = self.tr("Leave"), self.tr("Leave the replay, and show what runs (Ctrl+Enter)")
        elif running:
            word, tip = self.tr("Stop"), self.tr("Stop the server (Ctrl+Enter)")
        else:
            word, tip = self.tr("Start"), self.tr("Start the server (Ctrl+Enter)")
        set_accessible_name(self.toggle, word, tip).setText(f" {word}")
        self.toggle.setProperty("action", "stop" if running else "start")
        self.open.setEnabled(reachable)
        self._draw_toggle()

    def show_url(self, url: str) -> None:
        """Shows the server's URL; empty if it is not known yet."""
        self.address = url
        self.url.setText(url)
        self.copy.setEnabled(bool(url))
        known = self.tr("Address of the server: {url}").format(url=url)
        set_accessible_name(self.url, known if url else self.tr("The address is known once the server runs"))

    def show_frozen(self, frozen: bool) -> None:
        """Shows whether the picture is frozen."""
        self._frozen = frozen
        self.freeze.setChecked(frozen)
        self._show_signs()

    def show_recording(self, recording: bool) -> None:
        """Shows whether a recording is on."""
        self._recording = recording
        self.record.setChecked(recording)
        text = self.tr("End the recording") if recording else self.tr("Record")
        self._show_signs()
        set_accessible_name(self.record, text, text if recording else self.tr("Record the data of engine and load …"))

    def show_second(self, chosen: str, second: str, mistake: str = "") -> None:
        """Marks what runs beside the chosen model, empty: nothing, and offers the other models, and the chosen one with
        a setting of it the other way, and without the `mistake` that it is run with."""
        self.second.setChecked(bool(second))
        self.second.mark(second)
        for key, model in MODELS.items():
            self.second.allow(key, visible=key != chosen or bool(mistake), enabled=model.available())
            for switch in _switches(model.settings):
                self.second.allow(f"{key}{SWITCHED}{switch.name}", visible=key == chosen, enabled=model.available())

    def offer_lessons(self, lessons: "list[tuple[str, str]]", opened: str) -> None:
        """Lists these lessons, each with its key and its title, and marks the one that is open."""
        self.lessons.clear()
        self.lessons.offer(lessons)
        self.lessons.mark(opened)

    def show_theme(self, name: str) -> None:
        """Marks the chosen one of `system`, `light` and `dark`."""
        self.theme.mark(name)

    def show_presenting(self, presenting: bool) -> None:
        """Hides what an audience does not need."""
        for control in (*self._buttons, self.toggle):
            control.setVisible(not presenting)
        self.hint.setVisible(presenting)
        self._presenting = presenting
        self._show_signs()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self.state.set_theme(theme)
        for button in self._buttons:
            button.set_theme(theme)
        self._draw_toggle()
        self._reserve()
        self._show_signs()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_signs()

    def minimumSizeHint(self) -> QSize:
        """The width without what is hidden in a narrow window, so that the window can be made narrow at once."""
        shown = [sign for sign in (self.title, self.frozen, self.recording) if not sign.isHidden()]
        least = super().minimumSizeHint()
        taken = sum(sign.sizeHint().width() + SPACING for sign in shown)
        taken += sum(button.word_width() for button in self._named if button.has_word)
        return QSize(least.width() - taken, least.height())

    def _build(self) -> None:
        set_accessible_name(self.state, "", self.tr("What the server is doing"))
        set_role(self.url, muted=True)
        self.url.reserve(WIDEST_ADDRESS)
        self.state.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        set_accessible_name(self.frozen, self.tr("The picture is frozen"), self.tr("The picture stands still (Space)"))
        self.freeze.setCheckable(True)
        self.record.setCheckable(True)
        self.second.setCheckable(True)
        self.by_hand.setCheckable(True)
        self.theme.offer((("system", self.tr("As the system")), ("light", self.tr("Light")), ("dark", self.tr("Dark"))))
        self.second.offer([("", self.tr("No second model"))])
        self.second.menu().addSeparator()
        same = self.tr("The same model, with “{setting}” the other way")
        for key, model in MODELS.items():
            self.second.offer([(key, formatting.model_title(key))])
            self.second.offer(
                (f"{key}{SWITCHED}{each.name}", same.format(setting=formatting.setting_title(each)))
                for each in _switches(model.settings)
            )
        self.lessons.menu().aboutToShow.connect(self.lessons_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(SPACING)
        # The address comes first: whatever follows the state would move whenever its text changes.
        for widget in (self.title, self.url, self.copy, self.open, self.state, self.frozen, self.recording):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.hint, HINT_SHARE)
        groups = self._row_of_groups = QHBoxLayout()
        for group in self._groups:
            buttons = QHBoxLayout()
            buttons.setSpacing(WITHIN)
            for button in group:
                buttons.addWidget(button)
            groups.addLayout(buttons)
        groups.addWidget(self.toggle)
        row.addLayout(groups)
        self.copy.clicked.connect(self._copy)
        for button, signal in (
            (self.open, self.open_requested),
            (self.freeze, self.freeze_requested),
            (self.record, self.record_requested),
            (self.play, self.play_requested),
            (self.picture, self.picture_requested),
            (self.present, self.presentation_requested),
            (self.by_hand, self.by_hand_requested),
            (self.settings, self.settings_requested),
        ):
            button.clicked.connect(signal)
        self.toggle.clicked.connect(self.toggle_requested)
        self.theme.chosen.connect(self.theme_requested)
        self.second.chosen.connect(self.second_requested)
        self.lessons.chosen.connect(self.lesson_requested)

    def _draw_toggle(self) -> None:
        if hasattr(self, "_theme"):
            name, colour = ("square", "#ffffff") if self._running else ("play", self._theme.on_accent)
            name = "x" if self._replaying else name
            self.toggle.setIcon(appearance.icon(name, colour))
            self.toggle.style().polish(self.toggle)

    def _reserve(self) -> None:
        """Gives the big button the width of its longer text, so that its neighbours do not move."""
        shown, widths = self.toggle.text(), []
        for word in (self.tr("Start"), self.tr("Stop"), self.tr("Leave")):
            self.toggle.setText(f" {word}")
            widths.append(self.toggle.sizeHint().width())
        self.toggle.setText(shown)
        self.toggle.setMinimumWidth(max(widths))

    def _show_signs(self) -> None:
        """Hides name, signs and words in a narrow window: its frame has the name, and the buttons show their states."""
        wide = self._presenting or self.width() >= WIDE * appearance.line_height()
        titled = self._presenting or self.width() >= TITLED * appearance.line_height()
        self.title.setVisible(titled)
        self._row_of_groups.setSpacing(BETWEEN if wide else BETWEEN_NARROW)
        self.frozen.setVisible(wide and self._frozen)
        self.recording.setVisible(wide and self._recording)
        self._show_words(titled)

    def _show_words(self, titled: bool) -> None:
        """Gives the buttons words as far as the width allows, whatever the state says just now."""
        if layout := self.layout():
            layout.activate()  # or the layouts in it have the sizes of before
        room = self.width() - self.minimumSizeHint().width() - STATE_ROOM * appearance.line_height() + LEAST_STATE
        room -= self.title.sizeHint().width() + SPACING if titled else 0
        for button in self._named:
            room -= button.word_width()
            button.show_word(room >= 0 and not self._presenting)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.address)
        self.copy.show_icon("check")
        QTimer.singleShot(COPIED_SHOWN, self.copy, lambda: self.copy.show_icon("copy"))


def _switches(settings: Iterable[Setting]) -> list[Setting]:
    """Those of a model's own settings that are on or off, and make a difference."""
    return [each for each in settings if each.type is bool and each.condition]
