"""Marks in the lanes: what was done by hand, at the moment and on the lane where it was done.

Owns where a mark stands and what it looks like. Knows nothing of how it was done.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gui import appearance
from gui.history.by_hand import Act, ClientByHand, HandHistory, Kind
from gui.history.intervals import BEGIN, CONNECTION, END, NOBODY, STATE, LaneState, Table
from gui.history.lanes import Lanes
from gui.timeline.rows import LaneRows

SIDE = 5.0
"""Half of a mark's width and height, in pixels."""
REACH = 7.0
"""Pixels from a mark's middle within which it is what the mouse points at."""
QUEUE = -2
"""In place of a row: the line of the connections before `accept`, above the lanes."""
NO_ROW = -1
DOWN = ((-1.0, -1.0), (1.0, -1.0), (0.0, 1.0))
DIAMOND = ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0))
SQUARE = ((-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8))
CROSS = ((-0.9, -0.9), (0.9, 0.9)), ((-0.9, 0.9), (0.9, -0.9))
PAIR = ((-0.5, -0.9), (-0.5, 0.9)), ((0.5, -0.9), (0.5, 0.9))
AREAS: dict[Kind, tuple[tuple[tuple[float, float], ...], bool]] = {
    "opened": (DIAMOND, False),
    "sent": (DOWN, True),
    "half-closed": (SQUARE, False),
    "closed": (SQUARE, True),
}
"""The shape of a mark, and whether it is filled."""
STROKES: dict[Kind, tuple[tuple[tuple[float, float], tuple[float, float]], ...]] = {
    "reset": CROSS,
    "held": PAIR,
    "resumed": PAIR,
}

Place = Callable[["ActMark"], QPointF]


@dataclass(frozen=True)
class ActMark:
    """One act, and the row of the lane to which it belongs; `QUEUE`: its connection was not accepted yet."""

    row: int
    client: ClientByHand
    act: Act


class ActMarks:
    """The marks in sight."""

    def __init__(self) -> None:
        self.history = HandHistory()
        """What was done by hand on connections to the server that is shown."""
        self.marks: list[ActMark] = []

    def find(
        self,
        lanes: Lanes,
        rows: LaneRows,
        places: NDArray[np.intp],
        pieces: Table,
        of_workers: bool,
        sight: tuple[float, float],
        has_queue: bool,
    ) -> None:
        """Finds those of this stretch of time; `places` are the rows of the `pieces` in it.

        `has_queue`: whether any connection was in the accept queue.
        """
        self.marks = []
        for client, act in self.history.done(*sight):
            if client.connection:
                find = _worker_row if of_workers else _connection_row
                row = find(client.connection, act.time, lanes, rows, places, pieces)
            else:
                is_queued = has_queue and lanes.sample_every == 1 and client.began >= lanes.since
                row = QUEUE if is_queued else NO_ROW
            if row != NO_ROW:
                self.marks.append(ActMark(row, client, act))

    def at(self, position: QPointF, place: Place) -> ActMark | None:
        """The mark there; the newest of several."""
        near = (each for each in reversed(self.marks) if (place(each) - position).manhattanLength() <= REACH)
        return next(near, None)

    def paint(self, painter: QPainter, theme: appearance.Theme, place: Place) -> None:
        """Paints them; `place` says where the middle of each is."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for mark in self.marks:
            _paint(painter, theme, mark.act.kind, place(mark))
        painter.restore()


def _worker_row(
    connection: int, moment: float, lanes: Lanes, rows: LaneRows, places: NDArray[np.intp], pieces: Table
) -> int:
    """The row of the worker that served the connection next to that moment."""
    if not lanes.has_worker_lanes:
        return 0
    mine = np.flatnonzero(pieces[CONNECTION] == connection)
    served = mine[pieces[STATE, mine] != LaneState.ACCEPTING]
    mine = served if served.size else mine
    if mine.size:
        away = np.maximum(0.0, np.maximum(pieces[BEGIN, mine] - moment, moment - pieces[END, mine]))
        return int(places[mine[np.argmin(away)]])
    worker = lanes.served_by(connection)
    row = 0 if worker == 0 else rows.row_of(worker)
    return len(rows.rows) - 1 if row == NO_ROW and rows.hidden and worker != NOBODY else row


def _connection_row(
    connection: int, moment: float, lanes: Lanes, rows: LaneRows, places: NDArray[np.intp], pieces: Table
) -> int:
    """The row of the connection; that of all others together, if it has none of its own."""
    row = rows.row_of(connection)
    return len(rows.rows) - 1 if row == NO_ROW and rows.hidden else row


def _paint(painter: QPainter, theme: appearance.Theme, kind: Kind, middle: QPointF) -> None:
    ink, paper = QColor(theme.text), QColor(theme.panel)
    if kind in STROKES:
        for colour, width in ((paper, 4.5), (ink, 2.0)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            for begin, end in STROKES[kind]:
                painter.drawLine(_point(middle, begin), _point(middle, end))
    elif kind in AREAS:
        corners, is_filled = AREAS[kind]
        shape = QPolygonF([_point(middle, corner) for corner in corners])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(paper, 3.5))
        painter.drawPolygon(shape)
        painter.setBrush(ink if is_filled else paper)
        painter.setPen(QPen(ink, 1.4))
        painter.drawPolygon(shape)


def _point(middle: QPointF, corner: tuple[float, float]) -> QPointF:
    return QPointF(middle.x() + SIDE * corner[0], middle.y() + SIDE * corner[1])
