"""The band of a lesson below the header: what is asked, the answers, what was measured, and why.

Owns its widgets and how they share the width. What is done in it is a signal; which step is shown is set by calls.
"""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui import appearance
from gui.controls import Elided, IconButton, no_click_focus, set_accessible_name, set_role
from gui.lessons.flow import LessonFlow, Stage

MOST_ANSWERS = 4
NARROW = 1200
"""The width of the band in pixels below which its texts are small."""
NARROW_ANSWER = 150
"""The width in pixels below which answers stand in two columns."""
CHIP = 22
"""The side of the square with an answer's number."""
WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
NO_MARK, RIGHT, WRONG = "", "✓", "✗"
SIDE_SHARE, MIDDLE_SHARE, BUTTONS_SHARE = 27, 57, 16


class AnswerButton(QAbstractButton):
    """One answer with its number; once it is known which is right, marked by a sign and a colour."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.mark = NO_MARK
        self._theme = appearance.LIGHT
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        no_click_focus(self)

    def show_answer(self, text: str, mark: str) -> None:
        """Shows this text, and whether it was right."""
        self.mark = mark
        self.setText(text)
        signs = {RIGHT: self.tr("Measured: "), WRONG: self.tr("Not measured: ")}
        set_accessible_name(self, f"{signs.get(mark, '')}{self.number}: {text}", text)
        self.update()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self.update()

    def height_for(self, width: float) -> int:
        """The height that its text needs in this width."""
        room = QRect(0, 0, max(1, round(width) - CHIP - 34), 1000)
        return max(CHIP, self._metrics().boundingRect(room, WRAPPED, self.text()).height()) + 14

    def sizeHint(self) -> QSize:
        return QSize(NARROW_ANSWER, self.height_for(NARROW_ANSWER))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, CHIP + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        colour = {RIGHT: theme.good, WRONG: theme.bad}.get(self.mark, theme.accent if self.isChecked() else theme.muted)
        back = {RIGHT: theme.good_back, WRONG: theme.bad_back}.get(
            self.mark, theme.selection if self.isChecked() else theme.hover if self.underMouse() else theme.panel
        )
        is_strong = bool(self.mark) or self.isChecked() or self.hasFocus()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colour if is_strong else theme.border), 2 if is_strong else 1))
        painter.setBrush(QColor(back))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        chip = QRectF(11, (self.height() - CHIP) / 2, CHIP, CHIP)
        painter.setPen(QPen(QColor(colour), 1))
        painter.setBrush(QColor(theme.panel))
        painter.drawRoundedRect(chip, 5, 5)
        painter.setFont(appearance.sized(QApplication.font(), 0.84, bold=True))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, self.mark or str(self.number))
        painter.setFont(self._text_font())
        painter.setPen(QColor(theme.text))
        painter.drawText(QRectF(self.rect()).adjusted(CHIP + 22, 4, -10, -4), WRAPPED, self.text())
        painter.end()

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(self._text_font())

    @staticmethod
    def _text_font() -> QFont:
        return appearance.sized(QApplication.font(), 0.9)


@dataclass(frozen=True)
class BandTexts:
    """What the band says at one step, in the user's language."""

    caption: str
    headline: str
    text: str
    """Above the answers."""
    hint: str
    action: str
    """The big button's word; empty: there is none."""
    progress: float | None = None
    """How much of the run is over, from 0 to 1; None: none is under way."""


