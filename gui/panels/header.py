"""The top row: what runs, where to reach it, and the buttons that act on the whole window.

Owns only its widgets: requests of the user are signals, and `show_…` sets what is shown.
"""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from engine.models import MODELS
from gui import appearance, formatting
from gui.controls import Elided, IconButton, no_click_focus, set_accessible_name, set_role
from gui.runs.processes import ProcessState

SIGNS = {ProcessState.STOPPED: "ring", ProcessState.RUNNING: "full"}
"""The state's sign; any other state is under way."""

WIDEST_ADDRESS = "http://127.0.0.1:65535"
"""The longest address with room in any window; of a longer one the end is shown, with the port."""
WIDE = 58
"""The width of the header, in heights of a line, from which on name and signs have room beside the state."""
SPACING = 8
LEAST_STATE = 110
"""The width of the state in the narrowest window, in pixels."""
COPIED_SHOWN = 1500
"""Milliseconds for which the copy button confirms the copy."""


class StatePill(QWidget):
    """A word in a rounded field, with a sign: full is on, half is in transition, a ring is off."""

    def __init__(self) -> None:
        super().__init__()
        self._text, self._sign = "", "ring"
        self._wrong = False
        self._theme = appearance.LIGHT

    @property
    def text(self) -> str:
        """The words shown."""
        return self._text

    def show_text(self, text: str, sign: str, *, wrong: bool = False) -> None:
        """Shows `text` with the sign `full`, `half` or `ring`, in red if something is `wrong` with it."""
        if (text, sign, wrong) != (self._text, self._sign, self._wrong):
            self._text, self._sign, self._wrong = text, sign, wrong
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.updateGeometry()
            self.update()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._font())
        return QSize(round(metrics.horizontalAdvance(self._text) + 2.5 * metrics.height()), metrics.height() + 14)

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_STATE, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        colour, back = {
            "full": (theme.good, theme.good_back),
            "half": (theme.busy, theme.busy_back),
            "ring": (theme.muted, theme.calm_back),
        }[self._sign]
        if self._wrong:
            colour, back = theme.bad, theme.bad_back
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(back))
        painter.drawRoundedRect(QRectF(self.rect()), 9, 9)
        painter.setFont(self._font())
        height = painter.fontMetrics().height()
        radius = height * 0.24
        centre = QPointF(height * 0.95, self.height() / 2)
        sign = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        painter.setPen(QPen(QColor(colour), 1.6))
        painter.setBrush(QColor(colour) if self._sign == "full" else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(sign)
        if self._sign == "half":
            painter.setBrush(QColor(colour))
            painter.drawPie(sign, 90 * 16, 180 * 16)
        painter.setPen(QColor(colour))
        words = QRectF(self.rect()).adjusted(height * 1.6, 0, 0, 0)
        shown = painter.fontMetrics().elidedText(
            self._text, Qt.TextElideMode.ElideRight, round(words.width() - height * 0.5)
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()

    @staticmethod
    def _font() -> QFont:
        return appearance.sized(QApplication.font(), 1.0, bold=True)


class Header(QFrame):
    """Name, state, address, and what acts on the whole window."""

    toggle_requested = Signal()
    open_requested = Signal()
    freeze_requested = Signal()
    settings_requested = Signal()
    record_requested = Signal()
    play_requested = Signal()
    picture_requested = Signal()
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
            "snowflake", self.tr("Freeze the picture"), self.tr("Freeze the picture; data keeps arriving (Space)")
        )
        self.lessons = IconButton(
            "graduation-cap", self.tr("Lessons"), self.tr("Lessons: guess first, then see what happens")
        )
        self.record = IconButton("circle-dot", self.tr("Record"))
        self.play = IconButton("history", self.tr("Replay"), self.tr("Replay a recording …"))
        self.picture = IconButton("save", self.tr("Save the plots"), self.tr("Save the plots as a picture …"))
        self.second = IconButton(
            "columns-2", self.tr("Side by side"), self.tr("Run a second model beside the chosen one")
        )
        self.theme = IconButton("sun-moon", self.tr("Light or dark"))
        self.settings = IconButton(
            "settings", self.tr("Settings"), self.tr("Settings: host, port, root folder (Ctrl+,)")
        )
        self.toggle = no_click_focus(QPushButton())
        self.hint = set_role(QLabel(self.tr("F11 ends the presentation")), muted=True)
        self._buttons = (
            *(self.copy, self.open, self.lessons, self.record, self.play, self.picture),
            *(self.second, self.freeze, self.theme, self.settings),
        )
        self._running = self._frozen = self._recording = self._presenting = False
        self._build()
        self.show_running(False)
        self.show_frozen(False)
        self.show_recording(False)
        self.show_presenting(False)

    def show_state(self, state: ProcessState, title: str, *, wrong: bool = False) -> None:
        """Shows the server's state; `title` is its model's, `wrong`: whether it is run with a mistake."""
        text = {
            ProcessState.STOPPED: self.tr("Stopped"),
            ProcessState.STARTING: self.tr("Starting {model} …"),
            ProcessState.RUNNING: self.tr("Running · {model}"),
            ProcessState.STOPPING: self.tr("Stopping {model} …"),
            ProcessState.SWITCHING: self.tr("Switching to {model} …"),
        }[state]
        stopped = state is ProcessState.STOPPED
        self.state.show_text(text.format(model=title), SIGNS.get(state, "half"), wrong=wrong and not stopped)
        self.show_running(
            state not in (ProcessState.STOPPED, ProcessState.STOPPING), reachable=state is ProcessState.RUNNING
        )

    def show_running(self, running: bool, reachable: bool = False) -> None:
        """Sets whether the big button stops or starts, and whether there is a page to open."""
        self._running = running
        word = self.tr("Stop") if running else self.tr("Start")
        tip = self.tr("Stop the server (Ctrl+Enter)") if running else self.tr("Start the server (Ctrl+Enter)")
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

    def show_second(self, chosen: str, second: str) -> None:
        """Marks the model that runs beside the chosen one, empty: none, and offers the others."""
        self.second.setChecked(bool(second))
        for action in self._models.actions():
            action.setVisible(action.data() != chosen)
            action.setChecked(action.data() == second)

    def offer_lessons(self, lessons: "list[tuple[str, str]]") -> None:
        """Lists these lessons, each with its key and its title."""
        menu = self.lessons.menu()
        menu.clear()
        for key, title in lessons:
            menu.addAction(title).setData(key)

    def show_theme(self, name: str) -> None:
        """Marks the chosen one of `system`, `light` and `dark`."""
        for action in self._themes.actions():
            action.setChecked(action.data() == name)

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
        self._build_theme_menu()
        self._build_models_menu()
        self._build_lessons_menu()
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(SPACING)
        # The address comes first: whatever follows the state would move whenever its text changes.
        left = (self.title, self.url, self.copy, self.open, self.state, self.frozen, self.recording)
        right = (self.hint, *self._buttons[2:], self.toggle)
        for widget in (*left, *right):
            row.addWidget(widget)
        row.insertStretch(len(left), 1)
        self.copy.clicked.connect(self._copy)
        self.open.clicked.connect(self.open_requested)
        self.freeze.clicked.connect(self.freeze_requested)
        self.record.clicked.connect(self.record_requested)
        self.play.clicked.connect(self.play_requested)
        self.picture.clicked.connect(self.picture_requested)
        self.settings.clicked.connect(self.settings_requested)
        self.toggle.clicked.connect(self.toggle_requested)

    def _build_theme_menu(self) -> None:
        menu = QMenu(self)
        self._themes = QActionGroup(self)
        for name, text in (
            ("system", self.tr("As the system")),
            ("light", self.tr("Light")),
            ("dark", self.tr("Dark")),
        ):
            action = QAction(text, self._themes, checkable=True)
            action.setData(name)
            menu.addAction(action)
        self._themes.triggered.connect(lambda action: self.theme_requested.emit(action.data()))
        self.theme.setMenu(menu)
        self.theme.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _build_models_menu(self) -> None:
        menu = QMenu(self)
        self._models = QActionGroup(self)
        none = QAction(self.tr("No second model"), self._models, checkable=True)
        none.setData("")
        menu.addAction(none)
        menu.addSeparator()
        for model in MODELS.values():
            action = QAction(formatting.model_title(model.key), self._models, checkable=True)
            action.setData(model.key)
            action.setEnabled(model.available())
            menu.addAction(action)
        self._models.triggered.connect(lambda action: self.second_requested.emit(action.data()))
        self.second.setMenu(menu)
        self.second.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _build_lessons_menu(self) -> None:
        menu = QMenu(self)
        menu.aboutToShow.connect(self.lessons_wanted)
        menu.triggered.connect(lambda action: self.lesson_requested.emit(action.data()))
        self.lessons.setMenu(menu)
        self.lessons.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _draw_toggle(self) -> None:
        if hasattr(self, "_theme"):
            name, colour = ("square", "#ffffff") if self._running else ("play", self._theme.on_accent)
            self.toggle.setIcon(appearance.icon(name, colour))
            self.toggle.style().polish(self.toggle)

    def _reserve(self) -> None:
        """Gives the big button the width of its longer text, so that its neighbours do not move."""
        shown, widths = self.toggle.text(), []
        for word in (self.tr("Start"), self.tr("Stop")):
            self.toggle.setText(f" {word}")
            widths.append(self.toggle.sizeHint().width())
        self.toggle.setText(shown)
        self.toggle.setMinimumWidth(max(widths))

    def _show_signs(self) -> None:
        """Hides name and signs in a narrow window: its frame has the name, and the buttons show their states."""
        wide = self._presenting or self.width() >= WIDE * appearance.line_height()
        self.title.setVisible(wide)
        self.frozen.setVisible(wide and self._frozen)
        self.recording.setVisible(wide and self._recording)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.address)
        self.copy.show_icon("check")
        QTimer.singleShot(COPIED_SHOWN, self.copy, lambda: self.copy.show_icon("copy"))
