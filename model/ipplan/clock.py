"""One clock: the month. A month is an integer, 0 is January 2017; calendar dates live only at the edges.

Spans are half-open: ``[start, end)`` holds ``start`` and not ``end``.
"""

from __future__ import annotations

import re

# compiled-constants
EPOCH_YEAR = 2017
FIRST_MONTH = 0
"""The first month that can be simulated: the start state is derived for the end of 2016."""
LAST_END = (2036 - EPOCH_YEAR) * 12
"""The latest end of a horizon (first month not run): January 2036."""

_PATTERN = re.compile(r"([0-9]{4})-([0-9]{2})")


def month(text: str) -> int:
    """Return the month number of ``"YYYY-MM"``; raises ValueError for anything else."""
    match = _PATTERN.fullmatch(text)
    if not match or not 1 <= int(match.group(2)) <= 12:
        raise ValueError(f"'{text}' is not a month; write it like 2026-01")
    return month_of(int(match.group(1)), int(match.group(2)))


def month_of(year: int, calendar_month: int = 1) -> int:
    """Return the month number of a calendar month (1 = January)."""
    return (year - EPOCH_YEAR) * 12 + calendar_month - 1


def label(number: int) -> str:
    """Return ``"YYYY-MM"`` of a month number."""
    return f"{year_of(number):04d}-{number % 12 + 1:02d}"


def year_of(number: int) -> int:
    """Return the calendar year a month lies in."""
    return EPOCH_YEAR + number // 12


def full_years(start: int, end: int) -> range:
    """Return the calendar years that lie wholly in ``[start, end)``."""
    first = EPOCH_YEAR + -(-start // 12)
    return range(first, max(first, EPOCH_YEAR + end // 12))
