"""Numbers written for people: sensible digits, separators, large units by name."""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"


def text(value: float, signed: bool = False) -> str:
    """Return a number with about three digits that matter and separators between thousands."""
    if not math.isfinite(value):
        return ""
    size = abs(value)
    if size >= 1000:
        digits = 3 - 1 - math.floor(math.log10(size)) if size < 1e5 else -3
        rounded = round(value, min(digits + 1, 0))
        body = f"{abs(rounded):,.0f}"
    else:
        digits = 2 if size < 0.9995 else 2 if size < 9.995 else 1 if size < 99.95 else 0
        if 0 < size < 0.0995:
            digits = min(6, 1 - math.floor(math.log10(size)))
        body = f"{size:.{digits}f}"
    zero = float(body.replace(",", "")) == 0
    sign = MINUS if value < 0 and not zero else "+" if signed and not zero else ""
    return sign + body


def percent(value: float) -> str:
    """Return a signed percentage."""
    return "" if not math.isfinite(value) else f"{text(value, signed=True)} %"


def scaled(unit: str, largest: float) -> tuple[float, str]:
    """Return what to divide by so that axis labels stay short, and the unit named accordingly.

    Only counts are scaled: percentages, months and ratios stay as they are.
    """
    counts = not unit.startswith(("percent", "months", "ratio", "standard", "hours"))
    for size, name in ((1e6, "million"), (1e3, "thousand")):
        if counts and largest >= 2 * size:
            return size, f"{name} {unit}"
    return 1.0, unit
