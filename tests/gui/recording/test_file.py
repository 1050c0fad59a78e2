"""Recordings: written, cut off, damaged, and read from any moment."""

import contextlib
import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from engine.clock import monotonic
from engine.lab.usage import Usage
from engine.load import wire as load_wire
from engine.telemetry import wire
from gui.errors import Notice
from gui.history import by_hand
from gui.history.server import ServerHistory
from gui.recording import file as subject
from gui.recording import recorder as recorder_module
from gui.recording.file import Event, FileHeader, Recording, RecordingError, RecordingWriter, Standing
from gui.recording.recorder import SessionRecorder
from gui.runs.streams import ENGINE, FIRST, LOAD, USAGE
from tests.answered import answered
from tests.ready import a_ready

PATIENCE = 20_000
"""Milliseconds within which anything that works has happened, however busy the machine."""
BEGIN, CLOCK = 1_000.0, 1_700_000_000.0
HEADER = FileHeader(subject.VERSION, wire.VERSION, load_wire.VERSION, BEGIN, CLOCK, {"Processor": "fast"})
Entries = list[tuple[str, float, Any]]


def ready(model: str, at: float) -> wire.Ready:
    return a_ready(model, at, clock=CLOCK)


def requests(at: float, count: int = 1, connection: int = 1) -> wire.Requests:
    return wire.Requests([answered(at, connection, 0, 1, 2, 200, 1, 0.0, 0.001, True) for _ in range(count)])


def counters(at: float, total: int) -> wire.Counters:
    return wire.Counters(at, 1, 1, total, 0, 0, 0, 1, 1)


