"""Why an application can't be served: carries the code of its sentence, see `engine.problems`."""

from engine.problems import PROBLEMS


class ApplicationError(Exception):
    """The application or its environment can't be used; the message says what, why, and what to do."""

    def __init__(self, code: str, **details: str | int) -> None:
        super().__init__(PROBLEMS[code].format(**details))
        self.code = code
        self.details = details
