"""What a model gets as an exchange: a connection with its application."""

from engine.persistence import Persistence
from engine.web.connection import HTTPConnection, Service
from engine.web.observer import AnsweringWorker, ConnectionObserver
from engine.web.request import Request
from engine.web.response import Response


class ServedConnection(HTTPConnection):
    """One whose application is called as soon as a request is whole: for models that do one thing at a time.

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
