"""How many descriptors a process takes for itself, whatever the system lets it have."""

from types import SimpleNamespace

import pytest

from engine import lifetime

INFINITY = 2**63 - 1
"""As macOS has it."""


class Limits(SimpleNamespace):
    """The module `resource` of a system that takes no limit above `most`, and says so in its own way."""

    RLIMIT_NOFILE = 7

    def __init__(self, soft: int, hard: int, most: int, refusal: Exception) -> None:
        super().__init__(now=(soft, hard), most=most, refusal=refusal)

    def getrlimit(self, which: int) -> tuple[int, int]:
        assert which == self.RLIMIT_NOFILE
        return self.now  # type: ignore[no-any-return]

    def setrlimit(self, which: int, limits: tuple[int, int]) -> None:
        assert which == self.RLIMIT_NOFILE
        assert limits[1] == self.now[1], "the hard limit can't be raised again"
        if limits[0] > self.most:
            raise self.refusal
        self.now = limits


@pytest.mark.parametrize(
    "refusal", [ValueError("current limit exceeds maximum limit"), OSError(22, "Invalid argument")]
)
@pytest.mark.parametrize(
    ("soft", "hard", "most", "then"),
    [
        (1024, 524288, 2**30, 524288),
        (256, INFINITY, 245760, 65536),
        (256, INFINITY, 10240, 10240),
        (256, INFINITY, 5000, 4096),
        (256, INFINITY, 300, 256),
        (50000, INFINITY, 50000, 50000),
        (256, 1000, 500, 256),
    ],
)
def test_as_many_descriptors_as_the_system_takes(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, most: int, then: int, refusal: Exception
) -> None:
    limits = Limits(soft, hard, most, refusal)
    monkeypatch.setattr(lifetime, "resource", limits)
    lifetime.allow_descriptors()
    assert limits.now == (then, hard)


def test_system_without_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifetime, "resource", None)
    lifetime.allow_descriptors()
