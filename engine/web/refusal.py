"""What a client gets that can't be answered as it asked."""


class Refusal(Exception):
    """What a client sent can't be answered as asked: carries the status and reason to answer with."""

    def __init__(self, status: int, reason: str, *, http: bool = True) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason
        self.http = http
        """False if this does not look like HTTP at all."""
