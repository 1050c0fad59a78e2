"""The lanes of the queues in which clients wait before a worker serves them: how many, over time.

Owns which queues a server has, their names, and how a length over time is drawn. Knows nothing of the other lanes.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from gui import appearance, formatting

if TYPE_CHECKING:
    from gui.history.lanes import Lanes
    from gui.history.queue_length import QueueLength

translate = QCoreApplication.translate
LEAST_SCALE = 4
"""Clients for which a lane has room at least, so that one looks like one."""
SCALES = (1, 2, 5)
APART = 40.0
"""Pixels between two numbers at least."""
INSIDE = 3.0
"""Pixels between a lane's edge and what is drawn in it."""


@dataclass(frozen=True)
class QueueLane:
    """One queue, by its name."""

    name: str
    tip: str
    """What it is."""
    length: "QueueLength"


@dataclass(frozen=True)
class LaneArea:
    """Where a lane is drawn, and what of it."""

    place: QRectF
    """The part right of the names."""
    begin: float
    end: float
    """The time in sight, in seconds on the monotonic clock."""

    def x(self, moment: float) -> float:
        """Where a moment is, inside the area."""
        part = (moment - self.begin) / (self.end - self.begin)
        return self.place.left() + self.place.width() * min(1.0, max(0.0, part))


def queue_lanes(lanes: "Lanes") -> list[QueueLane]:
    """The queues of the server that runs, or ran last, in the order in which clients pass them the other way round."""
    if not lanes.model:
        return []
    found = []
    if lanes.traits.has_queue:
        requests = translate("queues", "requests that the loop has read and no thread of the pool has taken yet")
        connections = translate("queues", "connections that are accepted and no worker of the pool has taken yet")
        tip = requests if lanes.traits.hands_over else connections
        found.append(QueueLane(translate("queues", "pool's queue"), tip, lanes.pool_queue))
    tip = translate("queues", "connections that the kernel has made and nobody has accepted yet")
    found.append(QueueLane(translate("queues", "accept queue"), tip, lanes.queue))
    return found


def waiting_text(count: int | None) -> str:
    """How many wait; None: that is not known."""
    if count is None:
        return translate("queues", "not known")
    return translate("queues", "{n} waiting").format(n=formatting.whole(count))


def paint_length(
    painter: QPainter, length: "QueueLength", area: LaneArea, theme: appearance.Theme, font: QFont
) -> None:
    """Paints how many waited as steps, with the numbers where there is room for them."""
    steps = list(length.steps(area.begin, area.end))
    scale = _scale(max((count for *_, count in steps), default=0))
    bottom, height = area.place.bottom() - INSIDE, area.place.height() - 2 * INSIDE
    colour = QColor(theme.state_colour("runnable"))
    shade = QColor(appearance.mixed(theme.state_colour("runnable"), theme.panel, 0.4))
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    free, shown = area.place.left(), -1
    for since, until, count in steps:
        left, right = area.x(since), area.x(until)
        top = bottom - height * count / scale
        if count:
            painter.fillRect(QRectF(left, top, right - left, bottom - top), shade)
        painter.fillRect(QRectF(left, top - 1, max(1.0, right - left), 2), colour)
        number = formatting.whole(count)
        width = metrics.horizontalAdvance(number)
        is_new = count != shown or left >= free + 3 * APART
        if is_new and right - left >= width + 4 and left + 3 >= free:
            baseline = area.place.center().y() + (metrics.ascent() - metrics.descent()) / 2
            behind = QRectF(left, baseline - metrics.ascent(), width + 5, metrics.height())
            painter.fillRect(behind, QColor(theme.panel))
            painter.setPen(QColor(theme.text if count else theme.muted))
            painter.drawText(QPointF(left + 3, baseline), number)
            free, shown = left + width + APART, count


def paint_name(
    painter: QPainter, lane: QueueLane, moment: float, area: QRectF, theme: appearance.Theme, fonts: tuple[QFont, QFont]
) -> None:
    """Paints the lane's name, and how many waited at that moment: beside it, or below where there is room."""
    bold, small = (QFontMetricsF(font) for font in fonts)
    stacked = area.height() >= bold.height() + small.height()
    top = area.top() + (area.height() - bold.height() - (small.height() if stacked else 0)) / 2
    painter.setFont(fonts[0])
    painter.setPen(QColor(theme.text))
    painter.drawText(QPointF(area.left(), top + bold.ascent()), lane.name)
    x = area.left() if stacked else area.left() + bold.horizontalAdvance(lane.name) + 8
    y = top + (bold.height() + small.ascent() if stacked else bold.ascent())
    said = small.elidedText(waiting_text(lane.length.at(moment)), Qt.TextElideMode.ElideRight, area.right() - x)
    painter.setFont(fonts[1])
    painter.setPen(QColor(theme.muted))
    painter.drawText(QPointF(x, y), said)


def _scale(most: int) -> int:
    """The number that fills a lane: it changes seldom while the length does."""
    scale, factor = LEAST_SCALE, 1
    while scale < most:
        scale = next((step * factor for step in SCALES if step * factor >= most), scale)
        factor *= 10
    return scale
