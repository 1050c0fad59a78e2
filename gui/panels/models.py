"""The list of concurrency models: families as headings, a row a model, and the chosen one opened.

Owns which row is marked, which is opened, and the way through the list by keys. Knows nothing of what choosing does.
"""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.models import families
from gui import appearance, formatting
from gui.controls import no_click_focus, set_accessible_name, set_role
from gui.model_list.card import ModelCard
from gui.model_list.entry import ListEntry, entry_of
from gui.model_list.opened import OpenedModel
from gui.settings import Settings

SPACING = 3
ABOVE_HEADING = 7
NUMBERS = "1234567890"
"""The keys that choose the first rows."""
TYPING_MS = 1000
"""Milliseconds after which a letter begins a new word."""


class ModelCards(QWidget):
    """The rows under their headings, in teaching order; the user's own come last."""

    model_chosen = Signal(str)
    program_requested = Signal()
    """A program of the user's is to be opened."""
    unfolded = Signal(QWidget)
    """This row has been opened, and is to be seen."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: dict[str, ModelCard] = {}
        """By the keys of their rows, in order."""
        self.opened = OpenedModel()
        self.mistakes = self.opened.mistakes
        self._theme = appearance.LIGHT
        self._group = QButtonGroup(self)
        self._is_folded = False
        self._open_key = ""
        self._typed = ""
        self._typing = QTimer(self, interval=TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self._forget_typed)
        self.open_program = no_click_focus(QPushButton(self.tr("open a program …")))
        self._column = QVBoxLayout(self)
        self._yours = QVBoxLayout()
        self._lay_out()
        self._group.buttonClicked.connect(self._on_clicked)
        self.open_program.clicked.connect(self.program_requested)

    def show_yours(self, entries: Sequence[ListEntry]) -> None:
        """Shows these rows as the user's own, in place of those that were there."""
        present = [each.entry for each in self.cards.values() if self._yours.indexOf(each) >= 0]
        if present == list(entries):
            return
        self.opened.setParent(self)  # or it would end with its row
        self.opened.hide()
        for each in present:
            card = self.cards.pop(each.key)
            self._group.removeButton(card)
            self._yours.removeWidget(card)
            card.hide()
            card.deleteLater()
        for entry in entries:
            self._add(entry, self._yours)
            self.cards[entry.key].show()
        self._open_key = ""

    def select(self, key: str, mistake: str = "", values: Any = None) -> None:
        """Marks the row of `key`, and opens it unless the list is folded.

        `mistake` is the one that it is run with, empty: none; `values` has its settings as attributes.
        """
        card = self.cards.get(key)
        if card is None:
            return
        for each in self.cards.values():
            each.setChecked(each.key == key)
            each.show_mistake(mistake if each.key == key else "")
        if self._is_folded:
            return
        self.opened.show_entry(card.entry, mistake, Settings() if values is None else values)
        if key != self._open_key:
            self._open_key = key
            card.open(self.opened)
            self.unfolded.emit(card)

    def fold(self) -> None:
        """Closes the row that is opened: none is opened until the user chooses one."""
        self._is_folded, self._open_key = True, ""
        self.opened.setParent(self)
        self.opened.hide()

    def choose_number(self, number: int) -> None:
        """Clicks the row with this number as its key, if it exists and can be chosen."""
        for card in self.cards.values():
            if card.number == str(number):
                card.click()

    def show_rates(self, measured: dict[str, float]) -> None:
        """Shows the last measured rate on each row."""
        for key, card in self.cards.items():
            card.show_rate(measured.get(key))

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self.opened.set_theme(theme)
        for card in self.cards.values():
            card.set_theme(theme)

    def lay_out_now(self) -> None:
        """Takes its height and gives each row its place, without waiting for the next turn of the event loop."""
        self.opened.lay_out_now()
        for card in self.cards.values():
            card.lay_out_now()
        self._column.invalidate()
        self.resize(self.width(), self.heightForWidth(self.width()))
        self._column.activate()

    @property
    def chosen(self) -> ModelCard | None:
        """The row that is marked; None if there is none."""
        return next((card for card in self.cards.values() if card.isChecked()), None)

    @property
    def has_keyboard(self) -> bool:
        """Whether a row has the keyboard."""
        return any(card.hasFocus() for card in self.cards.values())

    # ---- keys

    def _step(self, steps: int) -> None:
        """Gives the keyboard to the next row that can be chosen, so many rows further down."""
        able = [card for card in self.cards.values() if card.available]
        place = next((number for number, card in enumerate(able) if card.hasFocus()), -1)
        if 0 <= place + steps < len(able):
            self._reach(able[place + steps])

    def _seek(self, letter: str) -> None:
        """Gives the keyboard to the first row whose title begins with what was typed, or that works like such a
        server."""
        self._typed += letter.casefold()
        self._typing.start()
        able = [card for card in self.cards.values() if card.available]
        texts = [(card.entry.title, card) for card in able] + [(card.entry.in_the_wild, card) for card in able]
        found = next((card for text, card in texts if text.casefold().startswith(self._typed)), None)
        if found:
            self._reach(found)

    def _reach(self, card: ModelCard) -> None:
        card.setFocus(Qt.FocusReason.TabFocusReason)
        self.unfolded.emit(card)

    def _forget_typed(self) -> None:
        self._typed = ""

    def _on_clicked(self, card: ModelCard) -> None:
        self._is_folded = False
        self.model_chosen.emit(card.key)

    # ---- built once

    def _add(self, entry: ListEntry, column: QVBoxLayout) -> None:
        number = NUMBERS[len(self.cards) :][:1] if column is self._column else ""
        card = self.cards[entry.key] = ModelCard(entry, number)
        card.set_theme(self._theme)
        card.moved.connect(self._step)
        card.sought.connect(self._seek)
        self._group.addButton(card)
        column.addWidget(card)

    def _lay_out(self) -> None:
        column = self._column
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(SPACING)
        for family, models in families().items():
            self._add_heading(formatting.translate("models", family).upper())
            for model in models:
                self._add(entry_of(model), column)
        self.open_program.setProperty("link", "true")
        set_accessible_name(
            self.open_program, self.tr("Open a program"), self.tr("Run a server program of yours, and see it here")
        )
        self._add_heading(self.tr("YOURS"), self.open_program)
        self._yours.setSpacing(SPACING)
        column.addLayout(self._yours)
        column.addStretch(1)

    def _add_heading(self, text: str, link: QWidget | None = None) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, ABOVE_HEADING if self.cards else 0, 2, 0)
        row.addWidget(set_role(QLabel(text), "heading", muted=True))
        row.addStretch(1)
        if link:
            row.addWidget(link)
        self._column.addLayout(row)
