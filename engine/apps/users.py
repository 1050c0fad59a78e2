"""The application of the user's that is served: loaded once in each process."""

from functools import partial
from typing import Any

from engine.apps.environment import Environment
from engine.apps.loading import Loaded, load


class UsersApplication:
    """The application that is served: loaded once in each process."""

    def __init__(self, name: str, folder: str, environment: Environment | None, *, in_threads: bool) -> None:
        """`in_threads`: whether several threads of one process, or greenlets, may be in it at a time."""
        self.name = name
        self._folder = folder
        self._environment = environment
        self.in_threads = in_threads
        self._loaded: Loaded | None = None

    def load(self) -> Loaded:
        """The application. Raises `ApplicationError`."""
        if self._loaded is None:
            if self._environment:
                self._environment.add()
            self._loaded = load(self.name, self._folder)
        return self._loaded

    def clashes(self) -> list[str]:
        """The packages of its environment that this program has in another version."""
        return self._environment.clashes() if self._environment else []

    def __reduce__(self) -> tuple[Any, ...]:
        """A child that is not forked loads it anew."""
        make = partial(UsersApplication, in_threads=self.in_threads)
        return make, (self.name, self._folder, self._environment)
