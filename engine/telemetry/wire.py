"""The wire contract: every message that the engine writes to its stdout, one JSON object a line.

Owns the shape of the messages and how a line is read and written. Knows nothing of sockets or of the window.

All times are seconds on the monotonic clock, which every process of the machine shares; `Ready.clock` added to
one gives Unix time. A record is a JSON array in the order of its fields, so that a batch of them stays small.

Version 2 added title and traits to `ready`, and the messages `traits` and `handling`; its `requests` have seven
moments. A guest, a program that is not ours, has `listening`, `workers`, `named`, `seen` and `said` besides. Streams
of version 1 can be read as well, and those of version 2 from before a field or a message was added. What is read from
stdin are orders: `detail`, `connections` and `behind`. Only an engine that got an order for its connections reports
them.
"""

from typing import Any, Literal

import msgspec

from engine.persistence import Mode
from engine.setting import Value
from engine.telemetry import wire_v1
from engine.telemetry.bounds import UNREADABLE, Amount, Count, Seconds, Status
from engine.traits import Traits

VERSION = 2
WOULD_BLOCK = -1
DISCONNECTED = -2
"""Instead of the bytes that a call moved: it would have blocked; the client had disconnected."""
Call = Literal["accept", "recv", "send", "close", "wait"]
MAX_LINE = 4096
"""The most bytes of a line, its end included: a pipe takes this much from several processes whole (PIPE_BUF)."""


class Message(msgspec.Struct, tag_field="type"):
    """Any one line."""


class Record(msgspec.Struct, array_like=True, gc=False):
    """Any one row in a batch."""


class Ready(Message, tag="ready"):
    """The first message: the server listens."""

    version: Count
    model: str
    host: str
    port: Count
    pid: Count
    root: str
    keep_alive: bool
    time: Seconds
    clock: Seconds
    """Unix time minus monotonic time, in seconds."""
    title: str = ""
    """The name of the server in a list."""
    traits: Traits = Traits()
    """Its traits. An empty one is not known, and is not guessed from `model`."""
    settings: dict[str, Value] = {}
    """The values of the model's own settings: conditions of a measurement, as `keep_alive` is."""
    file: str = ""
    """The path of the model's file; empty: not reported (version 1)."""
    helpers: int = 0
    """Threads of this process that serve no client: they write this stream."""
    command: list[str] = []
    """Of a guest: its command line. Empty for a model of ours. Its `model` is its title, and its `pid` that of the
    engine, of which all its processes descend; attached, that of the first process that listens."""
    served: str = ""
    """What is served: the name of an application, as `shop:app`, or the path of a folder; empty: the example site."""
    mistake: str = ""
    """The key of the mistake that is made on purpose: a condition of measurements as well; empty: none."""
    mistake_file: str = ""
    """The path of the file in which it is: `file`, or that of a part of the server."""


class Amended(Message, tag="traits"):
    """The traits from now on: more is known of the server than when it became ready."""

    time: Seconds
    traits: Traits


class Counters(Message, tag="counters"):
    """Counts since the start, exact in every model, ten times a second."""

    time: Seconds
    accepted: Count
    open: Count
    requests: Count
    """Requests answered, whatever the status, and requests whose reply broke off."""
    failed: Count
    """Those that could not be parsed, were answered with a 5xx, or whose reply was not sent whole."""
    bytes: Count
    """Bytes handed to the kernel for clients, heads included."""
    dropped: Count
    """Detail records lost because the stream was not read in time."""
    requests_every: Count
    """1: `opened`, `requests` and `closed` of each connection are reported; k: of one connection in k; 0: none."""
    spans_every: Count
    """The same for spans."""
    queued: Amount = -1
    """Connections in the accept queue; -1 if the system doesn't report them."""
    backlog: Amount = -1
    """The most connections that the accept queue holds."""
    clock: Seconds = 0.0
    """As in `ready`, now: it changes when the machine's clock is set, or while the machine sleeps. 0: not reported."""
    polls: Count = 0
    """How often the kernel was asked which connections are ready."""
    waiting: Amount = -1
    """Of a pool that has a queue of its own: connections, or requests, that wait there for a worker; -1: there is no
    such queue, or it is not known."""
    is_exact: bool = True
    """Of a guest: False from when something of its requests was not read, as they came too fast or can't be seen;
    `requests` and `failed` are lower bounds, shown with ≥. All else stays exact, except `accepted` of a program that
    is not traced: those that were open when the kernel was asked."""


