"""What a client gets whose request can't be answered as it was asked."""


class HTTPError(Exception):
    """A request can't be answered as asked: carries the status and the reason to answer with."""

    def __init__(self, status: int, reason: str, *, http: bool = True, note: bytes = b"") -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason
        self.http = http
        """False if what came does not look like HTTP at all."""
        self.note = note
        """What came instead, in brackets, for those who read the log; empty if that is not known."""


class IncompleteBody(OSError):
    """The rest of a request's body will not come: carries the status and the reason to answer with."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
