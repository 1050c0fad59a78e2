"""Who gets the next connection: the share of each worker, as bars.

Owns how shares are drawn, and the words for how even they are. Knows nothing of where the counts come from.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.traits import Traits
from gui import appearance, formatting
from gui.controls import Card, Elided, no_click_focus, set_accessible_name, set_role, wrap_lines

if TYPE_CHECKING:
    from gui.history.shares import Division, Share

translate = QCoreApplication.translate
GAP = 8.0
LEAST_BAR = 46.0
"""Pixels of a bar below which a column of figures is left out."""
TALLEST = 30.0
"""The most pixels of a row."""
WIDE = 3.0
"""Times the even share that a bar shows at its end, unless one worker has more."""


class TitleMenu(QPushButton):
    """The title of a place that shows one of several pictures, with a menu of them."""

    chosen = Signal(int)

    def __init__(self, names: list[str], current: int) -> None:
        super().__init__(names[current])
        self.setProperty("title", "true")
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow comes last, as in a list
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        no_click_focus(self)
        set_accessible_name(self, names[current], self.tr("Choose what is shown here"))
        self._menu = QMenu(self)
        for number, name in enumerate(names):
            action = self._menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(number == current)
            action.triggered.connect(lambda _=False, number=number: self._choose(number, current))
        self.clicked.connect(lambda: self._menu.popup(self.mapToGlobal(self.rect().bottomLeft())))

    def _choose(self, number: int, current: int) -> None:
        for place, action in enumerate(self._menu.actions()):
            action.setChecked(place == current)  # this title stands for one of them
        self.chosen.emit(number)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self.setIcon(appearance.icon("chevron-down", theme.text))


class SharesCard(Card):
    """The shares of the workers of the server that runs."""

    def __init__(self, title: QWidget) -> None:
        super().__init__()
        self.note = set_role(Elided(), "small", muted=True)
        self.bars = ShareBars()
        set_accessible_name(
            self,
            self.tr("Who gets the next connection"),
            self.tr(
                "The share of the connections that each worker accepted, or took from the queue of its pool: the bar"
                " for the last 5 seconds, the small mark since the server began; the dashed line is an even share."
                " How uneven they are is one number: the largest share divided by the even one, so 1 is even. Beside"
                " it the share of the requests, and the part of the time for which the worker served. All are counted"
                " by the workers themselves: none is an estimate."
            ),
        )
        self.setMinimumHeight(130)
        heading = QHBoxLayout()
        heading.setSpacing(8)
        heading.addWidget(title)
        heading.addWidget(self.note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 10, 6)
        column.setSpacing(2)
        column.addLayout(heading)
        column.addWidget(self.bars, 1)

    def show_shares(self, model: str, traits: Traits, lately: "Division", whole: "Division") -> None:
        """Shows how what came `lately`, and as a `whole`, was divided among the workers."""
        self.bars.show_shares(model, traits, lately, whole)
        self.note.setText(self.bars.period)
        self.setAccessibleDescription(self.bars.description())

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self.bars.set_theme(theme)


class ShareBars(QWidget):
    """A row for each worker: its name, a bar, and figures; below, how even they are."""

    def __init__(self) -> None:
        super().__init__()
        self.period = ""
        """The time that the bars are of, in words."""
        self._model, self._traits = "", Traits()
        self._shown: Division | None = None
        self._whole: Division | None = None
        self._theme = appearance.LIGHT
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(200, 100)

    def show_shares(self, model: str, traits: Traits, lately: "Division", whole: "Division") -> None:
        """Shows these shares; without any of the last seconds, those since the beginning."""
        shown = lately if lately.total else whole
        if (model, traits, shown, whole) == (self._model, self._traits, self._shown, self._whole):
            return
        self._model, self._traits, self._shown, self._whole = model, traits, shown, whole
        self.period = ""
        if self.is_known:
            seconds = formatting.whole(max(1.0, shown.seconds))
            self.period = self.tr("since the start") if shown is whole else self.tr("last {n} s").format(n=seconds)
        self.update()

    @property
    def is_known(self) -> bool:
        """Whether there is anything to be divided among several workers."""
        return self._shown is not None and len(self._shown.shares) > 1

    def verdict(self) -> str:
        """How even the shares are, in variants."""
        shown = self._shown
        assert shown
        even = formatting.rounded(100 * shown.even, 0 if shown.even >= 0.1 else 1)
        if not shown.total:
            return self.tr("an even share is {even} %").format(even=even)
        said = self.tr("largest ÷ even share: {n}").format(n=formatting.rounded(shown.unevenness, 2))
        word = self.tr("uneven") if shown.is_uneven else self.tr("even") if shown.is_even else ""
        full = " · ".join(filter(None, [word, said, self.tr("even is {even} %").format(even=even)]))
        return formatting.variants(full, " · ".join(filter(None, [word, said])), said)

    def description(self) -> str:
        """What is shown, for a screen reader."""
        if not self.is_known:
            return _empty()
        assert self._shown
        rows = [f"{self._name(each)}: {_percent(each.part)}" for each in self._shown.shares]
        return ", ".join([*rows, formatting.longest(self.verdict())])

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self._font = appearance.sized(QApplication.font(), 0.84)
        self._small = appearance.sized(QApplication.font(), 0.76)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.is_known:
            self._paint_rows(painter)
        else:
            painter.setFont(self._font)
            painter.setPen(QColor(self._theme.muted))
            lines = wrap_lines(_empty(), self._font, self.width() - 10.0, 4)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "\n".join(lines))
        painter.end()

    def _name(self, share: "Share") -> str:
        return formatting.worker_name(self._traits, share.worker)

    def _paint_rows(self, painter: QPainter) -> None:
        shown = self._shown
        assert shown
        metrics, small = QFontMetricsF(self._font), QFontMetricsF(self._small)
        columns = self._columns()
        names = max(metrics.horizontalAdvance(self._name(each)) for each in shown.shares) + GAP
        names = min(names, self.width() * 0.4)
        widths = [
            max(small.horizontalAdvance(title), metrics.horizontalAdvance(_percent(1.0))) + GAP for title, _ in columns
        ]
        while len(widths) > 1 and self.width() - names - sum(widths) < LEAST_BAR:
            widths.pop()
        columns = columns[: len(widths)]
        bar_width = max(10.0, self.width() - names - sum(widths))
        top = small.height() + 1
        room = self.height() - top - small.height() - 3
        count = max(1, min(len(shown.shares), int(room / (metrics.height() + 1))))
        height = min(TALLEST, room / count)
        painter.setFont(self._small)
        painter.setPen(QColor(self._theme.muted))
        right = names + bar_width
        for (title, _), width in zip(columns, widths, strict=True):
            right += width
            painter.drawText(QPointF(right - small.horizontalAdvance(title), small.ascent()), title)
        is_cut = count < len(shown.shares)
        rows = shown.shares[: count - 1] if is_cut else shown.shares
        for place, share in enumerate(rows):
            self._paint_row(painter, share, top + place * height, height, names, bar_width)
            x = names + bar_width
            for (_, read), width in zip(columns, widths, strict=True):
                x += width
                text = read(share)
                self._text(painter, text, x - metrics.horizontalAdvance(text), top + place * height, height)
        if is_cut:
            self._paint_rest(painter, shown.shares[count - 1 :], top + (count - 1) * height, height)
        even = names + bar_width * shown.even / self._scale()
        painter.setPen(QPen(QColor(self._theme.text), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(even, top), QPointF(even, top + height * len(rows)))
        painter.setFont(self._small)
        painter.setPen(QColor(self._theme.muted))
        self._paint_verdict(painter, self.height() - small.descent() - 1)

    def _paint_verdict(self, painter: QPainter, baseline: float) -> None:
        small = QFontMetricsF(self._small)
        texts = self.verdict().split("\x9c")
        text = next((each for each in texts if small.horizontalAdvance(each) <= self.width()), texts[-1])
        painter.drawText(QPointF(0, baseline), small.elidedText(text, Qt.TextElideMode.ElideRight, self.width()))

    def _paint_row(
        self, painter: QPainter, share: "Share", top: float, height: float, left: float, width: float
    ) -> None:
        metrics = QFontMetricsF(self._font)
        name = metrics.elidedText(self._name(share), Qt.TextElideMode.ElideRight, left - GAP)
        self._text(painter, name, 0.0, top, height)
        bar = QRectF(left, top + height * 0.2, width, height * 0.6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.model_fill(self._model)))
        painter.drawRoundedRect(bar, 3, 3)
        scale = self._scale()
        painter.setBrush(QColor(self._theme.model_line(self._model)))
        filled = QRectF(bar)
        filled.setWidth(bar.width() * min(1.0, share.part / scale))
        painter.drawRoundedRect(filled, 3, 3)
        whole = (
            next((each for each in self._whole.shares if each.worker == share.worker), None) if self._whole else None
        )
        if whole:
            x = bar.left() + bar.width() * min(1.0, whole.part / scale)
            painter.setBrush(QColor(self._theme.text))
            painter.drawRect(QRectF(x - 1, bar.bottom() - 2, 2, 4))
            painter.drawRect(QRectF(x - 1, bar.top() - 2, 2, 4))

    def _paint_rest(self, painter: QPainter, rest: tuple["Share", ...], top: float, height: float) -> None:
        least, most = min(each.part for each in rest), max(each.part for each in rest)
        said = self.tr("and %Ln more", "", len(rest))
        span = self.tr("{least} to {most} each").format(least=_percent(least), most=_percent(most))
        painter.setPen(QColor(self._theme.muted))
        self._text(painter, f"{said}: {span}", 0.0, top, height)

    def _text(self, painter: QPainter, text: str, x: float, top: float, height: float) -> None:
        metrics = QFontMetricsF(self._font)
        painter.setFont(self._font)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(QPointF(x, top + (height - metrics.height()) / 2 + metrics.ascent()), text)

    def _scale(self) -> float:
        """The share that a whole bar stands for."""
        assert self._shown
        wide = min(1.0, WIDE * self._shown.even)
        return wide if all(each.part <= wide for each in self._shown.shares) else 1.0

    def _columns(self) -> "list[tuple[str, Callable[[Share], str]]]":
        assert self._shown
        columns: list[tuple[str, Callable[[Share], str]]] = [
            (
                self.tr("requests") if self._shown.of_requests else self.tr("connections"),
                lambda each: _percent(each.part),
            )
        ]
        if not self._shown.of_requests:
            columns.append((self.tr("requests"), lambda each: _percent(each.requests_part)))
        if any(each.busy is not None for each in self._shown.shares):
            columns.append((self.tr("busy"), lambda each: "" if each.busy is None else _percent(each.busy)))
        return columns


def _percent(part: float) -> str:
    return translate("words", "{n} %").format(n=formatting.rounded(100 * part, 0))


def _empty() -> str:
    return translate("shares", "Here is drawn which worker gets how many connections, where several take turns.")
