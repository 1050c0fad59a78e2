"""What the window's plots share: a view that does not move, an opaque grid, and cheap thick lines.

Knows nothing of what is plotted.
"""

# Qt's binding is found by pyqtgraph through what is imported already, so PySide6 comes first.
from PySide6.QtGui import QFont, QPainter, QPainterPath

import pyqtgraph as pg  # isort: skip

from gui import appearance

SIDES = ("left", "bottom")
STROKES = ((-0.5, 0.0), (0.5, 0.0), (0.0, 0.7))
"""A line of width 1 drawn with each of these shifts, in pixels, looks 2 pixels wide at a tenth of the cost."""


def prepare(plot: pg.PlotItem, item: pg.GraphicsObject, *, vertical_grid: bool) -> None:
    """Lets `plot` show `item` with a grid, and neither menus nor ranges of its own choice."""
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.getViewBox().setMouseEnabled(False, False)
    plot.getViewBox().setDefaultPadding(0)
    plot.disableAutoRange()
    # A translucent grid costs 20 ms an axis; this one is opaque and lies below the curves.
    plot.showGrid(x=vertical_grid, y=True, alpha=1.0)
    for side in SIDES:
        axis = plot.getAxis(side)
        axis.setStyle(tickAlpha=255, maxTickLevel=0, tickLength=0)
        axis.setZValue(-1)
    plot.addItem(item, ignoreBounds=True)


def apply_theme(view: pg.PlotWidget, theme: appearance.Theme, font: QFont) -> None:
    """Draws background and axes in `theme`, the axes' texts in `font`."""
    view.setBackground(theme.panel)
    for side in SIDES:
        axis = view.getAxis(side)
        axis.setPen(pg.mkPen(theme.grid))
        axis.setTickPen(pg.mkPen(theme.grid))
        axis.setTextPen(pg.mkPen(theme.muted))
        axis.setTickFont(font)


def draw_line(painter: QPainter, path: QPainterPath, *, thick: bool = True) -> None:
    """Draws `path` with a pen of width 1, looking twice as wide if it is `thick`."""
    for right, lower in STROKES if thick else STROKES[:1]:
        painter.translate(right, lower)
        painter.drawPath(path)
        painter.translate(-right, -lower)
