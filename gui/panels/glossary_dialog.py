"""The glossary as a list, with a field that filters it.

Owns the dialog. The words are those of `gui.glossary`.
"""

from html import escape

from PySide6.QtWidgets import QDialog, QLineEdit, QTextBrowser, QVBoxLayout, QWidget

from gui.controls import set_accessible_name
from gui.glossary import words, words_in


class GlossaryDialog(QDialog):
    """All words as a list, and a field that filters it."""

    def __init__(self, near: str, parent: QWidget | None = None) -> None:
        """Words in the text `near` come first."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Glossary"))
        self._near = words_in(near, words())
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter the words"))
        set_accessible_name(self.filter, self.tr("Filter the words"))
        self.list = QTextBrowser()
        set_accessible_name(self.list, self.tr("The words and what they mean"))
        column = QVBoxLayout(self)
        column.addWidget(self.filter)
        column.addWidget(self.list)
        self.resize(560, 480)
        self.filter.textChanged.connect(self._show_words)
        self._show_words("")

    def _show_words(self, wanted: str) -> None:
        ordered = dict.fromkeys([*self._near, *sorted(words(), key=lambda word: word.word.said().lower())])
        lines = [
            f"<p><b>{escape(word.word.said())}</b><br>{escape(word.text.said())}</p>"
            for word in ordered
            if wanted.lower() in " ".join((*word.forms, word.word.zh, word.text.said())).lower()
        ]
        self.list.setHtml("".join(lines) or escape(self.tr("No word has this in it.")))
