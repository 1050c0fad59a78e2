"""How long a client's connection lasts: the modes that can be asked for, and what each means in a model.

Owns the modes and the rule that follows from a model's traits. Knows nothing of sockets, or of who asks.
"""

from collections.abc import Callable, MutableSequence
from typing import Literal, Protocol, TypeAlias, get_args

from engine.model import Model

Mode: TypeAlias = Literal["kept", "one-a-request", "as-taught", "always-kept"]
MODES: tuple[Mode, ...] = get_args(Mode)
KEPT, ONE_A_REQUEST, AS_TAUGHT, ALWAYS_KEPT = MODES

CLOSED, SHARED, HELD = range(3)
"""What happens to a connection after a reply, as a number that the processes of a server share: it is closed; it is
kept, but where clients share workers it is closed while others wait for one; it is kept in any case."""


def server_keeps(model: Model, mode: Mode = AS_TAUGHT, keep_alive: bool | None = None) -> bool:
    """Whether `model` keeps a connection after a response, if the client does not ask otherwise.

    `keep_alive` is the setting that applies where the mode is as taught; None: the model's default.
    """
    if model.keep_alive_in_file:
        return model.keep_alive
    if mode == AS_TAUGHT:
        return model.keep_alive if keep_alive is None else keep_alive
    return mode != ONE_A_REQUEST


def state_of(model: Model, mode: Mode, keep_alive: bool | None = None) -> int:
    """The number for what the processes of the server do."""
    if not server_keeps(model, mode, keep_alive):
        return CLOSED
    return HELD if mode == ALWAYS_KEPT else SHARED


class Persistence(Protocol):
    """Whether a connection stays open after the reply that is made now."""

    @property
    def kept(self) -> bool:
        """What holds for the next reply."""


class OwnPersistence:
    """That of one process whose clients share no worker: a plain attribute, which costs least."""

    __slots__ = ("kept",)

    def __init__(self, kept: bool) -> None:
        self.kept = kept

    def follow(self, state: int) -> None:
        """From now on do what the number `state` says."""
        self.kept = state != CLOSED


class SharedPersistence:
    """That of a server whose processes share the number, or whose clients share its workers."""

    def __init__(
        self, shared: "MutableSequence[int] | memoryview[int]", others_wait: Callable[[], bool] | None
    ) -> None:
        self._shared = shared
        self._others_wait = others_wait
        """Whether others have been waiting for a worker; None: each client has a worker of its own."""

    def follow(self, state: int) -> None:
        """From now on do what the number `state` says, in all processes."""
        self._shared[0] = state

    @property
    def kept(self) -> bool:
        """Whether the connection is kept whose reply is made now."""
        state = self._shared[0]
        return state == HELD or (state == SHARED and (self._others_wait is None or not self._others_wait()))

    def must_share(self) -> bool:
        """Whether a connection has to make room for others that wait."""
        return self._shared[0] == SHARED and self._others_wait is not None and self._others_wait()
