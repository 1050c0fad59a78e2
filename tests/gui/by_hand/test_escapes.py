r"""Bytes as text, and back: nothing of them is hidden, and nothing is changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.by_hand.escapes import EscapeError, parsed, shown


@given(st.binary() | st.text(alphabet="\\nrtx0ab\r\n é中").map(str.encode))
def test_what_is_shown_stands_for_the_same_bytes(data: bytes) -> None:
    text = shown(data)
    assert parsed(text) == data
    assert all(character.isprintable() or character == "\n" for character in text)


def test_a_head_is_read_line_by_line() -> None:
    assert shown(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") == "GET / HTTP/1.1\\r\\n\nHost: a\\r\\n\n\\r\\n"


def test_bytes_that_are_no_text_are_written_out() -> None:
    assert shown(b"\x00\x16\x80\\ \xe4\xb8\xad") == "\\0\\x16\\x80\\\\ 中"


def test_a_line_break_in_the_text_sends_nothing() -> None:
    assert parsed("a\nb\\n\n") == b"ab\n"


@pytest.mark.parametrize("text", ["\\q", "\\x1", "\\xgg", "end\\"])
def test_what_stands_for_no_byte_is_refused(text: str) -> None:
    with pytest.raises(EscapeError):
        parsed(text)
