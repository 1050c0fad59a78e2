"""How fast a picture of what runs goes on: as it happens, or slower, behind what happens.

Owns the moment that is shown. Knows nothing of what is drawn of it.
"""

PACES = {1.0: "1×", 0.25: "¼×", 0.1: "⅒×"}
"""The parts of a second that are shown in a second, each slower than the one before, with their signs."""


class Pace:
    """The pace of one picture, or of several that go on together."""

    def __init__(self) -> None:
        self.part = 1.0
        """One of `PACES`."""
        self._since = self._shown = 0.0

    @property
    def is_slow(self) -> bool:
        """Whether the picture is behind what happens."""
        return self.part < 1

    def slow_down(self, now: float) -> None:
        """Goes on from what is shown at the next slower pace; after the slowest, with what happens."""
        parts = list(PACES)
        following = parts[(parts.index(self.part) + 1) % len(parts)]
        self._since, self._shown, self.part = now, self.moment(now), following

    def end(self) -> None:
        """Shows what happens, from now on."""
        self.part = 1.0

    def moment(self, now: float) -> float:
        """The moment that is shown at `now`; both on the monotonic clock."""
        return self._shown + (now - self._since) * self.part if self.is_slow else now
