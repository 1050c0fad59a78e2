"""Recordings: the messages of engine, load and sampler, and what was done by hand, in one compressed file, which can be
opened at any moment.

Owns the form of the file and how it is written and read. Knows nothing of Qt, or of what shows it.

The file is a sequence of gzip members, so `zcat` reads it: lines of JSON, the first a `FileHeader`, any other an entry,
`[stream, seconds, message]`. A few times a second a part is written: one member for each kind of message. The gzip
header of each has its length (an extra field, as in BGZF), so a reader skips what it does not need, and a file that was
cut off opens up to the last whole member.
"""

import itertools
import math
import os
import struct
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from engine.lab.usage import Usage
from engine.load import wire as load_wire
from engine.telemetry import wire
from engine.telemetry.bounds import UNREADABLE, Seconds
from gui import errors
from gui.history import by_hand
from gui.runs.streams import ENGINE, FIRST, SECOND

VERSION = 1
SUFFIX = ".servescope"
ROWS = 50_000
"""A jump replays at least this many requests before the new moment: half of what the log holds, so that it takes well
under a second."""
CLIENTS_BACK, SPANS_BACK = 60.0, 10.0
"""A jump replays the clients' figures and the spans of this many seconds before the new moment: older ones are not
drawn."""
KEY_EVERY = 10.0
"""Seconds between two writes of what later details refer to."""
KNOWN_HEADS = 8192
"""Twice as many as an engine remembers."""
KNOWN_CONNECTIONS = 131_072
LARGEST = 1 << 28
"""The most bytes that a member may unpack to."""
LONGEST = 1e7
"""Seconds that a recording may last: 115 days."""
LEVEL = 1
"""The compression: 37 ms per second of 30,000 records; level 6 takes three times as long and saves an eighth."""


class FileHeader(msgspec.Struct, tag="recording", tag_field="type"):
    """The first line."""

    version: int
    wire: int
    load: int
    """Versions of the two contracts."""
    begin: Seconds
    """Monotonic time."""
    clock: Seconds
    """Unix time minus monotonic time, in seconds."""
    facts: dict[str, str]
    """The machine, the versions and the settings, as texts."""


class Event(NamedTuple):
    """One message, and when it arrived."""

    at: float
    """Seconds since the recording's begin."""
    stream: str
    message: Any


class RecordingError(Exception):
    """A recording that cannot be written or read, with a `Notice` for the user."""

    def __init__(self, notice: errors.Notice) -> None:
        super().__init__(f"{notice.title}: {notice.text}")
        self.notice = notice


