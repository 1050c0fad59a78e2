"""The lanes as a picture that moves, and what is said of the moment under the mouse.

Owns which stretch of time is seen and how lanes are drawn: as one raster, since a frame may hold twenty thousand
pieces. Knows nothing of who asks for it, nor of where a request's text comes from.
"""

import math
from collections.abc import Callable
from pathlib import PurePath

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from engine.clock import monotonic

import numpy as np  # isort: skip

from engine.own_model import known
from engine.telemetry.bounds import connection_name
from gui import appearance, formatting
from gui.by_hand.words import client_name, mark_lines
from gui.controls import is_text_key, no_click_focus, set_accessible_name
from gui.history.intervals import (
    BEGIN,
    CONNECTION,
    END,
    FIELDS,
    SHARE,
    STATE,
    UNKNOWN_BYTES,
    WORKER,
    Interval,
    LaneState,
    Table,
    as_interval,
)
from gui.history.lanes import Lanes
from gui.history.sources import file_name, line_text
from gui.timeline import raster
from gui.timeline.act_marks import QUEUE, SIDE, ActMark, ActMarks
from gui.timeline.legend import PITCH, call_words, colour_table, state_words
from gui.timeline.queue_lanes import LaneArea, QueueLane, paint_length, paint_name, queue_lanes, waiting_text
from gui.timeline.rows import FIRST, REST, LaneRow, LaneRows

SHORTEST, LONGEST = 0.04, 60.0
"""Seconds that can be seen at once."""
STANDARD = 2.0
LAG = 0.25
"""Seconds that the picture is behind: messages arrive up to that much later than the event."""
STILL_BELOW = 1.0
"""Seconds in sight below which a moving picture could not be read: it stands still and jumps."""
STILL = 0.5
"""Seconds that it stands still."""
CHOSEN_EVERY = 0.25
"""Seconds after which the lanes are chosen again, be they the user's or those in sight."""
ZOOM = 1.25
MOVED = 4
"""Pixels that a press may move and be a click still."""
NEAR = 3.0
"""Pixels that a piece may be away from the mouse and still be what is pointed at."""
TIGHT = 300
"""Pixels of height below which a lane has one line of text."""
VERY_TIGHT = 200
"""Pixels of height below which they stand close together."""
HANDFUL = 12
"""Lanes at most, unless as many are wanted as there is room for: more can't be followed."""
TALLEST = 1.5
"""How high a lane gets where a handful leaves room, as a part of its usual height."""
MARGIN = 12
LEAST_HEIGHT, LEAST_PAIRED = 90, 70
"""Pixels of height that it has at least, alone and as one of two."""

RequestText = Callable[[int, float], str]


