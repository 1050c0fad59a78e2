"""The limits of the phones of a class, which are shown to their users."""

MOST_PHONES = 200
REQUESTS_EACH = 20
"""Requests that a phone may send in a second."""
