"""The wire contract: every message that the engine writes to its stdout, one JSON object a line.

Owns the shape of the messages and how a line is read and written. Knows nothing of sockets or of the window.

All times are seconds on the monotonic clock, which every process of the machine shares; `Ready.clock` added to
one gives Unix time. A record is a JSON array in the order of its fields, so that a batch of them stays small.

Version 2 added title and traits to `ready`, and the message `traits`; its `requests` have seven moments. Streams of
version 1 can be read as well.
"""

import msgspec

from engine.setting import Value
from engine.telemetry import wire_v1
from engine.traits import Traits

VERSION = 2
WOULD_BLOCK = -1
DISCONNECTED = -2
"""Instead of the bytes that a call moved: it would have blocked; the client had disconnected."""
MAX_LINE = 4096
"""The most bytes of a line, its end included: a pipe takes this much from several processes whole (PIPE_BUF)."""


class Message(msgspec.Struct, tag_field="type"):
    """Any one line."""


class Record(msgspec.Struct, array_like=True, gc=False):
    """Any one row in a batch."""


class Ready(Message, tag="ready"):
    """The first message: the server listens."""

    version: int
    model: str
    host: str
    port: int
    pid: int
    root: str
    keep_alive: bool
    time: float
    clock: float
    """Unix time minus monotonic time, in seconds."""
    title: str = ""
    """The name of the server in a list."""
    traits: Traits = Traits()
    """Its traits. An empty one is not known, and is not guessed from `model`."""
    settings: dict[str, Value] = {}
    """The values of the model's own settings: conditions of a measurement, as `keep_alive` is."""
    file: str = ""
    """The path of the model's file; empty: not reported (version 1)."""


class Amended(Message, tag="traits"):
    """The traits from now on: more is known of the server than when it became ready."""

    time: float
    traits: Traits


class Counters(Message, tag="counters"):
    """Counts since the start, exact in every model, ten times a second."""

    time: float
    accepted: int
    open: int
    requests: int
    """Requests answered, whatever the status, and requests whose reply broke off."""
    failed: int
    """Those that could not be parsed, were answered with a 5xx, or whose reply was not sent whole."""
    bytes: int
    """Bytes handed to the kernel for clients, heads included."""
    dropped: int
    """Detail records lost because the stream was not read in time."""
    requests_every: int
    """1: `opened`, `requests` and `closed` of each connection are reported; k: of one connection in k; 0: none."""
    spans_every: int
    """The same for spans."""
    queued: int = -1
    """Connections in the accept queue; -1 if the system doesn't report them."""
    backlog: int = -1
    """The most connections that the accept queue holds."""


class Head(Record):
    """One request's or reply's head without its final empty line, sent once and then referred to by number."""

    number: int
    text: str


class Heads(Message, tag="heads"):
    rows: list[Head]


class File(Record):
    """A file of the user's code other than the model's, sent before it is referred to by number."""

    number: int
    path: str


class Files(Message, tag="files"):
    rows: list[File]


class Opening(Record):
    """A connection was accepted."""

    time: float
    connection: int
    client: str
    """`host:port`."""
    worker: int


class Opened(Message, tag="opened"):
    rows: list[Opening]


class Request(Record):
    """A request was answered, or its reply broke off: its seven moments, 0 where one is not known."""

    connection: int
    worker: int
    """0 is the worker that accepts; threads and greenlets count from 1; a process has its pid."""
    request: int
    """Number of the request's head; 0 if it had none that could be parsed."""
    reply: int
    """Number of the reply's head; 0 for a greeting. `Date`, `Served-By` and `Server-Timing` differ each time and
    are left out."""
    status: int
    """0 for a greeting, which is no HTTP."""
    bytes: int
    """Bytes of the reply handed to the kernel, head included."""
    whole: bool
    """False: the client disconnected before all of the reply was sent."""
    arrived: float
    """When the newest bytes of its first read reached this machine, by the kernel's time. If others came before them,
    this is later than its first byte, and its wait is a lower bound."""
    accepted: float
    """When its connection was accepted."""
    begun: float
    """When the server read its first bytes."""
    read: float
    """When its head was read whole, with as much of its body as is read before the application is called."""
    handled: float
    """When the application was called; without a request to call it with, when the error was found."""
    answered: float
    """When the head of the reply was ready."""
    written: float
    """When the reply's last byte was handed to the kernel, or the client had disconnected."""
    computed: float = -1.0
    """Processor seconds of the handling; -1: not known."""

    @property
    def time(self) -> float:
        """When it ended."""
        return self.written

    @property
    def waited(self) -> float:
        """Seconds from reading the request's first byte until its handling began."""
        return self.handled - self.begun

    @property
    def took(self) -> float:
        """Seconds from there until it ended."""
        return self.written - self.handled