class Canvas(QWidget):
    """The picture of the lanes."""

    connection_picked = Signal(int, float)
    moved = Signal()
    """The user chose what stretch of time is seen: it follows the newest no more."""
    zoomed = Signal()
    looked = Signal(float, float)
    """Another newest moment and another time are in sight now."""

    def __init__(self, lanes: Lanes, request_text: RequestText) -> None:
        """`request_text` says what the request of a connection at a time asked for; empty if that is not known."""
        super().__init__()
        self.span = STANDARD
        """Seconds in sight."""
        self.edge = 0.0
        """The newest moment in sight."""
        self.following = True
        self.is_slow = False
        """Whether the newest in sight is not the present: it moves so slowly that it can be read at any length."""
        self.is_paired = False
        """Whether another one keeps in step: the names have the same width in both, so that moments stand in line."""
        self.is_replay = False
        """Whether the newest is no present moment: the axis has times of day then."""
        self.of_workers = True
        self.has_many = False
        """Whether there are as many lanes as there is room for, and not only a handful."""
        self.fits_many = False
        """Whether there is room for more than a handful."""
        self.selected = 0
        """The connection that is shown selected; 0: none."""
        self.rows = LaneRows()
        self.by_hand = ActMarks()
        self._lanes = lanes
        self._queues: list[QueueLane] = []
        self._request_text = request_text
        self._theme = appearance.LIGHT
        self._drawn: tuple[float, int] | None = None
        self._chosen_at = self._chosen_for = -math.inf
        self._pieces: Table = np.zeros((FIELDS, 0))
        self._places = np.zeros(0, dtype=np.intp)
        self._image: QImage | None = None
        self._pixels: raster.Pixels | None = None
        self._marks: list[tuple[int, float, float]] = []
        self._stripes: raster.Pixels = raster.hatching(1, 1, PITCH)
        self._colours: list[int] = []
        self._name_font = self._bold_font = self._note_font = QApplication.font()
        self._measure()
        self._mouse: QPointF | None = None
        self._pressed: QPointF | None = None
        self._pressed_edge = 0.0
        self._labels: dict[LaneRow, tuple[str, str]] = {}
        self._names: QPixmap | None = None
        set_accessible_name(
            no_click_focus(self),
            self.tr("Timeline"),
            self.tr("Wheel or + and -: zoom. Drag or arrow keys: move. Click: select the connection."),
        )
        self.setToolTip("")  # what is under the mouse is said beside it
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(LEAST_HEIGHT)

    # ---- what is seen

    def draw(self, now: float) -> None:
        """Shows what is known at `now`; costs nothing if that looks as before."""
        if self.following:
            newest = now - LAG
            edge = math.floor(newest / STILL) * STILL if self.span < STILL_BELOW and not self.is_slow else newest
            a_pixel = self.span / max(1.0, self._area.width())
            if abs(edge - self.edge) < a_pixel and self._drawn:
                return
            self.edge = edge
        elif self._drawn == (self.edge, self._revision()):
            return
        self._render()

    def show_lanes(self, lanes: Lanes) -> None:
        """Shows other lanes from the next `draw` on."""
        self._lanes = lanes
        self._drawn = None

    def look_from(self, edge: float, span: float) -> None:
        """Shows `span` seconds up to `edge`, or as near to that as can be."""
        changed = span != self.span
        self.span = min(LONGEST, max(SHORTEST, span))
        self.edge = edge
        self._choose_again()
        if changed:
            self.zoomed.emit()
        self.looked.emit(self.edge, self.span)

    def keep_in_step(self, other: "Canvas") -> None:
        """Shows the same time as `other` from now on, whichever of both is moved."""
        for one, its_other in ((self, other), (other, self)):
            one.is_paired = True
            one.setMinimumHeight(LEAST_PAIRED)
            one._measure()
            one.looked.connect(its_other._look_as)
        self._look_as(other.edge, other.span)

    def _look_as(self, edge: float, span: float) -> None:
        if (edge, span) != (self.edge, self.span):
            self.look_from(edge, span)

    def zoom(self, factor: float, about: float | None = None) -> None:
        """Shows `factor` times as much, about a moment that stays where it is: the newest while it follows."""
        span = min(LONGEST, max(SHORTEST, self.span * factor))
        middle = self.edge if about is None or self.following else about
        self.look_from(middle + (self.edge - middle) * span / self.span, span)

    def shift(self, seconds: float) -> None:
        """Shows what was so long before, or after; the newest is as far as it goes."""
        self.moved.emit()
        self.look_from(self.edge + seconds, self.span)

    def select(self, connection: int) -> None:
        """Shows the connection selected; 0: none."""
        self.selected = connection
        self._choose_again()

    def show_workers(self, of_workers: bool) -> None:
        """A lane a worker, or a lane a connection."""
        self.of_workers = of_workers
        self._choose_again()

    def show_many(self, many: bool) -> None:
        """As many lanes as there is room for, or a handful."""
        self.has_many = many
        self._choose_again()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self._colours = colour_table(theme)
        self._name_font = appearance.sized(QApplication.font(), 0.84)
        self._bold_font = appearance.sized(QApplication.font(), 0.84, bold=True)
        self._note_font = appearance.sized(QApplication.font(), 0.72)
        self._choose_again()

    def piece_at(self, position: QPointF) -> Interval | None:
        """What went on there; the shorter one if there is more than one."""
        area, row = self._area, self._row_at(position.y())
        if row is None or not area.left() <= position.x() <= area.right():
            return None
        moment = self._moment(position.x())
        near = NEAR * self.span / area.width()
        table = self._pieces
        away = np.maximum(0.0, np.maximum(table[BEGIN] - moment, moment - table[END]))
        found = np.flatnonzero((self._places == row) & (away <= near))
        if not found.size:
            return None
        lasted = table[END] - table[BEGIN]
        best = min(found, key=lambda place: (away[place] > 0 and lasted[place] > near, lasted[place]))
        return as_interval(table[:, best])

    def description(self, piece: Interval) -> list[str]:
        """What is to be said of a piece, line by line."""
        lanes = self._lanes
        state = state_words(piece.state) if lanes.traits.waits else call_words(piece.state)
        lines = [formatting.capitalized(state) + " · " + formatting.duration_text(piece.end - piece.begin)]
        if piece.share < 1:
            lines = [self._made_of(piece)]
        who = [formatting.worker_name(lanes.traits, piece.worker)] if piece.worker >= 0 else []
        if named := lanes.names.get(piece.worker):
            who.append(self.tr("{name} of pid {pid}").format(name=named.name, pid=named.pid))
        if piece.connection:
            who.append(self.tr("connection {n}").format(n=connection_name(piece.connection)))
            who += filter(None, [lanes.client(piece.connection)])
            request = self._request_text(piece.connection, (piece.begin + piece.end) / 2)
            if request:
                lines.append(request)
        lines.insert(1, " · ".join(who))
        begin = lanes.clock.at(piece.begin).strftime("%H:%M:%S.%f")
        facts = [self.tr("from {time}").format(time=begin)]
        if piece.bytes != UNKNOWN_BYTES and piece.state in (LaneState.READING, LaneState.WRITING):
            gone = piece.bytes < 0
            facts.append(
                self.tr("the client had disconnected")
                if gone
                else self.tr("{n} bytes").format(n=formatting.whole(piece.bytes))
            )
        if path := lanes.files.get(piece.file):
            facts.append(self.tr("{file}, line {line}").format(file=file_name(path), line=piece.line))
            facts += filter(None, [line_text(path, piece.line)])
        elif piece.line and (model := known(lanes.model)):
            file = PurePath(model.path).name or f"{model.key}.py"
            facts.append(self.tr("{file}, line {line}").format(file=file, line=piece.line))
        elif piece.line:
            facts.append(self.tr("line {line}").format(line=piece.line))
        return [*lines, " · ".join(facts)]

    def queue_description(self, queue: QueueLane, moment: float) -> list[str]:
        """What is to be said of a queue at a moment, line by line."""
        when = self._lanes.clock.at(moment).strftime("%H:%M:%S.%f")
        count = waiting_text(queue.length.at(moment))
        return [f"{formatting.capitalized(queue.name)} · {count}", queue.tip, when]

    def _made_of(self, piece: Interval) -> str:
        """The states that share the time of a piece, and how long each took."""
        table = self._pieces
        beside = (table[CONNECTION] == piece.connection) & (table[BEGIN] == piece.begin) & (table[END] == piece.end)
        lasted = piece.end - piece.begin
        shares = {LaneState(int(state)): share for state, share in table[[STATE, SHARE]][:, beside].T}
        parts = (
            f"{state_words(state)} {formatting.duration_text(share * lasted)}"
            for state, share in sorted(shares.items())
        )
        whole = self.tr("Handling · {time}").format(time=formatting.duration_text(lasted))
        return whole + ": " + ", ".join(parts)

    # ---- from pieces to pixels

    def _choose_again(self) -> None:
        self._chosen_at = -math.inf
        self._measure()
        self._render()

    def _render(self) -> None:
        """Makes the picture anew, of what is known."""
        area = self._area
        if area.width() < 10 or not self._colours:
            return
        self._drawn = (self.edge, self._revision())
        begin, end = self.edge - self.span, self.edge
        table = self._lanes.between(begin, end)
        now = monotonic()
        if max(now - self._chosen_at, abs(end - self._chosen_for)) >= CHOSEN_EVERY:
            self._chosen_at, self._chosen_for = now, end
            ahead = end + CHOSEN_EVERY if self.following else end  # who comes into sight until lanes are chosen again
            self._choose(self._lanes.between(begin, ahead), begin, ahead)
        rows, hidden = self.rows.rows, self.rows.hidden_now
        tails = self._lanes.tails(
            [row.number for row in rows if row.is_worker] + (hidden if self.of_workers else []),
            [row.number for row in rows if not row.is_worker and row is not REST] + ([] if self.of_workers else hidden),
            end,
        )
        self._places, self._pieces = self.rows.place(np.concatenate((table, tails), axis=1))
        has_queue = any(queued > 0 for moment, queued in self._lanes.queue if begin <= moment <= end)
        self.by_hand.find(self._lanes, self.rows, self._places, self._pieces, self.of_workers, (begin, end), has_queue)
        self._rasterise(begin, end)
        self.update()

    def _revision(self) -> int:
        """Grows with whatever can be seen."""
        return self._lanes.revision + self.by_hand.history.revision

    def _choose(self, table: Table, begin: float, end: float) -> None:
        area = self._area
        queues, self._queues = self._queues, queue_lanes(self._lanes)
        if len(queues) != len(self._queues):
            self._measure()
            area = self._area
        room = max(1, int((area.height() - self._queue_height()) / self._row_height))
        room = room if self.has_many else min(room, HANDFUL)
        by_hand = self.by_hand.history.connections()
        self.rows.choose(self._lanes, table, begin, end, room, self.of_workers, self.selected, by_hand)
        self._labels = {row: self._label(row, table) for row in self.rows.rows}
        self._names = None

    def _rasterise(self, begin: float, end: float) -> None:
        ratio = self.devicePixelRatioF()
        columns = round(self._area.width() * ratio)
        height = round(self._bar_height * ratio)
        if self._stripes.shape != (height, columns):
            self._stripes = raster.hatching(height, columns, round(PITCH * ratio))
        rows = self.rows.rows
        parts = raster.shares(self._places, self._pieces, len(rows), columns, begin, end)
        grid = np.array([round((tick - begin) / (end - begin) * columns) for tick in self._ticks()], dtype=np.intp)
        self._pixels = raster.drawn(parts, height, self._stripes, self._selected_row(), grid[grid < columns])
        image = QImage(self._pixels.data, columns, height * len(rows), columns, QImage.Format.Format_Indexed8)
        image.setColorTable(self._colours)
        self._image = image.convertToFormat(QImage.Format.Format_RGB32)
        self._marks = self._find_marks(begin, end)

    def _find_marks(self, begin: float, end: float) -> list[tuple[int, float, float]]:
        """Row, first and last x of each stretch in which the selected connection was served."""
        if not self.selected:
            return []
        mine = (self._pieces[CONNECTION] == self.selected) & (self._pieces[STATE] != LaneState.WAITING)
        area, marks = self._area, []
        columns = max(1, int(area.width()))
        parts = raster.shares(self._places[mine], self._pieces[:, mine], len(self.rows.rows), columns, begin, end)
        for row, seen in enumerate(parts.sum(axis=1) > raster.TINY):
            edges = np.flatnonzero(np.diff(np.concatenate(([0], seen.astype(np.int8), [0]))))
            marks += [(row, area.left() + first, area.left() + last) for first, last in edges.reshape(-1, 2)]
        return marks

    def _selected_row(self) -> int:
        return self.rows.row_of(self.selected) if self.selected and not self.of_workers else -1

    def _label(self, row: LaneRow, table: Table) -> tuple[str, str]:
        lanes = self._lanes
        if row is REST:
            return self.tr("and %Ln more", "", self.rows.hidden), self.tr("together")
        sharing = self.rows.sharing(row)
        if sharing > 1:
            newest = lanes.name(lanes.served(row.number) if row.is_worker else row.number)
            name = " · ".join(filter(None, [self._in_turn(row), newest]))
            return name, self.tr("{n} in sight").format(n=formatting.whole(sharing))
        if not row.is_worker:
            pace = self._pace(lanes.slow().get(row.number, ""))
            by_hand = self._by_hand(row.number)
            name = self.tr("connection {n}").format(n=connection_name(row.number))
            if lanes.name(row.number):
                return lanes.name(row.number), " · ".join(filter(None, [name, pace]))
            return name, " · ".join(filter(None, [by_hand, pace])) or lanes.client(row.number)
        if not lanes.model or (row is FIRST and not lanes.has_first):
            return "", ""
        name = formatting.worker_name(lanes.traits, row.number)
        if row is FIRST:
            return name, "accept()" if lanes.traits.only_accepts else self.tr("pid {pid}").format(pid=lanes.pid)
        connection = lanes.served(row.number)
        if not connection and lanes.traits.serves == "one":  # it has ended
            connection = int(table[CONNECTION, table[WORKER] == row.number].max(initial=0))
        name = " · ".join(filter(None, [name, lanes.name(connection)]))
        parts = [self._by_hand(connection) or self.tr("connection {n}").format(n=connection_name(connection))]
        parts.append(self._pace(lanes.slow().get(connection, "")))
        return name, " · ".join(filter(None, parts)) if connection else ""

    def _by_hand(self, connection: int) -> str:
        """Which client by hand it is; empty if it is none."""
        number = self.by_hand.history.of_connection(connection)
        return self.tr("{client} by hand").format(client=client_name(number)) if number else ""

    def _in_turn(self, row: LaneRow) -> str:
        """What lanes are called that share a row."""
        if not row.is_worker:
            return self.tr("connections in turn")
        return {
            "process": self.tr("processes in turn"),
            "thread": self.tr("threads in turn"),
            "greenlet": self.tr("greenlets in turn"),
            "task": self.tr("tasks in turn"),
        }.get(self._lanes.traits.worker, self.tr("workers in turn"))

    def _pace(self, pace: str) -> str:
        return {"sender": self.tr("slow sender"), "reader": self.tr("slow reader")}.get(pace, "")

    # ---- where things are

    def _measure(self) -> None:
        """Finds where things are, from the fonts and the size."""
        name, note = QFontMetricsF(self._name_font), QFontMetricsF(self._note_font)
        self._is_tight = self.height() < TIGHT
        self._row_height = float(round(name.height() + (8 if self._is_tight else note.height() + 8)))
        if self.height() < VERY_TIGHT:
            self._row_height = float(round(name.height() + 1))
        bottom = round(self.height() - note.height() - (8 if self.height() >= VERY_TIGHT else 5))
        lanes = HANDFUL + len(self._queues)
        self.fits_many = bottom >= (lanes + 1) * self._row_height
        if self.fits_many and not self.has_many:
            self._row_height = float(min(bottom // lanes, round(TALLEST * self._row_height)))
        self._bar_height = self._row_height - (14 if not self._is_tight else 6 if self.height() >= VERY_TIGHT else 3)
        names = note.horizontalAdvance("connection 10000 · slow sender")
        if self._is_tight or self.is_paired:
            names += name.horizontalAdvance("thread 1000") + 8
        names = max(names, name.horizontalAdvance("connection 100000")) + 2 * MARGIN
        left = round(min(names, self.width() * 0.35))
        self._area = QRectF(left, 0, max(0, self.width() - left - MARGIN), max(0, bottom))

    def _queue_height(self) -> float:
        return self._row_height * len(self._queues)

    def _queue_tops(self) -> list[float]:
        """Where the lanes of the queues begin, from the top one on."""
        top = self._area.bottom() - self._queue_height()
        return [top + place * self._row_height for place in range(len(self._queues))]

    def _queue_at(self, y: float) -> QueueLane | None:
        tops = zip(self._queues, self._queue_tops(), strict=True)
        return next((lane for lane, top in tops if top <= y < top + self._row_height), None)

    def _top(self, row: int) -> float:
        return row * self._row_height

    def _mark_place(self, mark: ActMark) -> QPointF:
        """The middle of a mark: at the upper edge of its lane's band."""
        if mark.row == QUEUE:
            tops = self._queue_tops() or [self._area.bottom()]
            return QPointF(self._x(mark.act.time), tops[-1] + SIDE + 1)  # the accept queue's lane is the last
        return QPointF(
            self._x(mark.act.time), self._top(mark.row) + max(SIDE + 1, (self._row_height - self._bar_height) / 2)
        )

    def _row_at(self, y: float) -> int | None:
        row = math.floor(y / self._row_height)
        return row if 0 <= row < len(self.rows.rows) else None

    def _moment(self, x: float) -> float:
        area = self._area
        return self.edge - self.span * (area.right() - x) / area.width()

    def _x(self, moment: float) -> float:
        area = self._area
        return area.right() - (self.edge - moment) / self.span * area.width()

    def _ticks(self) -> list[float]:
        """The moments of the axis, newest first."""
        step = _step(self.span, max(2.0, self._area.width() / 130))
        return [self.edge - step * count for count in range(int(self.span / step * 1.0001) + 1)]

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme, area = self._theme, self._area
        painter.fillRect(self.rect(), QColor(theme.panel))
        if self._image is None or not self._lanes.model:
            self._paint_empty(painter)
        else:
            self._paint_lanes(painter, area)
            self._paint_queues(painter, area)
            self.by_hand.paint(painter, self._theme, self._mark_place)
            self._paint_axis(painter, area)
            self._paint_hover(painter, area)
        painter.end()

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setFont(QApplication.font())
        painter.setPen(QColor(self._theme.muted))
        said = self.tr(
            "Nothing to see yet.\n"
            "Start a model and ask it for a page: each worker gets a lane here, or each connection."
        )
        painter.drawText(
            self.rect().adjusted(20, 0, -20, 0), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, said
        )

    def _paint_lanes(self, painter: QPainter, area: QRectF) -> None:
        theme = self._theme
        height, bar = self._row_height, self._bar_height
        assert self._image is not None
        part = self._image.height() // max(1, len(self.rows.rows))
        selected = self._selected_row()
        if selected >= 0:
            painter.fillRect(QRectF(0, self._top(selected), self.width(), height), QColor(theme.selection))
        if self._names is None:
            self._names = self._painted_names(area.left())
        painter.drawPixmap(0, 0, self._names)
        painter.setPen(QColor(theme.grid))
        for place in range(len(self.rows.rows)):
            top = self._top(place)
            painter.drawImage(
                QRectF(area.left(), top + (height - bar) / 2, area.width(), bar),
                self._image,
                QRectF(0, place * part, self._image.width(), part),
            )
            painter.drawLine(QPointF(0, top + height), QPointF(self.width(), top + height))
        for place, first, last in self._marks:
            y = self._top(place) + (height + bar) / 2 + 1
            painter.fillRect(QRectF(first, y, max(2.0, last - first), 2), QColor(theme.accent))

    def _painted_names(self, width: float) -> QPixmap:
        """The names of the lanes: they change seldom, and text is what costs most to paint."""
        ratio, height = self.devicePixelRatioF(), self._row_height
        names = QPixmap(round(width * ratio), max(1, round(height * len(self.rows.rows) * ratio)))
        names.setDevicePixelRatio(ratio)
        names.fill(Qt.GlobalColor.transparent)
        painter = QPainter(names)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        selected = self._selected_row()
        for place, row in enumerate(self.rows.rows):
            self._paint_label(painter, row, place * height, width, is_selected=place == selected)
        painter.end()
        return names

    def _paint_label(self, painter: QPainter, row: LaneRow, top: float, width: float, is_selected: bool) -> None:
        name, note = self._labels.get(row, ("", ""))
        height = self._row_height
        bold = row is FIRST
        if is_selected:
            painter.fillRect(QRectF(0, top, 3, height), QColor(self._theme.accent))
        font = self._bold_font if bold or is_selected else self._name_font
        big, small = QFontMetricsF(font), QFontMetricsF(self._note_font)
        is_held = any(word and note.endswith(word) for word in (self._pace("sender"), self._pace("reader")))
        x, baseline = float(MARGIN), top + (height - big.height()) / 2 + big.ascent()
        if not self._is_tight:
            baseline = top + (height - big.height() - small.height()) / 2 + big.ascent()
        painter.setFont(font)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(QPointF(x, baseline), big.elidedText(name, Qt.TextElideMode.ElideRight, width - x - 8))
        if self._is_tight:
            x += big.horizontalAdvance(name) + 8
        else:
            baseline += big.descent() + small.ascent()
        painter.setFont(self._note_font)
        colour = (
            appearance.readable(self._theme.state_colour("blocked_by_client"), self._theme.panel)
            if is_held
            else self._theme.muted
        )
        painter.setPen(QColor(colour))
        painter.drawText(QPointF(x, baseline), small.elidedText(note, Qt.TextElideMode.ElideRight, width - x - 8))

    def _paint_queues(self, painter: QPainter, area: QRectF) -> None:
        """The queues at the bottom, where they stay whatever lanes there are above."""
        theme, height = self._theme, self._row_height
        fonts = self._bold_font, self._note_font
        for lane, top in zip(self._queues, self._queue_tops(), strict=True):
            painter.setPen(QColor(theme.border))
            painter.drawLine(QPointF(0, top), QPointF(self.width(), top))
            names = QRectF(MARGIN, top, area.left() - MARGIN - 4, height)
            paint_name(painter, lane, self.edge, names, theme, fonts)
            place = QRectF(area.left(), top, area.width(), height)
            shown = LaneArea(place, self.edge - self.span, self.edge)
            paint_length(painter, lane.length, shown, theme, self._note_font)

    def _paint_axis(self, painter: QPainter, area: QRectF) -> None:
        theme, metrics = self._theme, QFontMetricsF(self._note_font)
        painter.setFont(self._note_font)
        baseline = area.bottom() + 5 + metrics.ascent()
        painter.setPen(QColor(theme.muted))
        free = area.right()
        for tick in self._ticks():
            x = self._x(tick)
            text = self._tick_text(tick)
            width = metrics.horizontalAdvance(text)
            left = min(x - width / 2, area.right() - width)
            if left >= area.left() - 2 and (left + width + 10 <= free or tick == self.edge):
                painter.drawText(QPointF(left, baseline), text)
                free = left
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3))

    def _tick_text(self, tick: float) -> str:
        before = self.edge - tick
        if before < 1e-9:
            if self.following and not self.is_replay and not self.is_slow:
                return self.tr("now")
            return self._lanes.clock.at(tick).isoformat(timespec="milliseconds")[11:]
        if self.span < 1:
            return self.tr("−{n} ms").format(n=formatting.rounded(before * 1000, 0))
        return self.tr("−{n} s").format(n=formatting.rounded(before, 0 if before == round(before) else 1))

    def _paint_hover(self, painter: QPainter, area: QRectF) -> None:
        mouse = self._mouse
        if mouse is None or self._pressed is not None or not area.left() <= mouse.x() <= area.right():
            return
        theme = self._theme
        painter.setPen(QPen(QColor(theme.muted), 1))
        painter.drawLine(QPointF(mouse.x(), 0), QPointF(mouse.x(), area.bottom()))
        mark, piece = self.by_hand.at(mouse, self._mark_place), self.piece_at(mouse)
        queue = self._queue_at(mouse.y())
        if mark is None and piece is None and queue is None:
            return
        painter.setFont(self._name_font)
        metrics = QFontMetricsF(self._name_font)
        lines = mark_lines(mark.client, mark.act) if mark else self.description(piece) if piece else []
        if queue and not mark:
            lines = self.queue_description(queue, self._moment(mouse.x()))
        width = min(area.width(), max(metrics.horizontalAdvance(line) for line in lines) + 30)
        box = QRectF(0, 0, width, metrics.height() * len(lines) + 14)
        right = mouse.x() + 12
        box.moveLeft(right if right + width <= self.width() else max(0.0, mouse.x() - 12 - width))
        box.moveTop(max(0.0, min(mouse.y() + 14, self.height() - box.height() - 1)))
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(QColor(theme.panel))
        painter.drawRoundedRect(box, 5, 5)
        state = piece.state if piece else LaneState.RUNNABLE
        colour = QColor(theme.text if mark else theme.state_colour(state.name.lower()))
        painter.fillRect(QRectF(box.left() + 8, box.top() + 8, 6, box.height() - 16), colour)
        painter.setPen(QColor(theme.text))
        for number, line in enumerate(lines):
            baseline = box.top() + 7 + metrics.ascent() + number * metrics.height()
            shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, width - 30)
            painter.drawText(QPointF(box.left() + 22, baseline), shown)

    # ---- Qt's own

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._choose_again()

    def wheelEvent(self, event: QWheelEvent) -> None:
        across, up = event.angleDelta().x(), event.angleDelta().y()
        if abs(across) > abs(up):
            self.shift(-across / 1200 * self.span)
        elif up:
            self.zoom(ZOOM ** (-up / 120), self._moment(event.position().x()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._pressed_edge = event.position(), self.edge

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        if self._pressed is not None:
            across = event.position().x() - self._pressed.x()
            if not self._is_dragged() and abs(across) < MOVED:
                return
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.moved.emit()
            self.look_from(self._pressed_edge - across / self._area.width() * self.span, self.span)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        was_dragged = self._is_dragged()
        self._pressed = None
        self.unsetCursor()
        if not was_dragged:
            self._pick(event.position())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._mouse = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Left:
                self.shift(-self.span / 5)
            case Qt.Key.Key_Right:
                self.shift(self.span / 5)
            case Qt.Key.Key_Plus | Qt.Key.Key_Up:
                self.zoom(1 / ZOOM)
            case Qt.Key.Key_Minus | Qt.Key.Key_Down:
                self.zoom(ZOOM)
            case _ if is_text_key(event):
                event.ignore()
            case _:
                super().keyPressEvent(event)

    def _is_dragged(self) -> bool:
        return self.cursor().shape() == Qt.CursorShape.ClosedHandCursor

    def _pick(self, position: QPointF) -> None:
        piece, row = self.piece_at(position), self._row_at(position.y())
        connection = piece.connection if piece else 0
        if not connection and row is not None:
            lane = self.rows.rows[row]
            connection = self._lanes.served(lane.number) if lane.is_worker else lane.number  # 0 for the rest
        if connection:
            self.connection_picked.emit(connection, self._moment(position.x()))


def _step(span: float, most: float) -> float:
    """The distance of ticks of which at most so many fit: 1, 2 or 5 times a power of ten."""
    magnitude = 10.0 ** math.floor(math.log10(span / most))
    return next(magnitude * factor for factor in (1, 2, 5, 10) if span / (magnitude * factor) <= most)
