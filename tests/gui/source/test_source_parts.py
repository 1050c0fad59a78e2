"""What the Source tab is made of: colours, pairs of lines, sentences, and the choice of an editor."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from engine.models import MODELS
from engine.telemetry.wire import Activity
from gui import appearance
from gui.panels.source import source_file
from gui.source.comparison import compared, differing, moved
from gui.source.editor import _split, open_in_editor
from gui.source.highlight import colour_ranges
from gui.source.marks import Mark, mark

# ---- colours


def kinds(line: str) -> dict[str, str]:
    return {line[start : start + length]: kind for start, length, kind in colour_ranges(line)[0]}


def test_the_parts_of_a_program_are_told_apart() -> None:
    assert kinds("def handle(client): return None  # over") == {
        "def": "keyword",
        "handle": "name",
        "return": "keyword",
        "None": "constant",
        "# over": "comment",
    }
    assert kinds("client.recv(65536)  # waits: for it") == {"65536": "constant", "# waits: for it": "waits"}


def test_a_docstring_is_coloured_on_each_of_its_lines() -> None:
    assert [[colour.kind for colour in line] for line in colour_ranges('"""One.\n\nTwo.\n"""')] == [
        ["string"],
        [],
        ["string"],
        ["string"],
    ]


@pytest.mark.parametrize("model", MODELS)
def test_each_line_of_a_model_has_its_colours(model: str) -> None:
    text = source_file(model).read_text("utf-8")
    lines = text.split("\n")
    coloured = colour_ranges(text)
    assert len(coloured) == len(lines)
    for line, found in zip(lines, coloured, strict=True):
        assert all(start >= 0 and start + length <= len(line) for start, length, _ in found)
        assert ("# waits" in line) == any(kind == "waits" for _, _, kind in found)


@pytest.mark.parametrize("theme", [appearance.LIGHT, appearance.DARK], ids=lambda theme: theme.name)
def test_a_program_can_be_read_on_every_ground(theme: appearance.Theme) -> None:
    grounds = [
        theme.panel,
        theme.selection,
        theme.bad_back,
        theme.good_back,
        *(theme.model_fill(key) for key in MODELS),
    ]
    for kind in ("", *appearance.CODE_COLOURS[theme.name]):
        for background in grounds:
            assert appearance.contrast_between(theme.code_colour(kind), background) >= 4.5, (kind, background)


# ---- pairs of lines


def test_lines_stand_beside_those_they_are_like() -> None:
    pairs = compared(["a", "b", "c", "d"], ["a", "x", "c", "c2", "d"])
    assert [(pair.left, pair.right, pair.same) for pair in pairs] == [
        (1, 1, True),
        (2, 2, False),
        (3, 3, True),
        (None, 4, False),
        (4, 5, True),
    ]


@pytest.mark.parametrize("model", MODELS)
def test_no_line_is_lost_beside_another_model(model: str) -> None:
    one, other = (source_file(key).read_text("utf-8").split("\n") for key in (model, "thread"))
    pairs = compared(one, other)
    assert [pair.left for pair in pairs if pair.left] == list(range(1, len(one) + 1))
    assert [pair.right for pair in pairs if pair.right] == list(range(1, len(other) + 1))
    for pair in pairs:
        if pair.same:
            assert pair.left
            assert pair.right
            assert one[pair.left - 1] == other[pair.right - 1]


def test_what_differs_in_a_line_is_whole_words() -> None:
    left, right = "each in a new process, for ever", "each in a new thread, for ever"
    assert [
        [line[begin : begin + length] for begin, length in parts]
        for line, parts in zip((left, right), differing(left, right), strict=True)
    ] == [["process"], ["thread"]]
    assert differing("if os.fork() == 0:", "threading.Thread(target=handle).start()") == ([], [])


def test_lines_are_found_again_after_an_edit() -> None:
    assert moved(["a", "b", "c"], ["new", "a", "B", "c"]) == {1: 2, 3: 4}
    assert moved(["a", "b"], ["a", "b"]) == {1: 1, 2: 2}


# ---- sentences

NOW = 50.0


def said(model: str, *places: tuple[int, int, str, float], sample_every: int = 1, picked: int = 0) -> Mark:
    """What is said of workers: number, connection, call, and for how long."""
    found = [Activity(worker, connection, call, 7, NOW - seconds) for worker, connection, call, seconds in places]
    return mark(MODELS[model].traits, 7, found, NOW, sample_every, picked)


@pytest.mark.parametrize(
    ("model", "place", "text", "waits"),
    [
        ("thread", (7, 9, "recv", 3.2), "thread 7 · waiting for the client · 3.2 s", True),
        ("thread", (0, 0, "accept", 125.0), "acceptor · waiting for the next client · 125 s", True),
        ("thread", (7, 9, "send", 0.02), "thread 7 · writing · 20 ms", False),
        ("gevent", (7, 9, "send", 2.0), "greenlet 7 · blocked by a slow client · 2.0 s", True),
        ("process", (4312, 9, "", 0.5), "process 4312 · handling · 500 ms", False),
        ("process", (0, 0, "", 0.001), "acceptor · accepting", False),
        ("epoll", (0, 0, "wait", 0.9996), "loop · waiting for any client · 1.0 s", True),
        ("epoll", (0, 9, "", 3.2), "loop · busy with connection 9 · 3.2 s", False),
        ("nonblocking", (0, 9, "recv", 0.00001), "loop · going from client to client", False),
    ],
)
def test_one_worker_is_told_in_a_sentence(
    model: str, place: tuple[int, int, str, float], text: str, waits: bool
) -> None:
    told = said(model, place)
    assert told.variants[0] == text
    assert told.waits == waits
    assert told.workers == (text,)


def test_many_workers_are_counted() -> None:
    same = said("thread", *((n, n, "recv", 3.2 - n / 10) for n in range(1, 13)))
    assert same.variants == (
        "12 threads · waiting for the client · longest 3.1 s",
        "12 threads · longest 3.1 s",
        "12 threads",
    )
    mixed = said("thread", (1, 1, "recv", 2.0), (2, 2, "recv", 1.0), (3, 3, "", 0.05))
    assert mixed.variants[0] == "3 threads · 2 waiting for the client, 1 handling · longest 2.0 s"
    assert not mixed.waits


def test_a_crowd_is_listed_only_in_part() -> None:
    crowd = said("thread", *((n, n, "recv", 1.0) for n in range(1, 101)))
    assert crowd.workers[0].startswith("thread 1 · ")
    assert crowd.workers[-1] == "and 88 more"


def test_the_picked_connection_comes_first() -> None:
    told = said("thread", (1, 1, "recv", 3.0), (2, 2, "", 1.0), (3, 3, "recv", 0.5), picked=2)
    assert told.variants[0] == "connection 2 · thread 2 · handling · 1.0 s · 2 more here"
    assert told.picked
    assert not told.waits
    assert told.connections == (1, 2, 3)
    assert not said("thread", (1, 1, "recv", 3.0), picked=2).picked


def test_a_loop_is_not_said_to_be_busy_with_one_if_others_are_not_told() -> None:
    assert said("epoll", (0, 9, "", 3.2), sample_every=4).variants[0] == "loop · going from client to client"


def test_each_shorter_sentence_says_less() -> None:
    for told in (
        said("thread", (1, 1, "recv", 3.0)),
        said("epoll", (0, 0, "wait", 3.0)),
        said("thread", (1, 1, "", 0.5)),
    ):
        lengths = [len(text) for text in told.variants]
        assert lengths == sorted(lengths, reverse=True)


# ---- the editor


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "model.py"
    file.write_text("pass\n", "utf-8")
    return file


class Desktop(QObject):
    """What would be opened by the system's choice."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toLocalFile())


