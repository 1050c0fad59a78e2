"""How much detail is reported: that of one connection in k, so that no more is sent than a reader takes.

Owns the budgets and the closed loop that keeps to them: when details were lost, or the reader says that it is behind,
the budgets shrink at once, and they grow again slowly. So k grows, and what is reported is whole. Knows nothing of what
the details are.
"""

REQUESTS_BUDGET = 4_000
"""Request records a second that are reported in full. A request that is reported costs up to half as much again as one
that is only counted: at 40,000 a second, this costs a twentieth of the speed."""
SAMPLED_BUDGET = 2_000
"""The same where requests are only sampled."""
SPANS_BUDGET = 10_000
SPANS_A_REQUEST = 3
SHRINK = 0.5
"""What is left of the budgets each time when they were too large."""
SETTLING = 0.4
"""Seconds until a smaller budget shows: what is under way was reported before."""
STEADY = 3.0
"""Seconds after that for which k does not fall: those that are reported stay the same for a while."""
GROWTH = 0.05
"""By which part the budgets grow each second."""
LEAST = 1 / 16
"""The smallest part of the budgets that is left."""


class Thinning:
    """The k of one server: for requests, and for spans."""

    def __init__(self, requests_budget: float = REQUESTS_BUDGET) -> None:
        self._requests_budget = requests_budget
        self._share = 1.0
        """The part of the budgets that the reader takes."""
        self._shrunk_at = 0.0
        self._dropped = 0
        self._is_behind = self._may_fall = False

    def reader_is_behind(self) -> None:
        """The reader has said so."""
        self._is_behind = True

    def adjusted(
        self, now: float, seconds: float, requests: int, dropped: int, every: tuple[int, int]
    ) -> tuple[int, int]:
        """The k for requests and the k for their spans, from those so far; 0 stays: none is reported.

        There were so many `requests` in `seconds`, and `dropped` details have been lost so far.
        """
        requests_every, spans_every = every
        if not requests_every or seconds <= 0:
            return every
        self._adjust(now, seconds, dropped)
        rate = requests / seconds
        return self._requests_every(rate, requests_every), spans_every and self._spans_every(rate, spans_every)

    def _adjust(self, now: float, seconds: float, dropped: int) -> None:
        """Adjust the budgets."""
        is_too_much = self._is_behind or dropped > self._dropped
        self._is_behind, self._dropped = False, dropped
        if not is_too_much:
            self._share = min(1.0, self._share * (1 + GROWTH * min(seconds, 1.0)))
        elif now - self._shrunk_at >= SETTLING:
            self._share, self._shrunk_at = max(LEAST, self._share * SHRINK), now
        self._may_fall = now - self._shrunk_at >= STEADY

    def _requests_every(self, rate: float, every: int) -> int:
        """The k for `rate` requests a second; `every` is the k so far."""
        return self._steady(one_in(rate, self._requests_budget * self._share, every), every)

    def _spans_every(self, rate: float, every: int) -> int:
        """The k for their spans."""
        return self._steady(one_in(rate * SPANS_A_REQUEST, SPANS_BUDGET * self._share, every), every)

    def _steady(self, wanted: int, every: int) -> int:
        return wanted if self._may_fall else max(wanted, every)


def one_in(rate: float, budget: float, every: int) -> int:
    """The k for which one connection in k stays in the budget; it falls only when there is room to spare."""
    while rate / every > budget:
        every *= 2
    if every > 1 and rate / every < budget * 0.4:
        every //= 2
    return every