class Head(Record):
    """One request's or reply's head without its final empty line, sent once and then referred to by number.

    In brackets: what came instead of a request, such as `(TLS)`."""

    number: Count
    text: str


class Heads(Message, tag="heads"):
    rows: list[Head]


class File(Record):
    """A file of the user's code other than the model's, sent before it is referred to by number."""

    number: Count
    path: str


class Files(Message, tag="files"):
    rows: list[File]


class Opening(Record):
    """A connection was accepted."""

    time: Seconds
    connection: Count
    client: str
    """`host:port`."""
    worker: Count


class Opened(Message, tag="opened"):
    rows: list[Opening]


class Phone(Record):
    """A phone of a class begins a request: the client of the connection has a name from now on."""

    time: Seconds
    connection: Count
    key: str
    """The same for all connections of the phone, also after its page is loaded again."""
    name: str
    """As its user typed it or it was given; letters, digits, spaces, hyphens."""
    wants_drip: bool = False
    """Whether it asks for a request that is sent slowly on its behalf."""


class Phones(Message, tag="phones"):
    rows: list[Phone]


class Request(Record):
    """A request was answered, or its reply broke off: its seven moments, 0 where one is not known."""

    connection: Count
    worker: Count
    """0 is the worker that accepts; threads and greenlets count from 1; a process has its pid."""
    request: Count
    """Number of the request's head; 0 if it had none that could be parsed."""
    reply: Count
    """Number of the reply's head; 0 for a greeting. `Date`, `Served-By` and `Server-Timing` differ each time and
    are left out."""
    status: Status
    """0 for a greeting, which is no HTTP."""
    bytes: Count
    """Bytes of the reply handed to the kernel, head included."""
    whole: bool
    """False: the client disconnected before all of the reply was sent."""
    arrived: Seconds
    """When the newest bytes of its first read reached this machine, by the kernel's time. If others came before them,
    this is later than its first byte, and its wait is a lower bound."""
    accepted: Seconds
    """When its connection was accepted."""
    begun: Seconds
    """When the server read its first bytes."""
    read: Seconds
    """When its head was read whole, with as much of its body as is read before the application is called."""
    handled: Seconds
    """When the application was called; without a request to call it with, when the error was found."""
    answered: Seconds
    """When the head of the reply was ready."""
    written: Seconds
    """When the reply's last byte was handed to the kernel, or the client had disconnected."""
    computed: Seconds = -1  # written faster than -1.0
    """Processor seconds of the handling; -1: not known."""
    in_calls: float = -1
    """Seconds of handling in which its worker is proven to have waited in a call: a sleep, a lock, a socket of the
    application; -1: not known. In what remains of `handled` to `answered` it was not running."""

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

    time: Seconds
    connection: Count
    worker: Count


class Closed(Message, tag="closed"):
    rows: list[Closing]


class Span(Record):
    """One call that touched the network: which worker made it, for which connection, and from which line."""

    worker: Count
    connection: Count
    """0 for the listening socket and the poller."""
    call: Call
    """`accept`, `recv`, `send`, `close` or `wait` (the poller's)."""
    line: Count
    begin: Seconds
    end: Seconds
    bytes: Amount
    """Bytes moved, `WOULD_BLOCK` or `DISCONNECTED`."""
    file: Count = 0
    """Number of the file that the line is in; 0: `Ready.file`."""
    arrived: float = 0.0
    """Of a `recv`: when the newest of its bytes had reached this machine, as in `Request`; 0: not known."""
    unsent: int = -1
    """Of a `send` that took long: bytes that the client had no room for when it was over; -1: not known."""


class Spans(Message, tag="spans"):
    rows: list[Span]


