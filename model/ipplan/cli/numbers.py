"""Numbers given on the command line, held to their limits with one sentence."""

from __future__ import annotations

from fractions import Fraction

from ipplan.errors import InputError


def whole_number(text: str, option: str, low: int, high: int) -> int:
    """Return an integer option."""
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise InputError(f"{option}: '{text[:40]}' should be a whole number from {low} to {high}.")
    return value


def seeds_given(text: str, option: str) -> list[int]:
    """Return an option of seeds with commas between."""
    return [whole_number(one, option, 0, 2**32 - 1) for one in text.split(",")]


def scale_given(text: str, option: str) -> float:
    """Return a scale option such as 1/400."""
    try:
        value = float(Fraction(text))
    except (ValueError, ZeroDivisionError):
        value = -1.0
    if not 1e-4 <= value <= 1.0:
        raise InputError(f"{option}: '{text[:40]}' should be a scale from 1/10000 to 1/1, such as 1/400.")
    return value