class LessonBand(QFrame):
    """A lesson, one step at a time."""

    answered = Signal(int)
    """The number of an answer, from 0."""
    action_requested = Signal()
    """The big button: run it, go on, or the next lesson."""
    back_requested = Signal()
    again_requested = Signal()
    leave_requested = Signal()
    source_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lesson")
        self.caption = set_role(Elided(), "small")
        self.headline = set_role(QLabel(), "title")
        self.text = set_role(QLabel())
        self.answers = [AnswerButton(number + 1) for number in range(MOST_ANSWERS)]
        self.source = set_role(Elided(), "small")
        self.show_source = no_click_focus(QPushButton(self.tr("Show it")))
        self.explore = set_role(QLabel(), "small")
        self.action = QPushButton()
        self.progress = QProgressBar()
        self.hint = set_role(QLabel(), "small", muted=True)
        self.back = IconButton("arrow-left", self.tr("Back"), self.tr("Back one step (←)"))
        self.again = IconButton("refresh-cw", self.tr("Run it again"), self.tr("Run it again (R)"))
        self.leave = IconButton("x", self.tr("Leave the lesson"), self.tr("Leave the lesson (Esc)"))
        self._group = QButtonGroup(self)
        self._pages = QStackedWidget()
        self._grid = QGridLayout()
        self._count = 0
        self._is_narrow: bool | None = None
        self._longest: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._theme = appearance.LIGHT
        self._build()
        self.hide()

    def show_step(self, flow: LessonFlow, texts: BandTexts, answers: list[str], source: str, explore: str) -> None:
        """Shows the step that the lesson is at."""
        self.caption.setText(texts.caption)
        self.headline.setText(texts.headline)
        set_accessible_name(self.text, texts.text).setText(texts.text)
        self.explore.setText(explore)
        self.source.setText(source)
        set_accessible_name(self.source, source)
        self._pages.setCurrentIndex(int(flow.stage is Stage.WHY))
        self._show_answers(flow, answers)
        self.action.setText(texts.action)
        set_accessible_name(self.action, texts.action, self.tr("{action} (Enter)").format(action=texts.action))
        self.action.setEnabled(bool(texts.action) and (flow.stage is not Stage.ASK or flow.can_run))
        self.progress.setVisible(texts.progress is not None)
        self.action.setVisible(texts.progress is None)
        self.progress.setValue(round(100 * (texts.progress or 0.0)))
        self.hint.setText(texts.hint)
        self.back.setEnabled(flow.can_go_back)
        self.again.setEnabled(flow.verdict is not None and flow.stage is not Stage.RUN)
        self.setAccessibleName(texts.caption)
        self.setAccessibleDescription(f"{texts.headline} {texts.text}")

    def reserve(self, headlines: tuple[str, ...], texts: tuple[str, ...]) -> None:
        """Keeps the height that the longest of these need, so that nothing below moves from step to step."""
        self._longest = headlines, texts
        self._fit()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self.setStyleSheet(
            f"QFrame#lesson {{ background: {theme.busy_back}; border: none; border-bottom: 1px solid {theme.border}; }}"
            f"QLabel#caption {{ color: {theme.busy}; font-weight: 600; }}"
            f"QProgressBar {{ background: {theme.panel}; border: 1px solid {theme.border}; border-radius: 7px; }}"
            f"QProgressBar::chunk {{ background: {theme.accent}; border-radius: 6px; }}"
        )
        for answer in self.answers:
            answer.set_theme(theme)
        for button in (self.back, self.again, self.leave):
            button.set_theme(theme)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _show_answers(self, flow: LessonFlow, answers: list[str]) -> None:
        is_known = flow.stage >= Stage.REVEAL and flow.verdict is not None and flow.verdict.shown is not None
        self._count = len(answers)
        self._group.setExclusive(False)
        for number, button in enumerate(self.answers):
            button.setVisible(number < len(answers))
            if number < len(answers):
                is_shown = is_known and flow.verdict is not None and number == flow.verdict.shown
                mark = RIGHT if is_shown else WRONG if is_known and number == flow.guess else NO_MARK
                button.show_answer(answers[number], mark)
                button.setChecked(number == flow.guess)
                button.setEnabled(flow.stage is Stage.ASK)
        self._group.setExclusive(True)

    def _build(self) -> None:
        self.caption.setObjectName("caption")
        for label in (self.headline, self.text, self.explore, self.hint):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        for number, button in enumerate(self.answers):
            self._group.addButton(button, number)
        self.action.setProperty("action", "start")
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 100)
        set_accessible_name(self.progress, self.tr("How much of the run is over"))
        set_accessible_name(self.show_source, self.tr("Show the line in the source"))
        self.show_source.setProperty("dense", "true")
        side = QVBoxLayout()
        side.setSpacing(2)
        side.addWidget(self.caption)
        side.addWidget(self.headline)
        side.addStretch(1)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        cards = QWidget()
        cards.setLayout(self._grid)
        self._pages.addWidget(cards)
        self._pages.addWidget(self._explained())
        middle = QVBoxLayout()
        middle.setSpacing(6)
        middle.addWidget(self.text)
        middle.addWidget(self._pages, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 10)
        row.setSpacing(14)
        row.addLayout(side, SIDE_SHARE)
        row.addLayout(middle, MIDDLE_SHARE)
        row.addLayout(self._buttons(), BUTTONS_SHARE)
        self._group.idClicked.connect(self.answered)
        self.action.clicked.connect(self.action_requested)
        self.back.clicked.connect(self.back_requested)
        self.again.clicked.connect(self.again_requested)
        self.leave.clicked.connect(self.leave_requested)
        self.show_source.clicked.connect(self.source_requested)

    def _explained(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.source, 1)
        line.addWidget(self.show_source)
        column.addLayout(line)
        column.addWidget(self.explore)
        column.addStretch(1)
        return page

    def _buttons(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(5)
        column.addWidget(self.action)
        column.addWidget(self.progress)
        column.addWidget(self.hint, 1)
        small = QHBoxLayout()
        small.setSpacing(6)
        for button in (self.back, self.again, self.leave):
            small.addWidget(button)
        small.addStretch(1)
        column.addLayout(small)
        return column

    def _fit(self) -> None:
        """Gives the answers their columns, and the band the height that the longest texts need."""
        if not self._count or not self.width():
            return
        self._size_texts()
        room = self.width() - 32 - 28
        shares = SIDE_SHARE + MIDDLE_SHARE + BUTTONS_SHARE
        side, middle = room * SIDE_SHARE / shares, room * MIDDLE_SHARE / shares
        columns = self._count if (middle - 8 * self._count) / self._count >= NARROW_ANSWER else min(2, self._count)
        for number, button in enumerate(self.answers[: self._count]):
            self._grid.addWidget(button, number // columns, number % columns)
        for column in range(MOST_ANSWERS):
            self._grid.setColumnStretch(column, int(column < columns))
        rows = -(-self._count // columns)
        each = max(button.height_for((middle - 8 * columns) / columns) for button in self.answers[: self._count])
        cards = rows * each + 8 * (rows - 1)
        headlines, texts = self._longest
        explained = self.show_source.sizeHint().height() + 4 + _height(self.explore, [self.explore.text()], middle)
        left = self.caption.sizeHint().height() + 2 + _height(self.headline, headlines, side)
        centre = _height(self.text, texts, middle) + 6 + max(cards, explained)
        right = (
            self.action.sizeHint().height() + round(2.6 * appearance.line_height()) + self.back.sizeHint().height() + 10
        )
        self.text.setFixedHeight(_height(self.text, texts, middle))
        self.setFixedHeight(max(left, centre, right) + 20)

    def _size_texts(self) -> None:
        if self._is_narrow != (is_narrow := self.width() < NARROW):
            self._is_narrow = is_narrow
            set_role(self.headline, "strong" if is_narrow else "title")
            set_role(self.text, "small" if is_narrow else "")
            for label in (self.headline, self.text):
                label.style().polish(label)


def _height(label: QLabel, texts: "tuple[str, ...] | list[str]", width: float) -> int:
    """The height in which each of the texts has room in the label."""
    metrics, room = QFontMetrics(label.font()), QRect(0, 0, max(1, round(width) - 4), 10_000)
    return max((metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, text).height() for text in texts), default=0) + 4
