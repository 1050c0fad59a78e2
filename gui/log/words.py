"""What the parts of a request's time are called, wherever they are shown.

Owns the words. Knows nothing of any request.
"""

from PySide6.QtCore import QCoreApplication

from engine.lab.parts import NAMES, PHRASES, RequestPart
from gui import formatting

translate = QCoreApplication.translate


def part_words(parts: tuple[RequestPart, ...]) -> str:
    """A part as the name of a line or a column; some that are not known apart are joined."""
    return " + ".join(translate("parts", NAMES[part]) for part in parts)


def part_sentence(parts: tuple[RequestPart, ...], time: str) -> str:
    """Where `time` went, as a piece of a sentence."""
    phrase = translate("parts", PHRASES[parts[0]]) if len(parts) == 1 else f"{{time}} {part_words(parts)}"
    return phrase.format(time=time)


def listed(pieces: list[str]) -> str:
    """`a`, `a and b` or `a, b and c`."""
    if len(pieces) < 2:
        return "".join(pieces)
    return translate("parts", "{some} and {last}").format(some=", ".join(pieces[:-1]), last=pieces[-1])


def total_text(seconds: float, from_arrival: bool) -> str:
    """How long a request was in the server, and since when if not since it arrived."""
    text = formatting.duration_text(seconds)
    return text if from_arrival else translate("parts", "{time} from the first read").format(time=text)
