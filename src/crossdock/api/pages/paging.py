"""Pages of long lists: which one, how many there are."""

from __future__ import annotations

from dataclasses import dataclass

LAST = 100_000
"""The greatest number of a page that is asked for."""


@dataclass(frozen=True)
class Page:
    """A page of a list (the first is 1), of ``every`` entries in all, ``size`` on a page."""

    number: int
    every: int
    size: int

    @property
    def offset(self) -> int:
        """How many entries are before it."""
        return (self.number - 1) * self.size

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.every // self.size))

    @property
    def span(self) -> str:
        """Its entries in words.

        >>> Page(2, 130, 50).span, Page(1, 1, 50).span, Page(1, 0, 50).span
        ('51–100 of 130', '1 of 1', 'none')
        """
        first, end = self.offset + 1, min(self.every, self.offset + self.size)
        if end < first:
            return "none"
        return f"{first:,}–{end:,} of {self.every:,}" if end > first else f"{first:,} of {self.every:,}"


def page_of(number: str | None) -> int:
    """The number of a page as an address has it; 1 where it is none."""
    return min(int(number), LAST) if number and number.isascii() and number.isdigit() and int(number) else 1
