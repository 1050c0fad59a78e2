"""A connection whose application is called as soon as a request is whole: for models that do one thing at a time."""

from engine.web.connection import HTTPConnection


class ServedConnection(HTTPConnection):
    """An `HTTPConnection` whose application is called: `receive` takes bytes, and the reply is `outgoing`."""

    __slots__ = ()

    def receive(self, data: bytes) -> None:
        """Take `data` from the client; empty if it has closed its side."""
        self.receive_data(data)
        self._go_on()

    def _go_on(self) -> None:
        request = self.next_request()
        if request is not None:
            self.reply(request, self.call(self._service.application, request))
