"""The Requests tab: the log as a table, with a filter, the flow of the newest, and one request in full.

Owns the filter, whether the table flows, and which request is picked. Knows nothing of where requests come from.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from gui import appearance, formatting
from gui.controls import Elided, no_click_focus, set_accessible_name, set_role
from gui.history.phases import request_at
from gui.history.search import FAILED
from gui.log.detail import RequestDetail
from gui.log.summary import PercentileTable
from gui.log.table import RequestTable
from gui.log.view import LogView
from gui.splitter import Splitter

if TYPE_CHECKING:
    from gui.history.histories import RunHistory
    from gui.history.lanes import Lanes
    from gui.history.request_log import RequestLog, WorkerName
    from gui.history.search import Search

LOW = 420
"""Pixels of height below which the details are beside the table rather than under it."""


SUM_INTERVAL = 1000
"""The least milliseconds between two updates of the percentiles."""


class RequestsPanel(QWidget):
    """The log of requests."""

    connection_selected = Signal(int, float)
    """A request of this connection was selected, which ended at this time."""

    def __init__(
        self, log: "RequestLog", lanes: "Lanes", search: "Callable[[RequestLog, str, WorkerName], Search]"
    ) -> None:
        super().__init__()
        self.table = RequestTable(log, search)
        self.filter = QLineEdit()
        self.failed = no_click_focus(QPushButton(self.tr("Failed")))
        self.follow = no_click_focus(QPushButton(" " + self.tr("Follow newest")))
        self.count = set_role(Elided(), muted=True)
        self.view = LogView(self.table)
        self.empty = set_role(QLabel(), muted=True)
        self.newest = no_click_focus(QPushButton(self.tr("Show the newest")))
        """Offered where the table is held at requests that are gone."""
        self.detail = RequestDetail(lanes)
        self.percentiles = PercentileTable()
        self._log = log
        self._drawn = -1
        self._url = ""
        self._is_running = False
        self._is_led = False
        """Whether a row is being selected because of what was selected elsewhere."""
        self._missed = ""
        """Why a request that was selected elsewhere is not selected here; empty: it is, or none was."""
        self._frozen = False
        self._searching = QTimer(self, interval=0)
        self._summed = QTimer(self, interval=SUM_INTERVAL, singleShot=True)
        self._split = Splitter(Qt.Orientation.Vertical)
        self._build()
        self._connect()
        self._show_count()

    def refresh(self) -> None:
        """Shows what has arrived, unless the picture is frozen."""
        if self._frozen:
            return
        self._search()
        if not self._summed.isActive():
            self._show_percentiles()

    def show_run(self, history: "RunHistory") -> None:
        """Shows the log of this run from now on."""
        self._is_running = history.server.ready is not None
        if history.server.log is not self._log:
            self.show_log(history.server.log, history.lanes)

    def draw(self, now: float) -> None:
        """Shows what has arrived since the last call."""
        if self._log.total != self._drawn:
            self._drawn = self._log.total
            self.refresh()

    def select(self, connection: int, moment: float) -> None:
        """Picks the request that the connection was busy with at that moment; 0: leaves the one that is picked."""
        if moment:
            self.pick(connection, moment)

    def show_log(self, log: "RequestLog", lanes: "Lanes") -> None:
        """Shows the newest of another log, with the same filter; the lanes have its requests' intervals."""
        self._log, self._drawn = log, -1
        self.detail.waterfall.show_lanes(lanes)
        self.view.clearSelection()
        self.table.show_log(log)
        self.follow.setChecked(True)
        self._missed = ""
        self.table.set_filter(self._sought())
        self._search()
        self._show_percentiles()

    def pick(self, connection: int, moment: float) -> None:
        """Selects the request of the connection at that time, if it is in the table."""
        row = request_at(self._log, connection, moment)
        if row and self.table.place(row.sequence) is None and not self._frozen:
            self.table.renew()  # it came after those that are held
        place = self.table.place(row.sequence) if row else None
        self._missed = "" if place is not None else self._why_missed(row is not None)
        self._is_led = True
        if place is None:
            self.view.clearSelection()
        else:
            self.view.selectRow(place)
        self._is_led = False
        self._show_count()

    def _why_missed(self, is_logged: bool) -> str:
        if is_logged and self._sought():
            return self.tr("the filter hides that request")
        return self.tr("that request is not shown") if is_logged else self.tr("that request is not in the log")

    def show_frozen(self, frozen: bool) -> None:
        """Sets whether the table is frozen."""
        if self._frozen == frozen:
            return
        self._frozen = frozen
        if frozen:
            self.table.hold()
        elif self.follow.isChecked():
            self.table.follow()
        self.refresh()

    def show_url(self, url: str) -> None:
        """Sets the server's URL, for the advice in the empty table."""
        self._url = url
        self._show_count()

    def step_back(self) -> bool:
        """Closes the details, or else clears the filter and leaves it; returns whether either was done."""
        had_keyboard = self.filter.hasFocus()
        self.view.setFocus()
        if self.detail.isVisibleTo(self):
            self.view.clearSelection()
        elif self._sought():
            self.filter.clear()
            self.failed.setChecked(False)
        else:
            return had_keyboard
        return True

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self.table.set_theme(theme)
        self.detail.set_theme(theme)
        self._filter_icon.setIcon(appearance.icon("search", theme.muted))
        self.follow.setIcon(appearance.icon("arrow-up-to-line", theme.text))
        self.view.set_theme(theme)

    def minimumSizeHint(self) -> QSize:
        """The size without what is left out in a low panel, so that the window can be made low at once."""
        least = super().minimumSizeHint()
        return QSize(least.width(), least.height() - self.percentiles.giving_way())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        low = self.height() < LOW
        wanted = Qt.Orientation.Horizontal if low else Qt.Orientation.Vertical
        if self._split.orientation() is not wanted:
            self._split.setOrientation(wanted)
            self._split.setSizes([340, 560] if low else [1200, 1000])
        self._give_room()

    def _build(self) -> None:
        set_accessible_name(
            self.filter,
            self.tr("Filter"),
            self.tr(
                "Show only requests that contain this (Ctrl+F)\n"
                "408 or 4xx: of this status · failed: those in red\n"
                "path:, client:, worker:, connection:, status: in this column only"
            ),
        )
        self.filter.setPlaceholderText(self.tr("Filter: path, client, worker, 404, 4xx …"))
        self.failed.setCheckable(True)
        set_accessible_name(
            self.failed,
            self.tr("Failed"),
            self.tr("Show only requests whose reply is an error (4xx, 5xx) or was cut off"),
        )
        set_accessible_name(self.newest, self.tr("Show the newest"), self.tr("Follow the newest request again"))
        self.filter.setClearButtonEnabled(True)
        (clear,) = self.filter.findChildren(QToolButton)
        set_accessible_name(clear, self.tr("Clear the filter"), self.tr("Clear the filter (Esc)"))
        self._filter_icon = QAction(self.tr("Filter"), self)
        self.filter.addAction(self._filter_icon, QLineEdit.ActionPosition.LeadingPosition)
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        set_accessible_name(
            self.follow,
            self.tr("Follow newest"),
            self.tr("Keep the newest request in view. Scrolling down or selecting a request ends this."),
        )
        self.count.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        middle = QVBoxLayout(self.view.viewport())
        middle.addStretch(1)
        middle.addWidget(self.empty)
        middle.addWidget(self.newest, alignment=Qt.AlignmentFlag.AlignCenter)
        middle.addStretch(1)
        self._split.addWidget(self.view)
        self.setFocusProxy(self.view)
        self._split.addWidget(self.detail)
        self._split.setSizes([1200, 1000])
        self.detail.hide()
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.filter, 3)
        row.addWidget(self.failed)
        row.addWidget(self.follow)
        row.addWidget(self.count, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self._split, 1)
        column.addWidget(self.percentiles)

    def _connect(self) -> None:
        self.filter.textChanged.connect(self._on_filter)
        self.failed.toggled.connect(self._on_filter)
        self.newest.clicked.connect(lambda: self.follow.setChecked(True))
        self.follow.toggled.connect(self._on_follow)
        self.view.verticalScrollBar().valueChanged.connect(self._on_scroll)
        self.view.selectionModel().selectionChanged.connect(self._on_picked)
        self.detail.closed.connect(self.view.clearSelection)
        self._searching.timeout.connect(self._search)

    def _sought(self) -> str:
        """What the filter asks for."""
        return f"{FAILED if self.failed.isChecked() else ''} {self.filter.text()}".strip()

    def _on_filter(self) -> None:
        self.view.clearSelection()
        self.table.set_filter(self._sought())
        self._search()

    def _search(self) -> None:
        """Searches in steps, between which the window stays responsive, and shows the rows once all are searched."""
        if self.table.search():
            self._searching.start()
        else:
            self._searching.stop()
            self.table.refresh()
            self._show_count()

    def _on_follow(self, follow: bool) -> None:
        if not follow:
            self.table.hold()
        else:
            self._missed = ""
            self.view.clearSelection()
            self.view.scrollToTop()
            if not self._frozen:
                self.table.follow()
        self._show_count()

    def _on_scroll(self, value: int) -> None:
        if value > 0:
            self.follow.setChecked(False)

    def _on_picked(self, selected: QItemSelection) -> None:
        indexes = selected.indexes()
        row = self.table.row_at(indexes[0].row()) if indexes else None
        self.detail.setVisible(row is not None)
        self._give_room()
        if row:
            self.follow.setChecked(False)
            self.detail.show_request(row)
            if not self._is_led:
                self.connection_selected.emit(row.connection, row.time)

    def _show_percentiles(self) -> None:
        self._summed.start()
        self.percentiles.show_log(self._log)

    def _give_room(self) -> None:
        """Shows only the sentence of the percentiles where the details, or a low panel's rows, need the room."""
        self.percentiles.show_table(self.height() >= LOW and not self.detail.isVisibleTo(self))

    def _show_count(self) -> None:
        table = self.table
        shown = table.rowCount()
        numbers = {"n": formatting.whole(shown), "total": formatting.whole(table.total)}
        texts = [text.format(**numbers) for text in (self.tr("showing {n} of {total}"), self.tr("{n} of {total}"))]
        more = []
        if not table.following and table.newer:
            more.append(self.tr("{n} newer").format(n=formatting.whole(table.newer)))
        if self._missed:
            more.append(self._missed)
        said = formatting.variants(*(" · ".join([text, *more]) for text in texts), *more[-1:])
        self.count.setText(said)
        self.count.setToolTip(formatting.longest(said))
        is_empty = not shown and not self._searching.isActive()
        self.empty.setVisible(is_empty)
        self.newest.setVisible(is_empty and not table.following and table.newer > 0)
        if is_empty:
            self.empty.setText(self._why_empty())

    def _why_empty(self) -> str:
        """Why no row is shown, and what to do about it."""
        table, sought = self.table, self.filter.text().strip()
        if table.is_gone:
            return self.tr("The requests that you look at are no longer kept: {n} newer ones have arrived.").format(
                n=formatting.whole(table.newer)
            )
        if self._sought():
            said = self.tr("No request that failed contains “{text}”.") if sought else self.tr("No request has failed.")
            if not self.failed.isChecked():
                said = self.tr("No request contains “{text}”.")
            if not table.following and table.newer:
                said += "\n" + self.tr("{n} newer ones were not searched.").format(n=formatting.whole(table.newer))
            return said.format(text=sought)
        address = self._url or self.tr("its page")
        if self._is_running:
            return self.tr("No requests yet.\nOpen {url} in a browser, or put load on it.").format(url=address)
        return self.tr(
            "No requests yet.\nStart a model, then open {url} in a browser or point a load tool at it."
        ).format(url=address)
