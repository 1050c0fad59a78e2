"""The bar of a replay: play and pause, the speed, and the moment that is shown.

Owns only its widgets: requests of the user are signals, and `show_…` sets what is shown. While it is visible, the
window shows no live run.
"""

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QDateTime, QLocale, QPointF, QRectF, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
)

from gui import appearance, formatting
from gui.controls import IconButton, is_text_key, set_accessible_name, set_role
from gui.glossary import plain_tip

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 16.0)
STEPS_A_SECOND = 10
STEP, PAGE = 1, 10
"""Seconds that an arrow key and a page key jump."""
REST_MS = 150
"""Milliseconds for which the handle rests before its moment is requested."""


LONGEST_TITLE = 18
"""The greatest width of the title, in heights of a line."""


class ScrubBar(QSlider):
    """The position in the recording; below the line, when each model ran, in its colour."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme = appearance.LIGHT
        self._stretches: list[tuple[float, float, str]] = []
        self.setSingleStep(STEP * STEPS_A_SECOND)
        self.setPageStep(PAGE * STEPS_A_SECOND)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_stretches(self, stretches: Sequence[tuple[float, float, str]]) -> None:
        """Shows when each model ran, in seconds."""
        self._stretches = list(stretches)
        self.update()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, appearance.line_height() + 8)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right, middle = self._left(), self._right(), self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(appearance.mixed(theme.muted, theme.panel, 0.35)))
        painter.drawRoundedRect(QRectF(left, middle - 3, right - left, 6), 3, 3)
        for begin, end, model in self._stretches:
            from_x, to_x = self._across(begin * STEPS_A_SECOND), self._across(end * STEPS_A_SECOND)
            painter.setBrush(QColor(theme.model_line(model)))
            painter.drawRect(QRectF(from_x, middle - 3, max(to_x - from_x, 2.0), 6))
        handle = QPointF(self._across(self.sliderPosition()), middle)
        painter.setBrush(QColor(theme.panel))
        painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.text), 2))
        painter.drawEllipse(handle, self._radius(), self._radius())
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Moves the handle to the point pressed, rather than by a page."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._follow(event)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leaves Space and digits to the window."""
        if is_text_key(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _follow(self, event: QMouseEvent) -> None:
        share = (event.position().x() - self._left()) / max(self._right() - self._left(), 1)
        self.setSliderPosition(round(share * self.maximum()))

    def _across(self, step: float) -> float:
        share = min(step / max(self.maximum(), 1), 1.0)
        return self._left() + share * (self._right() - self._left())

    def _radius(self) -> float:
        return self.height() * 0.28

    def _left(self) -> float:
        return self._radius() + 2

    def _right(self) -> float:
        return self.width() - self._radius() - 2


class ReplayBar(QFrame):
    """The controls of a replay and the name of its recording; hidden without one."""

    toggle_requested = Signal()
    speed_requested = Signal(float)
    seek_requested = Signal(float)
    """Seconds since the recording's begin."""
    leave_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("replay")
        self.sign = QLabel()
        self.title = set_role(QLabel(), "strong")
        self.about = set_role(QLabel(), "small", muted=True)
        self.toggle = QPushButton()
        self.time = set_role(QLabel())
        self.scrub = ScrubBar()
        self.speed = QComboBox()
        self.leave = IconButton("x", self.tr("Leave the replay"), self.tr("Leave the replay, and show what runs"))
        self._playing = False
        self._seconds = 0.0
        self._marks: list[tuple[float, str]] = []
        self._theme = appearance.LIGHT
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._build()
        self.hide()

    def show_recording(self, name: str, begun: float, is_whole: bool, marks: Sequence[tuple[float, str]]) -> None:
        """Shows the bar for a recording called `name`, begun at a Unix time; at each mark (seconds since then) a model
        became ready, or ended if it is empty."""
        title = self.tr("Replay of {name}").format(name=name)
        metrics = self.title.fontMetrics()
        self.title.setText(metrics.elidedText(title, Qt.TextElideMode.ElideMiddle, LONGEST_TITLE * metrics.height()))
        self.title.setToolTip(plain_tip(title))
        when = QLocale().toString(QDateTime.fromSecsSinceEpoch(round(begun)), QLocale.FormatType.ShortFormat)
        about = self.tr("Recorded {when}") if is_whole else self.tr("Recorded {when}, cut off: plays up to there")
        self.about.setText(about.format(when=when))
        self.setAccessibleName(title)
        self.setAccessibleDescription(self.about.text())
        self._marks, self._seconds = list(marks), 0.0
        self.show()

    def show_position(self, seconds: float, length: float) -> None:
        """Shows the moment; a handle that is held does not move."""
        if length != self._seconds:
            self._seconds = length
            marks = itertools.pairwise([*self._marks, (length, "")])
            stretches = ((begin, end, model) for (begin, model), (end, _) in marks if model)
            with QSignalBlocker(self.scrub):
                self.scrub.setMaximum(round(length * STEPS_A_SECOND))
            self.scrub.show_stretches([(begin, min(end, length), model) for begin, end, model in stretches])
            self._reserve()
        if not self.scrub.isSliderDown() and not self._rest.isActive():
            with QSignalBlocker(self.scrub):
                self.scrub.setValue(round(seconds * STEPS_A_SECOND))
            self._show_time(seconds)

    def show_playing(self, playing: bool) -> None:
        """Shows whether it plays or is paused."""
        self._playing = playing
        text = self.tr("Pause") if playing else self.tr("Play")
        self.toggle.setText(" " + text)
        set_accessible_name(self.toggle, text, self.tr("{what} the replay (Space)").format(what=text))
        self.toggle.setIcon(appearance.icon("pause" if playing else "play", self._theme.text))

    def show_speed(self, speed: float) -> None:
        """Shows the speed, as a factor of the original one."""
        with QSignalBlocker(self.speed):
            self.speed.setCurrentIndex(self.speed.findData(speed))

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self.scrub.set_theme(theme)
        self.leave.set_theme(theme)
        self.setStyleSheet(
            f"QFrame#replay {{ background: {theme.selection}; border: none; border-bottom: 1px solid {theme.accent}; }}"
        )
        side = round(QApplication.font().pointSizeF() * 2)
        self.sign.setPixmap(appearance.icon("history", theme.accent).pixmap(side, side))
        self._reserve()

    def _build(self) -> None:
        set_accessible_name(self.sign, self.tr("This is a replay"), self.tr("What the window shows was recorded"))
        set_accessible_name(
            self.scrub, self.tr("Moment"), self.tr("The moment that is shown; the colours are those of the models")
        )
        set_accessible_name(
            self.time, self.tr("Moment and length"), self.tr("The moment that is shown, and how long the recording is")
        )
        set_accessible_name(self.speed, self.tr("Speed"), self.tr("Speed of the replay"))
        for speed in SPEEDS:
            text = {0.25: "¼", 0.5: "½"}.get(speed) or formatting.whole(speed)
            self.speed.addItem(self.tr("{times} ×").format(times=text), speed)
        self.toggle.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        says = QVBoxLayout()
        says.setSpacing(0)
        says.addWidget(self.title)
        says.addWidget(self.about)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 12, 6)
        row.setSpacing(12)
        row.addWidget(self.sign)
        row.addLayout(says)
        row.addWidget(self.toggle)
        row.addWidget(self.scrub, 1)
        row.addWidget(self.time)
        row.addWidget(self.speed)
        row.addWidget(self.leave)
        self.show_playing(False)
        self.show_speed(1.0)
        self.toggle.clicked.connect(self.toggle_requested)
        self.leave.clicked.connect(self.leave_requested)
        self.speed.currentIndexChanged.connect(lambda: self.speed_requested.emit(self.speed.currentData()))
        self.scrub.valueChanged.connect(self._on_moved)
        self._rest.timeout.connect(lambda: self.seek_requested.emit(self.scrub.sliderPosition() / STEPS_A_SECOND))

    def _on_moved(self, step: int) -> None:
        """Jumps only once the handle rests: each move would begin a jump."""
        self._show_time(step / STEPS_A_SECOND)
        self._rest.start()

    def _show_time(self, seconds: float) -> None:
        self.time.setText(f"{clock(seconds)} / {clock(self._seconds)}")

    def _reserve(self) -> None:
        """Reserves room for the longest texts, so that nothing moves while it plays."""
        longest = f"{clock(self._seconds)} / {clock(self._seconds)}"
        self.time.setFixedWidth(self.time.fontMetrics().horizontalAdvance(longest) + 4)
        widths = []
        for playing in (not self._playing, self._playing):  # the one that holds comes last
            self.show_playing(playing)
            widths.append(self.toggle.sizeHint().width())
        self.toggle.setMinimumWidth(max(widths))


def clock(seconds: float) -> str:
    """Seconds as a clock shows them, as in `0:07` or `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