def run(begin: float, seconds: int, model: str = "epoll", rate: int = 20) -> Entries:
    """An engine that answers one kept connection, with a load and a sampler: a part's entries every half second."""
    heads = wire.Heads([wire.Head(1, "GET /index.html HTTP/1.1"), wire.Head(2, "HTTP/1.1 200 OK")])
    entries: Entries = [
        (ENGINE, begin, ready(model, begin)),
        (ENGINE, begin, heads),
        (ENGINE, begin, wire.Opened([wire.Opening(begin, 1, "127.0.0.1:4000", 0)])),
        (LOAD, begin, load_wire.LoadReady(load_wire.VERSION, "http://127.0.0.1:8888", 2, 1, begin, CLOCK)),
    ]
    for tenth in range(1, seconds * 10 + 1):
        at = begin + tenth / 10
        entries += [
            (ENGINE, at, requests(at, rate // 10)),
            (ENGINE, at, wire.Spans([wire.Span(0, 1, "recv", 20, at, at, 10)])),
            (ENGINE, at, counters(at, tenth * rate // 10)),
            (LOAD, at, load_wire.LoadStats(at, 1, 0, tenth, tenth, 0, 0, 0, 0, 0, 1, 0.0, 1.0)),
            (USAGE, at, Usage(at, 1.0, 1, 1, 1, 0, None)),
        ]
    return entries


def write(path: Path, entries: Entries, whole: bool = True, every: float = 0.5) -> None:
    """A recording of `entries`, a part for each half second."""
    writer = RecordingWriter(path, HEADER)
    begin, end = BEGIN, entries[-1][1]
    while begin < end:
        writer.write([entry for entry in entries if begin < entry[1] <= begin + every or entry[1] == begin == BEGIN],
                     begin + every)  # fmt: skip
        begin += every
    if whole:
        writer.close()
    else:
        writer._file.close()


@pytest.fixture
def opened() -> Iterator[Callable[[Path], Recording]]:
    """Opens recordings; each is closed in the end."""
    recordings = []

    def open_one(path: Path) -> Recording:
        recordings.append(Recording(path))
        return recordings[-1]

    yield open_one
    for recording in recordings:
        recording.close()


def told(events: list[Event], until: float) -> ServerHistory:
    """A history with all messages up to the moment."""
    record = ServerHistory(clock=lambda: BEGIN + until)
    for event in events:
        if event.stream == ENGINE and event.at <= until:
            record.receive(event.message)
        elif event.stream == USAGE and event.at <= until:
            record.note_usage(event.message)
    return record


def test_what_was_written_is_read_in_the_order_in_which_it_came(tmp_path: Path, opened: Any) -> None:
    entries = run(BEGIN, 3)
    write(tmp_path / "a.servescope", entries)
    recording = opened(tmp_path / "a.servescope")
    assert recording.is_whole
    assert recording.header == HEADER
    assert recording.seconds == pytest.approx(3.0)
    events = list(recording.events())
    assert [(event.stream, event.at + BEGIN) for event in events] == [
        (stream, pytest.approx(at)) for stream, at, _ in sorted(entries, key=lambda entry: entry[1])
    ]
    for kind in {type(message) for _, _, message in entries}:
        assert [event.message for event in events if isinstance(event.message, kind)] == [
            message for _, _, message in entries if isinstance(message, kind)
        ]


def test_it_is_lines_of_json_in_a_gzip_file(tmp_path: Path) -> None:
    write(tmp_path / "a.servescope", run(BEGIN, 1))
    with gzip.open(tmp_path / "a.servescope") as file:
        lines = [json.loads(line) for line in file]
    assert lines[0]["type"] == "recording"
    assert lines[0]["facts"] == {"Processor": "fast"}
    assert {line[2].get("type", "usage") for line in lines[1:]} >= {"ready", "counters", "requests", "spans", "crowd"}


def test_models_are_marked(tmp_path: Path, opened: Any) -> None:
    entries = [*run(BEGIN, 2, "thread"), (ENGINE, BEGIN + 2.2, wire.Stopped(BEGIN + 2.2)), *run(BEGIN + 3, 1, "epoll")]
    write(tmp_path / "a.servescope", entries)
    marks = opened(tmp_path / "a.servescope").marks()
    assert [model for _, model in marks] == ["thread", "", "epoll"]
    assert [at for at, _ in marks] == pytest.approx([0.0, 2.2, 3.0], abs=1e-6)


@given(cut=st.floats(0, 1))
def test_a_recording_that_was_cut_off_anywhere_opens_up_to_there(
    tmp_path_factory: pytest.TempPathFactory, cut: float
) -> None:
    path = tmp_path_factory.mktemp("cut") / "a.servescope"
    write(path, run(BEGIN, 4))
    whole = path.read_bytes()
    size = round(cut * (len(whole) - 1))
    path.write_bytes(whole[:size])
    if size < len(whole) / 8:
        with contextlib.suppress(RecordingError):  # in the header or before the first whole part: tested below
            Recording(path).close()
        return
    recording = Recording(path)
    assert not recording.is_whole
    counted = [event.message.requests for event in recording.events() if isinstance(event.message, wire.Counters)]
    assert counted == list(range(2, 2 * len(counted) + 1, 2)), "what is there is there from the begin"
    assert abs(recording.seconds - size / len(whole) * 4) < 1.5
    recording.close()


def begin_of(path: Path) -> bytes:
    """A recording that was cut off right after its header."""
    writer = RecordingWriter(path, HEADER)
    size = path.stat().st_size
    writer.close()
    return path.read_bytes()[:size]


def test_garbage_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "holiday.servescope"
    for data in (
        b"\x89PNG\r\n\x1a\n" + bytes(200),
        gzip.compress(b"something else" * 50),
        b"GET / HTTP/1.1",
        bytes(500),
    ):
        path.write_bytes(data)
        with pytest.raises(RecordingError) as refused:
            Recording(path)
        assert refused.value.notice.title == "“holiday.servescope” is not a recording"
    for begin in (b"", begin_of(path)):
        path.write_bytes(begin)
        with pytest.raises(RecordingError, match="is empty"):
            Recording(path)
    with pytest.raises(RecordingError, match="no such file"):
        Recording(tmp_path / "missing.servescope")
    with pytest.raises(RecordingError, match="is a folder"):
        Recording(tmp_path)


def test_one_from_a_newer_version_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "a.servescope"
    newer = subject.msgspec.structs.replace(HEADER, version=subject.VERSION + 1)
    writer = RecordingWriter(path, newer)
    writer.write(run(BEGIN, 1), BEGIN + 1)
    writer.close()
    with pytest.raises(RecordingError, match=r"newer ServeScope.*Update"):
        Recording(path)


def test_damage_in_the_middle_ends_it_there(tmp_path: Path, opened: Any) -> None:
    path = tmp_path / "a.servescope"
    write(path, run(BEGIN, 4))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    told_first = []
    with pytest.raises(RecordingError, match="damaged"):
        told_first.extend(opened(path).events())
    assert [event.message.requests for event in told_first if isinstance(event.message, wire.Counters)]
    assert 0.5 < told_first[-1].at < 3.5


def test_a_moment_shows_the_same_whether_played_or_jumped_to(
    tmp_path: Path, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "ROWS", 300)
    monkeypatch.setattr(subject, "KEY_EVERY", 2.0)
    monkeypatch.setattr(subject, "CLIENTS_BACK", 5.0)
    path = tmp_path / "a.servescope"
    stopped = (ENGINE, BEGIN + 20.05, wire.Stopped(BEGIN + 20.05))
    write(path, [*run(BEGIN, 20, "thread", 40), stopped, *run(BEGIN + 21, 40, "epoll", 60)])
    recording = opened(path)
    everything = list(recording.events())
    for moment in (0.0, 3.3, 19.9, 20.5, 21.2, 45.0, 61.0):
        jumped = list(recording.events(moment))
        played_record, jumped_record = told(everything, moment), told(jumped, moment)
        assert jumped_record.ready == played_record.ready
        assert jumped_record.counters == played_record.counters
        assert jumped_record.usage == played_record.usage
        assert jumped_record.measured == played_record.measured
        rows = [[record.log.row(number) for number in record.log.newest(200)]
                for record in (played_record, jumped_record)]  # fmt: skip
        texts = [[(row.time_of_day, row.model, row.client, row.target, row.reason) for row in each] for each in rows]
        assert texts[0] == texts[1]
        assert not texts[1] or texts[1][-1][2:] == ("127.0.0.1:4000", "/index.html", "OK"), "told at its begin"
        after = [event for event in everything if event.at > moment]
        assert [event for event in jumped if event.at > moment] == after, "and from there all is told"
    assert len(jumped) < len(everything) / 2, "a jump does not tell all"


def test_what_was_told_before_it_began_is_in_it(tmp_path: Path, opened: Any, qtbot: QtBot) -> None:
    recorder = SessionRecorder()
    for stream, _, message in run(BEGIN, 2):
        recorder.note(stream, message)
    recorder.start(tmp_path / "a.servescope", {"a": "b"})
    assert recorder.path == tmp_path / "a.servescope"
    recorder.note(ENGINE, requests(BEGIN + 3))
    with qtbot.waitSignal(recorder.ended, timeout=PATIENCE) as ended:
        recorder.stop()
    assert ended.args == [None]
    assert recorder.path is None
    recording = opened(tmp_path / "a.servescope")
    assert recording.is_whole
    record = told(list(recording.events()), 10)
    assert record.ready
    row = record.log.row(0)
    assert (row.client, row.target, row.reason) == ("127.0.0.1:4000", "/index.html", "OK")
    recorder.close()


def test_what_no_longer_holds_is_forgotten() -> None:
    standing = Standing()
    for stream, _, message in run(BEGIN, 1):
        standing.note(stream, message)
    standing.note(ENGINE, wire.Closed([wire.Closing(BEGIN, 1, 0), wire.Closing(BEGIN, 77, 0)]))
    assert [type(message) for _, message in standing.all()] == [wire.Ready, load_wire.LoadReady, wire.Heads]
    change = load_wire.Change("steady", 1, 0, 0.0, 0, BEGIN)
    standing.note(LOAD, load_wire.LoadReady(1, "http://x", 2, 1, BEGIN, CLOCK))
    standing.note(LOAD, change)
    standing.note(ENGINE, wire.Stopped(BEGIN))
    assert [stream for stream, _ in standing.all()] == [LOAD, LOAD]
    assert standing.all()[-1] == (LOAD, change)
    for number in range(subject.KNOWN_HEADS + 10):
        standing.note(ENGINE, wire.Heads([wire.Head(number, "")]))
    (_, heads) = standing.details()[0]
    assert len(heads.rows) == subject.KNOWN_HEADS
    assert heads.rows[0].number == 10


def test_noting_does_not_wait_for_the_disk(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes nothing at all: the window goes on, and the recording ends with a word."""
    monkeypatch.setattr(recorder_module, "PENDING", 100)
    stuck = threading.Event()
    real = RecordingWriter.write

    def wait_and_write(self: RecordingWriter, entries: Any, until: float) -> None:
        assert stuck.wait(PATIENCE / 1000)
        real(self, entries, until)

    monkeypatch.setattr(RecordingWriter, "write", wait_and_write)
    recorder = SessionRecorder()
    recorder.start(tmp_path / "a.servescope", {})
    begin = monotonic()
    for number in range(150):
        recorder.note(ENGINE, counters(BEGIN, number))
    assert monotonic() - begin < 5
    assert recorder.path is None
    with qtbot.waitSignal(recorder.ended, timeout=PATIENCE) as ended:
        stuck.set()
    (notice,) = ended.args or [None]
    assert isinstance(notice, Notice)
    assert "fast enough" in notice.title
    recorder.close()


def test_a_place_that_cannot_be_written_is_refused_in_words(tmp_path: Path, qtbot: QtBot) -> None:
    recorder = SessionRecorder()
    with pytest.raises(RecordingError, match=r"“a\.servescope” could not be written: There is no such"):
        recorder.start(tmp_path / "missing" / "a.servescope", {})
    assert recorder.path is None
    recorder.close()


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from tests.gui.recording.test_file import HEADER, BEGIN, run
from gui.recording.file import RecordingWriter
writer = RecordingWriter(Path(sys.argv[1]), HEADER)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
entries = run(BEGIN, 60, rate=1000)
for half in range(120):
    writer.write([e for e in entries if BEGIN + half / 2 < e[1] <= BEGIN + half / 2 + 0.5], BEGIN + half / 2 + 0.5)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="limits of a file's size")
@pytest.mark.slow
def test_what_was_written_before_the_disk_was_full_stays_good(tmp_path: Path, opened: Any) -> None:
    path = tmp_path / "a.servescope"
    root = str(Path(subject.__file__).parents[1])
    child = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)],
        env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert "OSError: [Errno 27]" in child.stderr
    assert path.stat().st_size <= 20_000
    recording = opened(path)
    assert recording.seconds > 1
    assert len(list(recording.events())) > 50


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
def test_a_full_disk_ends_the_recording_with_a_word(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "a.servescope"
    recorder = SessionRecorder()
    recorder.start(path, {})
    session = recorder._job
    assert session
    with open("/dev/full", "wb", buffering=0) as full:
        os.dup2(full.fileno(), session.writer._file.fileno())
    with qtbot.waitSignal(recorder.ended, timeout=PATIENCE) as ended:
        recorder.note(ENGINE, counters(BEGIN, 1))
    (notice,) = ended.args or [None]
    assert isinstance(notice, Notice)
    assert "The disk is full" in notice.text
    assert "can be replayed" in notice.text
    assert recorder.path is None
    recorder.close()


KILLED = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication
application = QCoreApplication([])
from gui.recording.recorder import SessionRecorder
from tests.gui.recording.test_file import BEGIN, run
recorder = SessionRecorder()
recorder.start(Path(sys.argv[1]), {})
for stream, _, message in run(BEGIN, 20):
    recorder.note(stream, message)
    time.sleep(0.005)
    print(flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_window_that_was_killed_leaves_a_recording_that_opens(tmp_path: Path, opened: Any) -> None:
    path = tmp_path / "a.servescope"
    root = str(Path(subject.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": root}
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], env=environment, stdout=subprocess.PIPE) as child:
        assert child.stdout
        for _ in range(300):
            child.stdout.readline()
        child.kill()
    recording = opened(path)
    assert not recording.is_whole
    assert recording.seconds > 0.5
    assert isinstance(next(recording.events()).message, wire.Ready)


def test_a_recording_begun_later_has_a_connection_by_hand_as_it_stands() -> None:
    standing, whole = Standing(), by_hand.HandHistory()
    kinds: tuple[by_hand.Kind, ...] = ("opened", "connected", "held", "resumed", "half-closed", "ended", "held", "sent")
    for number, kind in enumerate(kinds):
        act = by_hand.Act(BEGIN + number, 1, kind)
        standing.note(FIRST.by_hand, act)
        whole.receive(act)
    later = by_hand.HandHistory()
    for _, message in standing.all():
        later.receive(message)
    one, other = later.clients[1], whole.clients[1]
    assert (one.state, one.is_held, one.can_send) == (other.state, other.is_held, other.can_send)
    assert (one.state, one.is_held, one.can_send) == ("ended", True, False)
    standing.note(FIRST.by_hand, by_hand.Act(BEGIN + 20, 1, "closed"))
    assert standing.all() == []
