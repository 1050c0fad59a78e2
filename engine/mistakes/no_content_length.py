"""The head of a response, with a mistake: it does not say how long the body is."""


def head(self, connection: str, *, chunked: bool = True) -> bytes:
    """The head with this Connection header; `chunked`: whether a body of unknown length comes in chunks."""
    lines = list(self._lines)
    if self.length is None:
        lines += ["Transfer-Encoding: chunked"] if chunked else []
    return "\r\n".join([*lines, f"Connection: {connection}\r\n"]).encode("latin-1")
