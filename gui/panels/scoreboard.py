"""The Scoreboard tab: measured rows, their latencies, and a sentence that compares them.

Owns which rows are selected and what may be done with them. Knows nothing of how rows are measured.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from engine.lab.rows import percentiles
from engine.lab.summary import summarize
from engine.models import MODELS
from gui import appearance, formatting
from gui.controls import IconButton, no_click_focus, set_accessible_name, set_role
from gui.scoreboard.curves import PercentileCurve, PercentilePlot
from gui.scoreboard.table import GROWING, ScoreboardLine, ScoreboardModel
from gui.scoreboard.view import ScoreboardView
from gui.splitter import Splitter

if TYPE_CHECKING:
    from engine.lab.rows import Row
    from gui.history.histories import RunHistory
    from gui.scoreboard.scoreboard import Scoreboard


BUTTONS = ("pin", "rename", "copy", "export", "delete", "clear")
"""The commands with a button; all commands are in the menu of a row."""
TABLE_SHARE = 0.66
"""The table's part of the width where there is plenty."""


class ScoreboardPanel(QWidget):
    """The scoreboard with its curves."""

    run_all_requested = Signal()
    """All models are to be measured in turn."""
    export_requested = Signal(object)
    """The entries to export, a list: the selected ones, or all if none is."""

    def __init__(self, scoreboard: "Scoreboard") -> None:
        super().__init__()
        self._scoreboard = scoreboard
        self._growing: tuple[Row | None, ...] = ()
        self._points: dict[str, list[tuple[float, float]]] = {}
        self.table = ScoreboardModel(scoreboard)
        self.view = ScoreboardView(self.table)
        self.plot = PercentilePlot()
        self.finding = set_role(QLabel(), "strong")
        self.note = set_role(QLabel(), "small", muted=True)
        self.run_all = no_click_focus(QPushButton(" " + self.tr("Run all models")))
        self.undo = no_click_focus(QPushButton())
        self.commands: dict[str, QAction] = {}
        self.buttons: dict[str, IconButton] = {}
        self._icons: dict[str, str] = {}
        self._empty = QWidget()
        self._split = Splitter()
        self._pages = QStackedLayout()
        self._by_hand = False
        """Whether the user has moved the border between table and curves."""
        self._make_commands()
        self._build()
        self._connect()
        self.table.show_growing(None)
        self._refresh()

    def show_growing(self, *growing: "Row | None") -> None:
        """Shows the present scoreboard, and the rows that are being measured if there are any."""
        self._growing = growing
        self._look_again()

    def note_growing(self, growing: "Sequence[Row | None]") -> None:
        """Takes the rows that are being measured, to be shown when they are drawn."""
        self._growing = tuple(growing)

    def show_run(self, history: "RunHistory") -> None:
        """Shows the rows of all runs, whichever is seen elsewhere."""

    def draw(self, now: float) -> None:
        """Shows what is known now."""
        self._look_again()

    def show_frozen(self, frozen: bool) -> None:
        """Does nothing more than not being drawn."""

    def select(self, connection: int, moment: float) -> None:
        """A row is of many connections: nothing is emphasised."""

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        for name, icon in self._icons.items():
            self.commands[name].setIcon(appearance.icon(icon, theme.text))
        for button in self.buttons.values():
            button.set_theme(theme)
        self.undo.setIcon(appearance.icon("undo", theme.text))
        self.run_all.setIcon(appearance.icon("play", theme.on_accent))
        self.view.set_theme(theme)
        self.plot.set_theme(theme)
        self._divide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._divide()

    # ---- what may be done

    def _make_commands(self) -> None:
        add = self._add_command
        add("pin", "pin", self.tr("Pin"), self.tr("Keep the row when the scoreboard is cleared"), "Ctrl+P", self._pin)
        add("rename", "pencil", self.tr("Rename"), self.tr("Give the row another name"), "F2", self._rename)
        add("up", "chevron-up", self.tr("Move up"), self.tr("Move the row up"), "Alt+Up", lambda: self._move(-1))
        add("down", "chevron-down", self.tr("Move down"), self.tr("Move it down"), "Alt+Down", lambda: self._move(1))
        add("copy", "copy", self.tr("Copy"), self.tr("Copy the rows as text, for a spreadsheet"), "Ctrl+C", self._copy)
        add("export", "save", self.tr("Export …"), self.tr("Save the rows in a file"), "Ctrl+E", self._export)
        add(
            "delete", "bin", self.tr("Delete"), self.tr("Delete the rows; Ctrl+Z brings them back"), "Del", self._delete
        )
        clear = self.tr("Delete all rows that are not pinned; Ctrl+Z brings them back")
        add("clear", "clear-list", self.tr("Clear"), clear, "Ctrl+Del", self._scoreboard.clear)
        add(
            "undo",
            "undo",
            self.tr("Undo"),
            self.tr("Bring back what was deleted last"),
            "Ctrl+Z",
            self._scoreboard.undo,
        )

    def _add_command(self, name: str, icon: str, text: str, tip: str, keys: str, slot: Callable[[], None]) -> None:
        def run() -> None:
            slot()
            self._look_again()

        command = QAction(text, self)
        shortcut = QKeySequence(keys)
        command.setShortcut(shortcut)
        command.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        command.setToolTip(f"{tip} ({shortcut.toString(QKeySequence.SequenceFormat.NativeText)})")
        command.triggered.connect(run)
        self.addAction(command)
        self.view.addAction(command)
        self.commands[name], self._icons[name] = command, icon
        if name in BUTTONS:
            self.buttons[name] = button = IconButton(icon, text, command.toolTip())
            button.clicked.connect(command.trigger)
            command.enabledChanged.connect(button.setEnabled)

    def _pin(self) -> None:
        picked = self._picked()
        self._scoreboard.pin({line.entry.key for line in picked if line.entry}, not self._pinned(picked))

    def _rename(self) -> None:
        self.view.edit(self.view.selectionModel().selectedRows()[0])

    def _move(self, steps: int) -> None:
        (line,) = self._picked()
        if line.entry:
            self._scoreboard.move(line.entry.key, steps)

    def _delete(self) -> None:
        self._scoreboard.delete(self.view.picked())

    def _copy(self) -> None:
        from gui.exported_table import tabbed_text

        keys = self.view.picked()
        lines = (line for line in self.table.lines if line.entry and (line.entry.key in keys or not keys))
        QGuiApplication.clipboard().setText(tabbed_text(line.entry for line in lines if line.entry))

    def _export(self) -> None:
        picked = self.view.picked() - set(GROWING)
        self.export_requested.emit([entry for entry in self._scoreboard.entries if entry.key in picked or not picked])

    def _picked(self) -> list[ScoreboardLine]:
        """The finished rows that are selected."""
        keys = self.view.picked() - set(GROWING)
        return [line for line in self.table.lines if line.entry and line.entry.key in keys]

    @staticmethod
    def _pinned(lines: Iterable[ScoreboardLine]) -> bool:
        return all(line.entry.pinned for line in lines if line.entry)

    # ---- what is shown

    def _look_again(self) -> None:
        """Updates the table, but not while a name is being typed: rows that come or go would end the typing."""
        if not self.view.editing:
            self.table.show_growing(*self._growing)

    def _refresh(self) -> None:
        """Shows what follows from the rows and from the selection."""
        lines = [line for line in self.table.lines if line.entry]
        self._pages.setCurrentWidget(self._split if lines else self._empty)
        self._allow()
        self._draw(lines)
        self.finding.setText(self._sentence(lines))
        limited = any(line.entry.row.load_limited for line in lines if line.entry)
        self.note.setVisible(limited)
        removed = self._scoreboard.removed
        self.undo.setVisible(removed > 0)
        self.undo.setText(" " + self.tr("Undo: %Ln row(s) deleted", "", removed))

    def _allow(self) -> None:
        """Enables the commands that are possible."""
        picked, entries = self._picked(), self._scoreboard.entries
        for name, possible in {
            "pin": picked,
            "rename": len(picked) == 1,
            "up": len(picked) == 1,
            "down": len(picked) == 1,
            "copy": entries,
            "export": entries,
            "delete": picked,
            "clear": any(not entry.pinned for entry in entries),
            "undo": self._scoreboard.removed,
        }.items():
            self.commands[name].setEnabled(bool(possible))
        self.commands["pin"].setText(self.tr("Unpin") if picked and self._pinned(picked) else self.tr("Pin"))

    def _in_focus(self, lines: Sequence[ScoreboardLine]) -> tuple[list[ScoreboardLine], bool]:
        """The rows to compare, and whether they were measured under different settings.

        Those measured under the settings of the selected rows, or of the newest; if rows of several settings are
        selected, only these.
        """
        keys = self.view.picked()
        picked = [line for line in lines if line.entry and line.entry.key in keys]
        settings = {line.conditions for line in picked} or {line.conditions for line in lines[:1]}
        if len(settings) > 1:
            return picked, True
        return [line for line in lines if line.conditions in settings], False

    def _draw(self, lines: Sequence[ScoreboardLine]) -> None:
        keys = self.view.picked()
        shown, mixed = self._in_focus(lines)
        known = self._points
        self._points = {each: known.get(each) or percentiles(each) for each in map(_histogram, shown)}
        kinds = [_kind(line.entry.row.model) for line in shown if line.entry]
        curves = [
            PercentileCurve(
                label=self._differing(line, shown) if mixed and not line.entry.name else line.title,
                model=line.entry.row.model,
                points=self._points[_histogram(line)],
                strong=not keys or line.entry.key in keys,
                style=kinds[:number].count(_kind(line.entry.row.model)),
            )
            for number, line in enumerate(shown)
            if line.entry
        ]
        note = self.tr("under different settings") if mixed else self.tr("as the clients saw it")
        if bound := min((line.entry.row.bound for line in shown if line.entry and line.entry.row.bound), default=0.0):
            note += " · " + self.tr("≥ from {time} on").format(time=formatting.duration_text(bound))
        self.plot.draw(curves, note)

    @staticmethod
    def _differing(line: ScoreboardLine, lines: Sequence[ScoreboardLine]) -> str:
        """The settings of `line` that not all of `lines` have."""
        others = [set(other.settings) for other in lines]
        own = [said for said in line.settings if not all(said in other for other in others)]
        return " · ".join(own) or line.title

    def _sentence(self, lines: Sequence[ScoreboardLine]) -> str:
        """The sentence that compares the rows in focus."""
        shown, mixed = self._in_focus(lines)
        if mixed:
            return self.tr("These rows were measured under different settings and cannot be compared.")
        picked = self._picked()
        rows = [line.entry.row for line in (picked if len(picked) > 1 else shown) if line.entry and not line.growing]
        found = summarize(rows)
        if found:
            return formatting.finding(found)
        if not lines:
            return ""
        return self._why_alone(shown[0], lines) if shown else ""

    def _why_alone(self, newest: ScoreboardLine, lines: Sequence[ScoreboardLine]) -> str:
        """Why a row is compared with none: by what the newest row of another model differs, if there is one."""
        model = newest.entry.row.model if newest.entry else ""
        other = next((line for line in lines if line.entry and line.entry.row.model != model), None)
        if other is None:
            return self.tr("Switch the model under the same load: rows with equal conditions are compared.")
        if newest.conditions == other.conditions and (newest.growing or other.growing):
            text = self.tr("{model} and {other} are compared as soon as both are measured.")
            return text.format(model=newest.title, other=other.title)
        own, others = formatting.conditions(newest.conditions), formatting.conditions(other.conditions)
        return self.tr("{model} is compared with none: it was measured with {own}, {other} with {others}.").format(
            model=newest.title,
            own=" · ".join(each for each in own if each not in others) or self.tr("nothing more"),
            other=other.title,
            others=" · ".join(each for each in others if each not in own) or self.tr("nothing more"),
        )

    def _build(self) -> None:
        self.finding.setWordWrap(True)
        self.finding.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.finding.setAccessibleName(self.tr("What was found"))
        set_accessible_name(self.undo, self.tr("Undo"), self.commands["undo"].toolTip())
        self.note.setText(self.tr("≥: the load was the limit"))
        self.note.setToolTip(self.tr("The load's own processor was full: the server can do more."))
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.finding, 1)
        head.addWidget(self.undo)
        for button in self.buttons.values():
            head.addWidget(button)
        self._build_empty()
        left = QWidget()
        below = QVBoxLayout(left)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(2)
        below.addWidget(self.view, 1)
        self.setFocusProxy(self.view)
        below.addWidget(self.note)
        self._split.addWidget(left)
        self._split.addWidget(self.plot)
        self.setFocusProxy(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addLayout(self._pages, 1)
        self._pages.addWidget(self._empty)  # not earlier: a page without a parent would appear as a window
        self._pages.addWidget(self._split)

    def _divide(self) -> None:
        """Gives the table the width it needs and the curves the rest, until the user moves the border."""
        if self._by_hand:
            return
        room = self._split.width()
        table = max(round(TABLE_SHARE * room), min(self.view.least_width(), room - self.plot.minimumWidth()))
        self._split.setSizes([table, room - table])

    def _moved(self) -> None:
        self._by_hand = True

    def _build_empty(self) -> None:
        """The page before there is a row: how to get one."""
        says = set_role(QLabel(self.tr("Start a model and the load: three steady seconds make a row.")), muted=True)
        says.setWordWrap(True)
        says.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.run_all.setProperty("action", "start")
        tip = self.tr("Measure each model in turn under the load that is set; equal conditions are compared")
        set_accessible_name(self.run_all, self.tr("Run all models"), tip)
        column = QVBoxLayout(self._empty)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(says)
        column.addWidget(self.run_all, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)

    def _connect(self) -> None:
        self.run_all.clicked.connect(self.run_all_requested)
        self.undo.clicked.connect(self.commands["undo"].trigger)
        self._split.splitterMoved.connect(self._moved)
        self.view.selectionModel().selectionChanged.connect(self._refresh)
        self.table.modelReset.connect(self._refresh)
        self.table.dataChanged.connect(self._refresh)
        self.view.itemDelegate().closeEditor.connect(self._look_again, Qt.ConnectionType.QueuedConnection)


def _histogram(line: ScoreboardLine) -> str:
    return line.entry.row.histogram if line.entry else ""


def _kind(model: str) -> tuple[str, ...]:
    """What models whose colours are shades of one have in common."""
    return (MODELS[model].worker, MODELS[model].waits) if model in MODELS else (model,)
