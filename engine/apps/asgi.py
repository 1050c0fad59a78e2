"""An ASGI application: awaited where it says so, in the loop of the model that serves it.

Owns the scope, what the application receives and sends, and its lifespan. The loop is given: nothing here makes one.
A request's body is received as the application receives it. What it sends is taken a piece at a time, and the next one
waits until the piece before it is with the kernel.
"""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Generator, Iterator
from typing import Any, Protocol
from urllib.parse import unquote

from engine.apps.measured import Clocks
from engine.apps.own_names import refusal
from engine.apps.wsgi import Client, sendable_headers, whole_response
from engine.web.body import IncomingBody
from engine.web.errors import IncompleteBody
from engine.web.request import Request
from engine.web.response import BodyLost, Response

Message = dict[str, Any]
ASGI = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]
VERSION = {"version": "3.0", "spec_version": "2.3"}


class AwaitedGateway:
    """Calls an ASGI application for requests, and begins and ends its lifespan."""

    def __init__(
        self,
        application: ASGI,
        server: Client,
        *,
        names: Collection[str] | None,
        clocks: Clocks,
        failed: Callable[[Exception], object],
    ) -> None:
        """`names`: those that it may be asked by, see `for_own_names`; `clocks` are read around each of its steps.

        `failed` is called with what it raises when no reply is waited for.
        """
        self._application = application
        self._server = server
        self._names = names
        self._clocks = clocks
        self._failed = failed
        self._answers: set[Any] = set()  # the loop itself keeps no task from being collected
        self._lifespan = Lifespan(application, failed)

    def start(self, loop: Any, not_started: Callable[[str], object]) -> None:
        """Begin the lifespan, as the first that `loop` does; `not_started` is called with the reason if it fails."""
        self._lifespan.begin(loop, not_started)

    def end(self, wait: Callable[[Callable[[], bool]], object]) -> None:
        """End the lifespan, from another thread: `wait` returns when what it is given is true, or it is too late."""
        self._lifespan.end(wait)

    async def begin(self, loop: Any, client: Client, body: "BodySource", request: Request) -> "Answer | Response":
        """The answer to `request` of `client`, which is being made; a response if there is nothing to be made."""
        refused = refusal(request, self._names)
        if refused is not None:
            return refused
        await self._lifespan.started()
        answer = Answer(loop, request, body, self._failed)
        scope = scope_of(self._server, client, request) | {"state": dict(self._lifespan.state)}
        task = loop.create_task(MeasuredSteps(answer.run(self._application, scope), self._clocks))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)
        return answer


def scope_of(server: Client, client: Client, request: Request) -> Message:
    """What an ASGI application is given for `request`."""
    path, _, query = request.target.partition(b"?")
    return {
        "type": "http",
        "asgi": VERSION,
        "http_version": request.version,
        "method": request.method,
        "scheme": "http",
        "path": unquote(path.decode("latin-1")),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.items()],
        "client": client,
        "server": server,
    }


class MeasuredSteps(Coroutine[Any, Any, None]):
    """A coroutine of which each step, from one `await` to the next, is taken between two readings of `clocks`.

    A step that takes long stops the loop; for how long an `await` waits is not asked.
    """

    def __init__(self, steps: Coroutine[Any, Any, None], clocks: Clocks) -> None:
        self._steps = steps
        self._clocks = clocks
        self._worker = clocks.worker  # not the task in which it is called, which serves no connection

    def send(self, value: Any) -> Any:
        """Take the next step."""
        begun = self._clocks.begin(self._worker)
        try:
            return self._steps.send(value)
        finally:
            self._clocks.end(begun)

    def throw(self, *error: Any) -> Any:
        """Take the next step with an exception, as for one that is cancelled."""
        return self._steps.throw(*error)

    def close(self) -> None:
        """Take no more steps."""
        self._steps.close()

    @property
    def cr_await(self) -> Any:
        """What it waits for: the steps themselves."""
        return self._steps

    def __await__(self) -> Generator[Any, Any, None]:
        return self._steps.__await__()


class BodySource(Protocol):
    """How the body of a request comes."""

    async def receive_more(self) -> None:
        """Wait until more of it has come, or `stop_receiving` was called. Raises `IncompleteBody`."""

    def stop_receiving(self) -> None:
        """Nothing more of it is wanted."""


