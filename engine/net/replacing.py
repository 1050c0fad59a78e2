"""What is put in place of something in Python's own modules, and how it is undone."""

from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeAlias

Put: TypeAlias = Callable[[Any, str, Any], None]
"""`Replacements.put`."""


class Replacements:
    """Attributes of modules and classes that are replaced until `undo`, or to the end of a `with`."""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def put(self, owner: Any, name: str, by: Any) -> None:
        """Put `by` in the place of `owner`'s attribute `name`."""
        self._before.append((owner, name, vars(owner).get(name, self)))
        setattr(owner, name, by)

    def undo(self) -> None:
        """Leave everything as it was found."""
        while self._before:
            owner, name, before = self._before.pop()
            if before is self:  # it was inherited
                delattr(owner, name)
            else:
                setattr(owner, name, before)

    def __enter__(self) -> "Replacements":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.undo()