class HandlingSample(Record):
    """What a stretch of handling one request went into: sampled in each tick, and at the end in an application that
    can take long."""

    worker: int
    connection: int
    begin: float
    end: float
    computed: float
    """Seconds of a processor that its worker used. -1: not known; then this is no sample, but all of the time in which
    a request was handled, sent where others can be served, or it can stand in a queue, between reading and that."""
    in_calls: float
    """Seconds in which it is proven to have waited in a call. What remains it was not running: others had the
    interpreter's lock or the processor."""
    file: int = 0
    """Number of the application's file in which it was found at the end."""
    line: int = 0
    """The line there; 0: not known."""

    @property
    def is_whole(self) -> bool:
        """Whether it is all of the time in which a request was handled, and no sample of it."""
        return self.computed < 0


class HandlingSamples(Message, tag="handling"):
    """Stretches of handling, each reported before the span that ends it."""

    rows: list[HandlingSample]


class Activity(Record):
    """The activity of one worker: the call it is in, or the last one that returned."""

    worker: Count
    connection: Count
    """0 for the listening socket and the poller."""
    call: Call | Literal[""]
    """As in `Span`; empty: the call has returned, and the worker runs its own code."""
    line: Count
    """The line of the call; 0: the worker has ended, or is not reported any more."""
    since: Seconds
    file: Count = 0
    """As in `Span`."""
    application_file: int = 0
    """Number of the application's file that a worker is in which has handled a request for longer than a tick."""
    application_line: int = 0
    """The line there; 0: not known."""


class Activities(Message, tag="doing"):
    """The activities of all workers of one process, ten times a second while spans are requested."""

    time: Seconds
    rows: list[Activity]
    polled: float = 0.0
    """When the kernel was asked what there is to read in the reported connections that are open in this process;
    0: it was not."""
    readable: list[int] = []
    """The connections in which there was something. Many take several messages, of which the last one is `polled`."""
    delayed: list[int] = []
    """Workers that were in a call then and are not known to have waited there for their client: what they waited for
    had come, they were stopped, or what they did before is not reported yet."""
    served: list[int] = []
    """Connections that a loop was busy with when the kernel had answered. What was read of them may be in no queue any
    more and not yet in a span, so that the answer proves nothing."""


class Problem(Message, tag="problem"):
    """A problem that the user should see."""

    time: Seconds
    code: str
    """The kind, such as `port-in-use`, by which a reader can show it in its own language."""
    message: str
    """What happened, why, and what to do, in English."""
    details: dict[str, str | int] = {}
    """The variable parts of the message, such as `port` and `program`."""


class Stopped(Message, tag="stopped"):
    """The last message: the server has ended in order."""

    time: Seconds


class Connections(Message, tag="connections"):
    """How long a connection lasts. Sent to the engine on its stdin once it is ready; it reports it back when it is in
    effect, in all its processes, for each reply that is made from then on."""

    mode: Mode
    """`kept`: after a response it stays open for the next request; a server whose clients share workers, each of which
    serves one at a time, closes it while others wait for a worker. `always-kept`: it stays open also then.
    `one-a-request`: it is closed after each response. `as-taught`: as without an order."""
    keep_alive: bool = False
    """In a report: whether a client may send more requests on one connection. The files of some models decide that."""
    time: Seconds = 0.0
    """When it took effect; 0 in an order."""


class Listening(Record):
    """An address at which a program listens."""

    host: str
    port: Count
    pid: Count
    """The process that listens, or the first one of them."""
    is_shown: bool
    """Whether its connections are the ones that are reported: the first address at which one was accepted."""


class Listeners(Message, tag="listening"):
    """All TCP addresses at which a guest listens, whenever they change. `ready` has the one that was known first."""

    time: Seconds
    rows: list[Listening]


