"""What a model gets as an exchange: a connection with its application."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Protocol

from engine.persistence import Persistence
from engine.web.connection import HTTPConnection, Service
from engine.web.observer import AnsweringWorker, ConnectionObserver
from engine.web.pieces import Pieces
from engine.web.request import Request
from engine.web.response import Response


class ServedConnection(HTTPConnection):
    """One whose application is called as soon as there is a request: for models that do one thing at a time.

    `receive` takes bytes, and the reply is `outgoing`.
    """

    __slots__ = ()

    def receive(self, data: bytes) -> None:
        """Take `data` from the client; empty if it has closed its side."""
        self.receive_data(data)
        self._go_on()

    def _go_on(self) -> None:
        request = self.next_request()
        if request is not None:
            self.reply(request, self.call(self._service.application, request))


class SteppedConnection(HTTPConnection):
    """One whose model decides where the application is called: for models that answer in another place than they read.

    `receive` takes bytes; `request` is what has to be answered then, if anything. `answer` calls the application, in
    any thread, and `respond` makes what it returns `outgoing`. The next request comes after that, so that replies are
    in the order of their requests.
    """

    __slots__ = ("_answered_at", "_answering", "request")

    def __init__(
        self, service: Service, observer: ConnectionObserver, *, persistence: Persistence, greeting: bytes = b""
    ) -> None:
        super().__init__(service, observer, persistence=persistence, greeting=greeting)
        self.request: Request | None = None
        self._answering: AnsweringWorker | None = None
        self._answered_at = 0.0

    def receive(self, data: bytes) -> None:
        """Take `data` from the client; empty if it has closed its side."""
        self.receive_data(data)
        self._go_on()

    def answer(self) -> Response:
        """What the application answers to the `request`; a 500 if it fails."""
        assert self.request is not None
        self._answering = self._observer.answer_begins()
        response = self.call(self._service.application, self.request)
        self._answered_at = self._observer.answer_ends()
        return response

    def respond(self, response: Response) -> None:
        """Answer the `request` with `response`."""
        request, self.request = self.request, None
        assert request is not None
        self.reply(request, response, self._answering, self._answered_at)

    def _go_on(self) -> None:
        self.request = self.next_request()


class QueuedConnection(SteppedConnection):
    """One whose requests wait in a queue until a worker of a pool answers them."""

    __slots__ = ()

    def _go_on(self) -> None:
        super()._go_on()
        if self.request is not None:
            self._observer.request_waits()


class PendingResponse(Protocol):
    """An answer that is being made."""

    async def response(self) -> Response:
        """The response, its first piece there; its body is this. Raises whatever the application raises."""

    async def ready(self) -> None:
        """Wait until the next piece is there, or none will come."""

    @property
    def is_ready(self) -> bool:
        """Whether `ready` would not wait."""

    def __iter__(self) -> Iterator[bytes]:
        """The pieces that are there."""

    def leave(self) -> None:
        """The client will send nothing more."""

    def close(self) -> None:
        """Nothing more of it is wanted."""


Begin = Callable[[Request], Awaitable[PendingResponse | Response]]
"""Has an application that is awaited begin to answer a request."""
Watch = Callable[[Callable[[], None]], AbstractContextManager[None]]
"""While this is entered, what it is given is called when the client leaves."""


class AwaitedConnection(SteppedConnection):
    """One whose application may be awaited: `progress` answers the `request` in the model's loop.

    The request stays until the last piece of the body is there, so that the model comes back for each.
    """

    __slots__ = ("_answer", "_watching", "begin", "watch")

    def __init__(
        self, service: Service, observer: ConnectionObserver, *, persistence: Persistence, greeting: bytes = b""
    ) -> None:
        super().__init__(service, observer, persistence=persistence, greeting=greeting)
        self.begin: Begin | None = None
        """None: the application is called."""
        self.watch: Watch | None = None
        self._answer: PendingResponse | None = None
        self._watching: ExitStack | None = None

    async def receive_more(self) -> None:
        """Wait until more of the request's body has come. Raises `IncompleteBody`."""
        assert self._incoming is not None
        await self._incoming.receive_awaited()
        self._watch_if_whole()

    def stop_receiving(self) -> None:
        """End the wait for more of the request's body."""
        if self._incoming is not None:
            self._incoming.stop()

    async def progress(self) -> None:
        """Answer the `request`, or go on doing so: wait as long as the application does, if it is one that waits."""
        if self.begin is None:
            self.respond(self.answer())
            return
        assert self.watch is not None
        assert self.request is not None
        if self._pieces is None:
            with self._watched():
                response = await self._awaited(self.begin, self.request)
            self.respond(response)
        else:
            assert self._answer is not None
            with self._watched():
                await self._answer.ready()
            self.request = None
            self.go_on_sending()

    async def _awaited(self, begin: Begin, request: Request) -> Response:
        self._answer = None
        self.handling_begins()
        try:
            answer = await begin(request)
            if isinstance(answer, Response):
                response = answer
            else:
                self._answer = answer
                response = await answer.response()
        except Exception as error:
            if self._answer is not None:
                self._answer.close()
            response = self.failure(error)
        incoming = self._incoming if isinstance(response.body, bytes) else None
        if incoming is not None and not await incoming.settle_awaited():
            self.close_after_reply()
        return response

    def settle_body(self, response: Response) -> None:
        """Only where the application is called: one that is awaited has its body settled in the loop."""
        if self.begin is None:
            super().settle_body(response)

    def is_idle(self, now: float) -> bool:
        """Whether nothing has come or gone for too long, and it is neither us nor the application that keeps it."""
        return self.request is None and super().is_idle(now)

    def _send_next_piece(self, pieces: Pieces) -> bool:
        if self._answer is not None and not self._answer.is_ready:
            self.outgoing = b""
            self.request = self.answered_request
            return True
        return super()._send_next_piece(pieces)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Meanwhile the client's end is seen: and while its body comes, by what receives that."""
        with ExitStack() as self._watching:
            self._watch_if_whole()
            yield
        self._watching = None

    def _watch_if_whole(self) -> None:
        assert self.watch is not None
        if self._watching is not None and (self._incoming is None or self._incoming.is_whole):
            self._watching.enter_context(self.watch(self._client_left))

    def _client_left(self) -> None:
        if self._answer is not None:
            self._answer.leave()