class Requests(Message, tag="requests"):
    rows: list[Request]


class Closing(Record):
    """A connection ended."""

    time: float
    connection: int
    worker: int


class Closed(Message, tag="closed"):
    rows: list[Closing]


class Span(Record):
    """One call that touched the network: which worker made it, for which connection, and from which line."""

    worker: int
    connection: int
    """0 for the listening socket and the poller."""
    call: str
    """`accept`, `recv`, `send`, `close` or `wait` (the poller's)."""
    line: int
    begin: float
    end: float
    bytes: int
    """Bytes moved, `WOULD_BLOCK` or `DISCONNECTED`."""
    file: int = 0
    """Number of the file that the line is in; 0: `Ready.file`."""


class Spans(Message, tag="spans"):
    rows: list[Span]


class Activity(Record):
    """The activity of one worker: the call it is in, or the last one that returned."""

    worker: int
    connection: int
    """0 for the listening socket and the poller."""
    call: str
    """As in `Span`; empty: the call has returned, and the worker runs its own code."""
    line: int
    """The line of the call; 0: the worker has ended, or is not reported any more."""
    since: float
    file: int = 0
    """As in `Span`."""


class Activities(Message, tag="doing"):
    """The activities of all workers of one process, ten times a second while spans are requested."""

    time: float
    rows: list[Activity]


class Problem(Message, tag="problem"):
    """A problem that the user should see."""

    time: float
    code: str
    """The kind, such as `port-in-use`, by which a reader can show it in its own language."""
    message: str
    """What happened, why, and what to do, in English."""
    details: dict[str, str | int] = {}
    """The variable parts of the message, such as `port` and `program`."""


class Stopped(Message, tag="stopped"):
    """The last message: the server has ended in order."""

    time: float


class Detail(Message, tag="detail"):
    """An order on the engine's stdin: how much detail is wanted."""

    spans: bool
    """Whether spans and activities are to be sent."""


AnyMessage = (
    Ready | Amended | Counters | Files | Heads | Opened | Requests | Closed | Spans | Activities | Problem | Stopped
)

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(AnyMessage)
_orders = msgspec.json.Decoder(Detail)


def encode(message: Message) -> bytes:
    """The message as one line, its newline included."""
    return _encoder.encode(message) + b"\n"


def decode(line: bytes) -> AnyMessage:
    """The message in `line`, of version 1 as well. Raises `WireError` for anything else."""
    try:
        message: AnyMessage = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        moved = wire_v1.moved_requests(line)
        if moved is None:
            raise WireError(f"not a line of the wire contract: {error}: {line[:80]!r}") from error
        return Requests([Request(*fields) for fields in moved])
    if isinstance(message, Ready) and message.version == 1:
        message.title, message.traits = wire_v1.title_and_traits(message.model)
    return message


def amended(ready: Ready, message: Amended) -> Ready:
    """`ready` with the traits of `message`."""
    return msgspec.structs.replace(ready, traits=message.traits)


def decode_order(line: bytes) -> Detail:
    """The order in `line`. Raises `WireError` for anything else."""
    try:
        return _orders.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireError(f"not an order to the engine: {error}: {line[:80]!r}") from error


class WireError(ValueError):
    """A line that belongs to no version of this contract."""