class WorkerCounts(Record):
    """What one of several workers of a server has done so far: its share."""

    pid: Count
    """The worker itself, or the process in which it is a thread."""
    parent: Count
    """The process that started it; 0: not known."""
    accepted: Count
    """Connections that it accepted, or took from the queue of its pool; 0 if the pool's queue is one of requests."""
    requests: Count
    """Requests that it answered."""
    computed: Seconds
    """Processor seconds that it has used; -1: not known."""
    is_traced: bool
    """False: of its connections and requests nothing is known but what the kernel reports."""
    has_ended: bool = False
    """True in its last row: its counts stay."""
    worker: Count = 0
    """Its number, as in `Request`, if it is a thread; 0: it is a process."""
    busy: Seconds = -1.0
    """Seconds in which it served what it had accepted or taken, up to now; -1: not known."""


class Workers(Message, tag="workers"):
    """The processes of a guest, or the workers of a pool, ten times a second while their counts change; all of them at
    least every 2 s. Many take several messages."""

    time: Seconds
    rows: list[WorkerCounts]


class Named(Record):
    """A worker of a guest that is no process: a thread or a greenlet, sent before it is referred to by number. Where a
    process has only one, its number is the pid."""

    worker: Count
    pid: Count
    name: str
    """As the program names it."""


class Names(Message, tag="named"):
    rows: list[Named]


class Visibility(Message, tag="seen"):
    """How a guest is seen, whenever that changes; before the first one it is not known."""

    time: Seconds
    way: Literal["traced", "watched", "attached"]
    """`traced`: all; `watched` and `attached`: what the kernel reports, for it was started, or had been before."""
    code: str = ""
    """Why it is no more than watched: the code of a problem in `engine.problems`."""
    details: dict[str, str | int] = {}
    """The variable parts of its text."""


class Said(Message, tag="said"):
    """Lines that a guest has written to its stdout or stderr."""

    time: Seconds
    stream: Literal["stdout", "stderr"]
    text: str
    """Without the last newline, in pieces that fit."""


class Detail(Message, tag="detail"):
    """An order on the engine's stdin: how much detail is wanted."""

    spans: bool
    """Whether spans and activities are to be sent."""


class Behind(Message, tag="behind"):
    """An order on the engine's stdin: the reader can't keep up, so report the details of fewer connections."""


AnyMessage = (
    Ready
    | Amended
    | Connections
    | Counters
    | Files
    | Heads
    | Opened
    | Phones
    | Requests
    | Closed
    | HandlingSamples
    | Spans
    | Activities
    | Listeners
    | Workers
    | Names
    | Visibility
    | Said
    | Problem
    | Stopped
)
Order = Detail | Connections | Behind

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(AnyMessage)
_orders = msgspec.json.Decoder(Order)


_DETAILS = tuple(b'{"type":"%s",' % kind for kind in (b"requests", b"spans", b"handling"))
_COUNTERS = b'{"type":"counters",'


def records_to_drop(line: bytes) -> int:
    """How many records are lost with `line` if a reader that is behind drops it; 0: it must not be dropped, since it is
    exact, or later lines refer to it."""
    return line.count(b"],[") + 1 if line.startswith(_DETAILS) else 0


def has_counters(line: bytes) -> bool:
    """Whether `line` is a message with counters."""
    return line.startswith(_COUNTERS)


def encode(message: Message) -> bytes:
    """The message as one line, its newline included."""
    return encode_value(message) + b"\n"


def encode_value(value: Any) -> bytes:
    """`value`, a message or some rows, as JSON. The name of a file may be no Unicode: what can't be said of it is �."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(_sayable(msgspec.to_builtins(value)))


def _sayable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {key: _sayable(each) for key, each in value.items()}
    return [_sayable(each) for each in value] if isinstance(value, list | tuple) else value


def decode(line: bytes) -> AnyMessage:
    """The message in `line`, of version 1 as well. Raises `WireError` for anything else."""
    try:
        message: AnyMessage = _decoder.decode(line)
    except UNREADABLE as error:
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


def decode_order(line: bytes) -> Order:
    """The order in `line`. Raises `WireError` for anything else."""
    try:
        order: Order = _orders.decode(line)
    except UNREADABLE as error:
        raise WireError(f"not an order to the engine: {error}: {line[:80]!r}") from error
    return order


class WireError(ValueError):
    """A line that belongs to no version of this contract."""