class Answer:
    """What an application answers to one request, while it is being made: `response`, then a body in pieces.

    The body is iterated as far as it is there: `ready` waits until the next piece is.
    """

    def __init__(self, loop: Any, request: Request, body: BodySource, failed: Callable[[Exception], object]) -> None:
        self._loop = loop
        self._request = request
        self._incoming = body
        self._failed = failed
        self._is_received = False
        self._head: tuple[int, list[tuple[str, str]]] | None = None
        self._piece = b""
        self._error: Exception | None = None
        self._is_complete = self._is_over = self._has_left = False
        self._broken_by: IncompleteBody | None = None
        self._waiters: list[Any] = []

    async def response(self) -> Response:
        """The response; its body is this, unless that is whole already. Raises what the application raises."""
        await self.ready()
        if self._error is not None:
            error, self._error = self._error, None
            if self._broken_by is None or error.__context__ or error.__cause__ or error.__suppress_context__:
                raise error
            raise error from self._broken_by
        if self._head is None:
            raise RuntimeError("The application has ended without a response") from self._broken_by
        status, headers = self._head
        if self._is_complete or self._request.method == "HEAD":
            body, self._piece = b"" if self._request.method == "HEAD" else self._piece, b""
            self.close()
            return whole_response(self._request, status, headers, body)
        return Response(status, headers, self)

    async def ready(self) -> None:
        """Wait until there is a piece of the body, or there will be none."""
        while not (self._piece or self._is_complete or self._is_over):
            await self._news()

    @property
    def is_ready(self) -> bool:
        """Whether `ready` would not wait."""
        return bool(self._piece) or self._is_complete or self._is_over

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece, self._piece = self._piece, b""
        self._notify()
        if piece:
            return piece
        error, self._error = self._error, None
        if error is not None:
            raise error
        if not self._is_complete:
            if self._has_left:
                raise BodyLost
            raise RuntimeError("The application has ended within its response")
        raise StopIteration

    def leave(self) -> None:
        """The client will send nothing more: the application may want to end."""
        self._has_left = True
        self._incoming.stop_receiving()
        self._notify()

    def close(self) -> None:
        """Nothing more of it is wanted."""
        self._is_over = True
        self.leave()

    async def run(self, application: ASGI, scope: Message) -> None:
        """Call the application."""
        try:
            await application(scope, self._receive, self._send)
        except Exception as error:
            if self._is_over or self._is_complete:
                self._failed(error)  # its client has its reply, or has left
            else:
                self._error = error
        finally:
            self._is_over = True
            self._notify()

    async def _receive(self) -> Message:
        if not self._is_received:
            piece = await self._next_piece()
            if piece or self._is_received:
                return {"type": "http.request", "body": piece, "more_body": not self._is_received}
        while not (self._has_left or self._is_complete):
            await self._news()
        return {"type": "http.disconnect"}

    async def _next_piece(self) -> bytes:
        """The next bytes of the request's body; empty if that has ended, or if its client has left."""
        body = self._request.body
        if not isinstance(body, IncomingBody):  # there is none
            self._is_received = True
            return b""
        piece = body.take()
        while not (piece or body.is_whole or self._has_left or self._is_complete):
            try:
                await self._incoming.receive_more()
            except IncompleteBody as error:
                self._broken_by = error
                self.leave()
            piece = body.take()
        self._is_received = body.is_whole
        return piece

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            if self._head is not None:
                raise RuntimeError("http.response.start was sent twice")
            pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message.get("headers", ())]
            self._head = message["status"], sendable_headers(pairs, dropped=("transfer-encoding",))
        elif kind == "http.response.body":
            if self._head is None or self._is_complete:
                raise RuntimeError("http.response.body was sent before the start, or after the end, of a response")
            await self._give(bytes(message.get("body", b"")), is_last=not message.get("more_body", False))
        else:
            raise RuntimeError(f"{kind} is no message of a response")

    async def _give(self, piece: bytes, *, is_last: bool) -> None:
        """Offer `piece`, and unless it is the last one, wait until it is taken."""
        while self._piece and not self._is_over:
            await self._news()
        if self._is_over:
            return
        self._piece = piece
        self._is_complete = is_last
        self._notify()
        while self._piece and not is_last and not self._is_over:
            await self._news()

    async def _news(self) -> None:
        waiter = self._loop.create_future()
        self._waiters.append(waiter)
        await waiter

    def _notify(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)


class Lifespan:
    """The startup of an application before its first request, and its shutdown."""

    def __init__(self, application: ASGI, failed: Callable[[Exception], object]) -> None:
        self._application = application
        self._failed = failed
        self._not_started: Callable[[str], object] = lambda reason: None
        self.state: Message = {}
        """What the application keeps from its startup for its requests."""
        self._loop: Any = None
        self._startup: Any = None
        self._shutdown: Any = None
        self._is_over = False
        self._has_startup = False

    def begin(self, loop: Any, not_started: Callable[[str], object]) -> None:
        """Start the application in `loop`."""
        self._not_started = not_started
        self._loop, self._startup, self._shutdown = loop, loop.create_future(), loop.create_future()
        self._task = loop.create_task(self._run())

    async def started(self) -> None:
        """Wait until the application has started."""
        if self._startup is not None and not self._startup.done():
            await self._startup

    def end(self, wait: Callable[[Callable[[], bool]], object]) -> None:
        """Shut it down, from another thread."""
        if self._loop is not None and not self._is_over:
            self._loop.call_soon_threadsafe(self._over, self._shutdown)
            wait(lambda: self._is_over)

    async def _run(self) -> None:
        try:
            await self._application(
                {"type": "lifespan", "asgi": VERSION, "state": self.state}, self._receive, self._send
            )
        except Exception as error:
            if self._has_startup and not self._startup.done():
                self._not_started(f"{type(error).__name__}: {error}")
        finally:  # many applications have no lifespan, and say so by ending
            self._is_over = True
            self._over(self._startup)

    async def _receive(self) -> Message:
        if not self._has_startup:
            self._has_startup = True
            return {"type": "lifespan.startup"}
        await self._shutdown
        return {"type": "lifespan.shutdown"}

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "lifespan.startup.failed":
            self._is_over = True
            self._not_started(message.get("message", ""))
        if kind.startswith("lifespan.startup"):
            self._over(self._startup)
        elif kind.startswith("lifespan.shutdown"):
            self._is_over = True

    @staticmethod
    def _over(future: Any) -> None:
        if not future.done():
            future.set_result(None)
