"""A connection whose application is called as soon as a request is whole: for models that do one thing at a time."""

from collections.abc import Callable

from engine.persistence import Persistence
from engine.web.connection import HTTPConnection
from engine.web.date import DateHeader
from engine.web.limits import Limits
from engine.web.observer import ConnectionObserver
from engine.web.response import Application


class ServedConnection(HTTPConnection):
    """An `HTTPConnection` whose requests `application` answers: `receive` takes bytes, and the reply is `outgoing`."""

    __slots__ = ("_application",)

    def __init__(
        self,
        application: Application,
        observer: ConnectionObserver,
        limits: Limits,
        application_failed: Callable[[Exception], object],
        date: DateHeader,
        *,
        persistence: Persistence,
        greeting: bytes = b"",
    ) -> None:
        super().__init__(observer, limits, application_failed, date, persistence=persistence, greeting=greeting)
        self._application = application

    def receive(self, data: bytes) -> None:
        """Take `data` from the client; empty if it has closed its side."""
        self.receive_data(data)
        request = self.next_request()
        if request is not None:
            self.reply(request, self.call(self._application, request))

    def _go_on(self) -> None:
        request = self.next_request()
        if request is not None:
            self.reply(request, self.call(self._application, request))
