"""A widget's picture for a file, as PNG or SVG, below a caption that says what is seen in it.

Owns how caption and widget are drawn. Knows nothing of what the caption is about.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication, QGraphicsView, QWidget

from gui import appearance
from gui.controls import wrap_lines

SHARPNESS = 2
"""Pixels of a saved picture for each of the screen's."""
PIXELS_AN_INCH = 96
"""The resolution of an SVG, as in CSS."""
MARGIN, GAP = 12.0, 22.0
MOST_LINES = 4
"""The most lines that one text of a caption takes."""


@dataclass(frozen=True)
class Caption:
    """What a picture shows, as texts."""

    title: str
    lines: Sequence[str] = ()
    legend: Sequence[tuple[str, str]] = ()
    """What is drawn in which colour: names and colours."""


@dataclass(frozen=True)
class CaptionedPicture:
    """A widget and the caption above it, in the colours that they have now."""

    widget: QWidget
    caption: Caption
    theme: appearance.Theme

    def svg(self) -> bytes:
        """The picture as a drawing that can be scaled."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setResolution(PIXELS_AN_INCH)
        generator.setSize(self.size)
        generator.setViewBox(QRect(QPoint(), self.size))
        generator.setTitle(self.caption.title)
        generator.setDescription("\n".join(self.caption.lines))
        views = self.widget.findChildren(QGraphicsView)
        caching = [view.cacheMode() for view in views]
        for view in views:
            view.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)  # a cache would be exported as pixels
        painter = QPainter(generator)
        self._paint(painter)
        painter.end()
        for view, mode in zip(views, caching, strict=True):
            view.setCacheMode(mode)
        # Where the window's font is not installed, any sans-serif font is used.
        text = re.sub(r'font-family="([^"]*)"', r'font-family="\1, sans-serif"', bytes(buffer.data().data()).decode())
        return text.encode()

    def png(self) -> bytes:
        """The picture in pixels, twice as sharp as on an ordinary screen."""
        image = QImage(self.size * SHARPNESS, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(SHARPNESS)
        painter = QPainter(image)
        self._paint(painter)
        painter.end()
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"PNG")).write(image)
        return bytes(buffer.data().data())

    @property
    def size(self) -> QSize:
        """Of caption and widget, in the screen's pixels."""
        return self.widget.size() + QSize(0, self._caption_height())

    def _paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRect(QPoint(), self.size), QColor(self.theme.window))
        for piece in self._pieces():
            painter.setFont(piece.font)
            painter.setPen(QColor(piece.colour))
            metrics = QFontMetricsF(piece.font)
            x = piece.place.x()
            if piece.swatch:
                side = round(metrics.ascent())
                painter.fillRect(QRectF(x, piece.place.y() + 2, side, side), QColor(piece.swatch))
                x += side + 6
            painter.drawText(QPointF(x, piece.place.y() + metrics.ascent()), piece.text)
        self.widget.render(painter, QPoint(0, self._caption_height()))

    def _caption_height(self) -> int:
        return round(max(piece.place.y() + QFontMetricsF(piece.font).height() for piece in self._pieces()) + MARGIN)

    def _pieces(self) -> "Iterator[Piece]":
        """The caption's texts, each at its place."""
        width, y = self.widget.width() - 2 * MARGIN, MARGIN
        strong, plain = (
            appearance.sized(QApplication.font(), 1.0, bold=True),
            appearance.sized(QApplication.font(), 0.9),
        )
        for text, font in ((self.caption.title, strong), *((line, plain) for line in self.caption.lines)):
            for line in wrap_lines(text, font, width, MOST_LINES):
                yield Piece(line, QPointF(MARGIN, y), font, self.theme.text)
                y += QFontMetricsF(font).height()
        yield from self._legend(plain, width, y + 4)

    def _legend(self, font: QFont, width: float, y: float) -> "Iterator[Piece]":
        metrics, x = QFontMetricsF(font), 0.0
        for name, colour in self.caption.legend:
            taken = metrics.ascent() + 6 + metrics.horizontalAdvance(name)
            if x and x + taken > width:
                x, y = 0.0, y + metrics.height() + 2
            yield Piece(name, QPointF(MARGIN + x, y), font, self.theme.text, colour)
            x += taken + GAP


@dataclass(frozen=True)
class Piece:
    """One line of a caption, or one name of its legend."""

    text: str
    place: QPointF
    """Its upper left corner."""
    font: QFont
    colour: str
    swatch: str = ""
    """The colour that it names; empty: none."""