class RecordingWriter:
    """A recording that is being written. An `OSError` closes it; what was written before can be read."""

    def __init__(self, path: Path, header: FileHeader) -> None:
        """Begins the file, and replaces an existing one."""
        path.unlink(missing_ok=True)  # rather than emptied: it may be open in a replay
        self._file = path.open("xb", buffering=0)
        self._written = 0
        self._part = 0
        self._key_due = header.begin + KEY_EVERY
        self._end = self._last = header.begin
        self._standing = Standing()
        self._add(_member(HEADER, 0, 0, header.begin, [_encode(header)]))

    def write(self, entries: Iterable[tuple[str, float, Any]], until: float) -> None:
        """Adds a part: streams, arrival times and messages, all that arrived up to the moment `until`."""
        lines: dict[bytes, list[bytes]] = {}
        rows = 0
        if until >= self._key_due:
            lines[KEY] = [_encode((stream, self._end, message)) for stream, message in self._standing.details()]
            self._key_due = until + KEY_EVERY
        for stream, came, message in entries:
            at = self._last = max(came, math.nextafter(self._last, math.inf))  # so that sorting keeps the order
            kind = KINDS.get(type(message), FACTS)
            lines.setdefault(kind, []).append(_encode((stream, at, message)))
            rows += len(message.rows) if isinstance(message, wire.Requests) else 0
            self._standing.note(stream, message)
        self._part += 1
        self._end = until
        if lines:
            kinds = [kind for kind in IN_ORDER if kind in lines]
            self._add(b"".join(_member(kind, self._part, rows, until, lines[kind]) for kind in kinds))

    def close(self) -> None:
        """Marks the recording as whole, and closes the file."""
        self._add(_member(END, self._part, 0, self._end, []))
        self._file.close()

    def _add(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            with suppress(OSError), self._file:
                self._file.truncate(self._written)
            raise
        self._written += len(data)


class Recording:
    """A recording that is being read. To be closed."""

    def __init__(self, path: Path) -> None:
        """Raises `RecordingError` if the file is no recording, or cannot be read."""
        self.path = path
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise RecordingError(errors.cannot_read(path, error)) from error
        try:
            self._blocks, self.is_whole = self._find_blocks()
            self.header = self._read_header()
            self._cut_off_nonsense()
        except RecordingError:
            self._file.close()
            raise
        except OSError as error:
            self._file.close()
            raise RecordingError(errors.cannot_read(path, error)) from error
        self.seconds = self._blocks[-1].end - self.header.begin
        """The length of the recording."""

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def marks(self) -> list[tuple[float, str]]:
        """The moments, in seconds since the begin, when a model became ready, with its key, and ended, with "".

        They reach as far as the file can be read.
        """
        marks = []
        with suppress(RecordingError):
            for event in self._events(block for block in self._blocks if block.kind == TURNS):
                if event.stream == ENGINE and not isinstance(event.message, wire.Amended):
                    marks.append((event.at, getattr(event.message, "model", "")))
        return marks

    def events(self, since: float = 0.0) -> Iterator[Event]:
        """The events for empty histories, in order: up to `since` those that still matter then, afterwards all.

        Raises `RecordingError` where the file is damaged.
        """
        details = self._details_begin(since)
        moment = since + self.header.begin
        is_wanted: dict[bytes, Callable[[Block], bool]] = {
            TURNS: lambda block: True,
            FACTS: lambda block: True,
            KEY: lambda block: block.part == details,
            DETAILS: lambda block: block.part >= details,
            CLIENTS: lambda block: block.end >= moment - CLIENTS_BACK,
            SPANS: lambda block: block.end >= moment - SPANS_BACK,
        }
        wanted = [block for block in self._blocks if block.kind in is_wanted and is_wanted[block.kind](block)]
        for _, blocks in itertools.groupby(wanted, key=lambda block: block.part):
            yield from self._events(blocks)

    def _details_begin(self, since: float) -> int:
        """The index of the first part whose details are replayed."""
        until = since + self.header.begin
        rows = 0
        for block in reversed(self._blocks):
            if block.kind == DETAILS and block.end <= until:
                rows += block.rows
            elif block.kind == KEY and rows >= ROWS:
                return block.part
        return 0

    def _events(self, blocks: "Iterable[Block]") -> Iterator[Event]:
        try:
            entries = [entry for block in blocks for entry in _entries.decode_lines(self._unpacked(block))]
            for entry in sorted(entries, key=lambda entry: entry.at):
                decode = DECODERS.get(entry.stream)
                if decode:
                    yield Event(entry.at - self.header.begin, entry.stream, decode(bytes(entry.message)))
        except (*UNREADABLE, wire.WireError, zlib.error, OSError) as error:
            raise RecordingError(errors.recording_damaged(self.path, str(error))) from error

    def _unpacked(self, block: "Block") -> bytes:
        self._file.seek(block.offset)
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        data = unpacker.decompress(self._file.read(block.size), LARGEST)
        if not unpacker.eof:
            raise zlib.error("a member is incomplete")
        return data

    def _find_blocks(self) -> "tuple[list[Block], bool]":
        """The members, and whether the last one marks the recording as whole."""
        size = self._file.seek(0, os.SEEK_END)
        blocks: list[Block] = []
        is_whole = False
        offset = 0
        while offset < size and not is_whole:
            self._file.seek(offset)
            block = _block(self._file.read(_HEAD.size), offset)
            if not block or offset + block.size > size:
                break
            is_whole = block.kind == END
            blocks.append(block)
            offset += block.size
        if size and (not blocks or blocks[0].kind != HEADER):
            raise RecordingError(errors.no_recording(self.path))
        if len(blocks) < 2 + is_whole:
            raise RecordingError(errors.recording_empty(self.path))
        return blocks, is_whole

    def _cut_off_nonsense(self) -> None:
        """Forget the members from the first on that says a moment at which nobody recorded."""
        begin = self.header.begin
        good = list(itertools.takewhile(lambda block: 0 <= block.end - begin <= LONGEST, self._blocks))
        if len(good) < 2:
            raise RecordingError(errors.recording_empty(self.path))
        self.is_whole = self.is_whole and len(good) == len(self._blocks)
        self._blocks = good

    def _read_header(self) -> FileHeader:
        try:
            line = self._unpacked(self._blocks[0])
            versions = _versions.decode(line)
            if versions.version > VERSION or versions.wire > wire.VERSION or versions.load > load_wire.VERSION:
                raise RecordingError(errors.recording_newer(self.path))
            return _header.decode(line)
        except (*UNREADABLE, zlib.error) as error:
            raise RecordingError(errors.no_recording(self.path)) from error


class Standing:
    """The state of each stream that later messages refer to and that is not sent again."""

    def __init__(self) -> None:
        self._streams: dict[str, _Standing] = {}

    def note(self, stream: str, message: Any) -> None:
        """Receive each message of each stream, in order."""
        known = self._streams.setdefault(stream, _Standing())
        match message:
            case wire.Heads():
                _remember(known.heads, ((head.number, head) for head in message.rows), KNOWN_HEADS)
            case wire.Opened():
                opened = ((opening.connection, opening) for opening in message.rows)
                _remember(known.connections, opened, KNOWN_CONNECTIONS)
            case wire.Closed():
                for closing in message.rows:
                    known.connections.pop(closing.connection, None)
            case wire.Ready() | load_wire.LoadReady():
                self._streams[stream] = _Standing(ready=message)
            case wire.Amended() if known.ready:
                known.ready = wire.amended(known.ready, message)
            case load_wire.Change():
                known.change = message
            case by_hand.Act(kind="opened"):
                known.hand_acts[message.client] = {"opened": message}
            case by_hand.Act() if message.kind in by_hand.OVER:
                known.hand_acts.pop(message.client, None)
            case by_hand.Act() if message.kind in by_hand.STANDING and message.client in known.hand_acts:
                acts = known.hand_acts[message.client]
                acts.pop(message.kind, None)  # the newest comes last
                acts[message.kind] = message
            case wire.Stopped():
                del self._streams[stream]

    def all(self) -> list[tuple[str, Any]]:
        """The streams and messages that a recording begins with."""
        turns = [
            (stream, message)
            for stream, known in self._streams.items()
            for message in (
                known.ready,
                known.change,
                *(act for acts in known.hand_acts.values() for act in acts.values()),
            )
            if message
        ]
        return turns + self.details()

    def details(self) -> list[tuple[str, Any]]:
        """Those of them that the details refer to."""
        return [
            (stream, message)
            for stream, known in self._streams.items()
            for message in (wire.Heads(list(known.heads.values())), wire.Opened(list(known.connections.values())))
            if message.rows
        ]


@dataclass
class _Standing:
    """The state of one stream."""

    ready: Any = None
    change: load_wire.Change | None = None
    hand_acts: dict[int, dict[by_hand.Kind, by_hand.Act]] = field(default_factory=dict)
    """Of each connection that was made by hand and is not over, the newest act of each kind that changes how it
    stands."""
    heads: OrderedDict[int, wire.Head] = field(default_factory=OrderedDict)
    connections: OrderedDict[int, wire.Opening] = field(default_factory=OrderedDict)


def _remember(known: OrderedDict[int, Any], items: Iterable[tuple[int, Any]], most: int) -> None:
    known.update(items)
    while len(known) > most:
        known.popitem(last=False)


# ---- the form of the file

IN_ORDER = (b"h", b"k", b"t", b"f", b"d", b"c", b"s", b"e")
HEADER, KEY, TURNS, FACTS, DETAILS, CLIENTS, SPANS, END = IN_ORDER
"""Kinds of members, in their order within a part. A key is the state that the details from there on refer to; turns are
the moments when an engine becomes ready and ends; clients are the load's figures; facts are everything else."""
KINDS: dict[type, bytes] = {
    wire.Ready: TURNS,
    wire.Amended: TURNS,
    wire.Stopped: TURNS,
    wire.Heads: DETAILS,
    wire.Opened: DETAILS,
    wire.Requests: DETAILS,
    wire.Closed: DETAILS,
    wire.HandlingSamples: SPANS,
    wire.Spans: SPANS,
    wire.Activities: SPANS,
    load_wire.LoadStats: CLIENTS,
    load_wire.Latencies: CLIENTS,
}

_HEAD = struct.Struct("<4s6xH2sHIcIId")
"""A gzip header: magic, length of the extra field; its only subfield: name, length, and the fields of `Block`."""
_MAGIC, _NAME = b"\x1f\x8b\x08\x04", b"SV"


@dataclass(frozen=True, slots=True)
class Block:
    """The place of a member, and the fields in its header."""

    offset: int
    size: int
    kind: bytes
    part: int
    rows: int
    """The number of requests in this part."""
    end: float
    """The monotonic time at which this part ends."""


class _Entry(msgspec.Struct, array_like=True):
    stream: str
    at: Seconds
    message: msgspec.Raw


class _Versions(msgspec.Struct, tag="recording", tag_field="type"):
    """The fields of a header that every version has."""

    version: int
    wire: int
    load: int


_encode = msgspec.json.encode
_entries = msgspec.json.Decoder(_Entry)
_header = msgspec.json.Decoder(FileHeader)
_versions = msgspec.json.Decoder(_Versions)
_usage = msgspec.json.Decoder(Usage)
DECODERS: dict[str, Callable[[bytes], Any]] = {
    name: decode
    for streams in (FIRST, SECOND)
    for name, decode in zip(streams, (wire.decode, load_wire.decode, _usage.decode, by_hand.decode), strict=True)
}


def _member(kind: bytes, part: int, rows: int, end: float, lines: list[bytes]) -> bytes:
    data = b"".join(line + b"\n" for line in lines)
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(data) + packer.flush()
    size = _HEAD.size + len(packed) + 8
    head = _HEAD.pack(_MAGIC, _HEAD.size - 12, _NAME, _HEAD.size - 16, size, kind, part, rows, end)
    return head + packed + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def _block(head: bytes, offset: int) -> Block | None:
    if len(head) < _HEAD.size:
        return None
    magic, _, name, _, size, kind, part, rows, end = _HEAD.unpack(head)
    if (magic, name) != (_MAGIC, _NAME) or size <= _HEAD.size:
        return None
    return Block(offset, size, kind, part, rows, end)
