"""The sentence above the lanes: what they prove, in words.

Owns the words and the line that they stand in. Knows nothing of what makes a fact true.
"""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QLocale, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from engine.traits import Traits
from gui import formatting
from gui.controls import wrap_lines
from gui.history.sentences import ALONE, ComputeTogether, Fact, Occupied, WaitTogether
from gui.history.shapes import Shape, Staircase
from gui.history.sources import file_name, line_text

translate = QCoreApplication.translate
LINES = 2
"""Lines that a sentence has at most."""


def sentence(fact: Fact | None, shape: Shape | None, traits: Traits, files: Mapping[int, str]) -> str:
    """What the lanes prove, what it comes to, and on which line that is; empty if there is nothing to say."""
    said = [_fact_words(fact, traits)] if fact else []
    if shape and not isinstance(fact, WaitTogether):  # that says it already
        said.append(_shape_words(shape))
    if isinstance(fact, Occupied | WaitTogether):
        said += filter(None, [_place(files.get(fact.file, ""), fact.line)])
    return " · ".join(said)


def _fact_words(fact: Fact, traits: Traits) -> str:
    match fact:
        case Occupied():
            return _occupied(fact, traits)
        case WaitTogether():
            return translate("sentences", "{workers} wait in a call at the same time, {time} each").format(
                workers=formatting.workers(traits.worker, fact.count), time=_time(fact.seconds)
            )
        case ComputeTogether():
            said = translate("sentences", "{workers} compute at the same time, each on a processor of its own")
            if fact.share < ALONE:
                said = translate("sentences", "{workers} compute at the same time: each runs {share} % of the time")
                said += ", " + _scarce(traits)
            return said.format(
                workers=formatting.workers(traits.worker, fact.count), share=formatting.rounded(fact.share * 100, 0)
            )


def _scarce(traits: Traits) -> str:
    """What workers wait for that do not run."""
    if traits.worker == "thread":
        return translate("sentences", "the rest it waits for the interpreter's lock or a processor")
    return translate("sentences", "the rest it waits for a processor")


def _shape_words(shape: Shape) -> str:
    time = _time(shape.seconds)
    if isinstance(shape, Staircase):
        said = translate("sentences", "one after the other: {n} steps of {time}")
    else:
        said = translate("sentences", "side by side: {n} at once, {time} each")
    return said.format(n=formatting.whole(shape.count), time=time)


def _occupied(fact: Occupied, traits: Traits) -> str:
    time, connection = _time(fact.seconds), fact.connection
    if traits.one_at_a_time:
        said = translate("sentences", "{worker} computes for {time}: no other one runs meanwhile")
        return said.format(worker=traits.worker_name(fact.worker), time=time)
    if fact.waits:
        said = translate("sentences", "The loop waits {time} in a call inside connection {n}")
    else:
        said = translate("sentences", "The loop computes for {time} inside connection {n}")
    said = said.format(time=time, n=connection)
    if not fact.others:
        return said
    return f"{said}; " + formatting.counted(
        fact.others, translate("sentences", "1 other waits"), translate("sentences", "{n} others wait")
    )


def _place(path: str, line: int) -> str:
    """Where in the application, with what stands there."""
    if not path or not line:
        return ""
    where = translate("sentences", "{file}, line {line}").format(file=file_name(path), line=line)
    return ": ".join(filter(None, (where, line_text(path, line))))


def _time(seconds: float) -> str:
    """In no more digits than can be read while it changes."""
    if seconds < 0.095:
        return translate("sentences", "{n}\N{NO-BREAK SPACE}ms").format(n=formatting.rounded(seconds * 1000, 0))
    digits = QLocale().toString(seconds, "g", 2) if seconds < 10 else formatting.whole(seconds)
    return translate("sentences", "{seconds}\N{NO-BREAK SPACE}s").format(seconds=digits)


class SentenceLine(QLabel):
    """A sentence in the room that it is given, in two lines at most."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def say(self, text: str) -> None:
        """Shows `text`; the whole of it is in the tooltip."""
        if text != self.text():
            self.setText(text)
            self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        lines = wrap_lines(self.text(), self.font(), float(self.width()), LINES)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "\n".join(lines))
        painter.end()
