"""A pseudo-language: each text that `lupdate` finds has accents on all its letters, and is about 30 % longer.

Owns the translator and how the texts of a window are collected. What has plain letters was not translated.
"""

import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt, QTranslator
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QSpinBox,
    QTabBar,
    QTableView,
    QTreeView,
    QWidget,
)

from engine.texts import plural

PROJECT = Path(__file__).parents[2]
PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ACCENTED = "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞQ̌ŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþq̌ŕšţûṽŵẋýž".replace("Q̌", "Ǫ").replace("q̌", "ǫ")
KEPT = re.compile(r"(\{[^{}]*\}|%L?n|%\d|&[a-z]+;|<[^<>]*>)")
"""What stands for something else in a text."""
ACCENTS = str.maketrans(PLAIN, ACCENTED)


def accented(text: str) -> str:
    """`text` in the pseudo-language."""
    if not text.strip():
        return text
    parts = KEPT.split(text)
    said = "".join(part if place % 2 else part.translate(ACCENTS) for place, part in enumerate(parts))
    return f"⟦{said}{'~' * (round(0.3 * len(text)) - 2)}⟧"


def tool(name: str) -> Path:
    """One of PySide6's programs for translators."""
    return Path(sysconfig.get_path("scripts")) / f"pyside6-{name}{'.exe' if sys.platform == 'win32' else ''}"


def collect_texts(folder: Path) -> dict[tuple[str, str], bool]:
    """What `pyside6-lupdate` finds in the sources: context and text, and whether the text has plural forms."""
    found = folder / "texts.ts"
    sources = sorted(str(path) for half in ("engine", "gui") for path in (PROJECT / half).rglob("*.py"))
    subprocess.run([tool("lupdate"), *sources, "-ts", found], check=True, capture_output=True, timeout=60)
    return {
        (str(context.findtext("name")), str(message.findtext("source"))): message.get("numerus") == "yes"
        for context in ElementTree.parse(found).getroot().iter("context")
        for message in context.iter("message")
    }


class PseudoLanguage(QTranslator):
    """Translates what was collected, and Qt's own texts."""

    def __init__(self, texts: dict[tuple[str, str], bool]) -> None:
        super().__init__()
        self._texts = texts

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        known = (context, text) in self._texts or context.startswith(("Q", "CloseButton"))
        return accented(plural(text, n) if n >= 0 else text) if known else None


def shown_texts(top: QWidget) -> Iterator[tuple[str, str]]:
    """Where each text stands, and the text: of `top` and of what is in it, also where it is not in sight."""
    for widget in [top, *top.findChildren(QWidget)]:
        place = f"{type(widget).__name__} {widget.objectName()}".strip()
        texts = [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription(), widget.statusTip()]
        match widget:
            case QLabel() | QAbstractButton():
                texts.append(widget.text())
            case QComboBox():
                tips = [widget.itemData(place, Qt.ItemDataRole.ToolTipRole) or "" for place in range(widget.count())]
                texts += [widget.itemText(place) for place in range(widget.count())] + tips
            case QSpinBox() | QDoubleSpinBox():
                texts += [widget.prefix(), widget.suffix(), widget.specialValueText()]
            case QLineEdit() if not isinstance(widget.parent(), QAbstractSpinBox | QComboBox):
                texts.append(widget.placeholderText())
            case QPlainTextEdit():
                texts.append(widget.placeholderText())
            case QTabBar():
                texts += [text(tab) for tab in range(widget.count()) for text in (widget.tabText, widget.tabToolTip)]
            case QTableView() | QTreeView() if widget.model():
                texts += _texts_of_model(widget.model())
            case QGroupBox() | QMenu():
                texts.append(widget.title())
        if widget.isWindow():
            texts.append(widget.windowTitle())
        texts += [text for action in widget.actions() for text in (action.text(), action.toolTip())]
        yield from ((place, text) for text in texts if text)


def _texts_of_model(model: QAbstractItemModel) -> Iterator[str]:
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
    root = QModelIndex()
    values = [
        model.headerData(section, Qt.Orientation.Horizontal, role)
        for section in range(model.columnCount(root))
        for role in roles
    ]
    values += [
        model.index(row, column, root).data(role)
        for row in range(min(20, model.rowCount(root)))
        for column in range(model.columnCount(root))
        for role in roles
    ]
    return (value for value in values if isinstance(value, str))