@pytest.fixture
def desktop(qtbot: QtBot) -> Iterator[Desktop]:
    desktop = Desktop()
    QDesktopServices.setUrlHandler("file", desktop, "open")
    yield desktop
    QDesktopServices.unsetUrlHandler("file")


@pytest.mark.parametrize("name", ["VISUAL", "EDITOR"])
def test_the_editor_of_the_environment_is_started(qtbot: QtBot, desktop: Desktop, file: Path, name: str) -> None:
    editor, told = file.with_name("my editor"), file.with_name("told")
    editor.write_text('#!/bin/sh\necho "$@" > "$(dirname "$0")/told"\n', "utf-8")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    assert open_in_editor(file, {name: f"'{editor}' --wait"})
    qtbot.waitUntil(lambda: told.exists() and told.read_text("utf-8").endswith("\n"), timeout=10_000)
    assert told.read_text("utf-8") == f"--wait {file}\n"
    assert not desktop.opened


@pytest.mark.parametrize("command", ["", "vim", "/usr/bin/nano -w", "emacs -nw", "/nowhere/editor", "it's"])
def test_otherwise_the_system_chooses(desktop: Desktop, file: Path, command: str) -> None:
    assert open_in_editor(file, {"EDITOR": command})
    assert desktop.opened == [str(file)]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (r'"C:\Program Files\Editor\edit.exe" --wait', [r"C:\Program Files\Editor\edit.exe", "--wait"]),
        (r"C:\bin\edit.exe '-n'", [r"C:\bin\edit.exe", "-n"]),
        ("code --wait", ["code", "--wait"]),
        ("", []),
    ],
)
def test_command_of_windows_is_split_as_there(command: str, words: list[str]) -> None:
    assert _split(command, backslashes=True) == words
