"""The names of the parts of a request's time, wherever they are shown.

Owns these texts. Knows nothing of any request.
"""

from PySide6.QtCore import QCoreApplication

from engine.lab.parts import RequestPart
from gui import formatting

translate = QCoreApplication.translate


def part_words(parts: tuple[RequestPart, ...]) -> str:
    """A part as the name of a line or a column; some that are not known apart are joined."""
    names = {
        RequestPart.ACCEPT_QUEUE: translate("parts", "accept queue"),
        RequestPart.TURN: translate("parts", "its turn"),
        RequestPart.READING: translate("parts", "reading"),
        RequestPart.WORKER: translate("parts", "for a worker"),
        RequestPart.HANDLING: translate("parts", "handling"),
        RequestPart.WRITING: translate("parts", "writing"),
    }
    return " + ".join(names[part] for part in parts)


def part_sentence(parts: tuple[RequestPart, ...], time: str) -> str:
    """The time spent in these parts, as a piece of a sentence."""
    pieces: dict[tuple[RequestPart, ...], str] = {
        (RequestPart.ACCEPT_QUEUE,): translate("parts", "{time} in the accept queue"),
        (RequestPart.TURN,): translate("parts", "{time} waiting for its turn"),
        (RequestPart.READING,): translate("parts", "{time} reading the request"),
        (RequestPart.WORKER,): translate("parts", "{time} waiting for a worker"),
        (RequestPart.HANDLING,): translate("parts", "{time} handling"),
        (RequestPart.WRITING,): translate("parts", "{time} writing the reply"),
    }
    return pieces.get(parts, f"{{time}} {part_words(parts)}").format(time=time)


def listed(pieces: list[str]) -> str:
    """`a`, `a and b` or `a, b and c`."""
    if len(pieces) < 2:
        return "".join(pieces)
    return translate("parts", "{some} and {last}").format(some=", ".join(pieces[:-1]), last=pieces[-1])


def total_text(seconds: float, from_arrival: bool) -> str:
    """How long a request was in the server, and since when if not since it arrived."""
    text = formatting.duration_text(seconds)
    return text if from_arrival else translate("parts", "{time} from the first read").format(time=text)
