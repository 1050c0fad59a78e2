"""What the numbers in a message stand for."""

import pytest

from engine.telemetry.bounds import CONNECTIONS_EACH, connection_name


@pytest.mark.parametrize(
    ("number", "name"),
    [(0, "0"), (15, "15"), (CONNECTIONS_EACH + 1, "1-1"), (12 * CONNECTIONS_EACH + 408, "12-408")],
)
def test_a_connection_is_named_by_its_process(number: int, name: str) -> None:
    assert connection_name(number) == name
