"""Numbers written for people: sensible digits, separators, large units by name."""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
MULTIPLIED = "\N{MULTIPLICATION SIGN}"


def text(value: float, signed: bool = False) -> str:
    """Return a number with three or four digits that matter and separators between thousands."""
    if not math.isfinite(value):
        return ""
    size = abs(value)
    if size >= 999.5:
        body = f"{round(size, 3 - math.floor(math.log10(max(size, 1000.0)))):,.0f}"
    else:
        digits = 2 if size < 9.995 else 1 if size < 99.95 else 0
        if 0 < size < 0.0995:
            digits = min(6, 1 - math.floor(math.log10(size)))
        body = f"{size:.{digits}f}"
    if float(body.replace(",", "")) == 0:
        return "0"
    return (MINUS if value < 0 else "+" if signed else "") + body


def short_unit(unit: str) -> str:
    """Return a unit without what the indicator's name says already."""
    if unit.partition(" ")[0] == "percent":
        return "%"
    if unit.endswith("per year"):
        return "per year"
    if unit.startswith("patents"):
        return "patents"
    return {"standard deviations": "sd"}.get(unit, unit)


def with_unit(number: str, unit: str) -> str:
    """Return a number with its unit; a sign between where the unit begins with a number; a score has none."""
    if unit.startswith("score"):
        return number
    return f"{number} {MULTIPLIED} {unit}" if unit[:1].isdigit() else f"{number} {unit}"


def scaled(unit: str, largest: float) -> tuple[float, str]:
    """Return what to divide by so that axis labels stay short, and the unit named accordingly.

    Only counts are scaled: percentages, months, ratios and amounts with a size in their unit (100 million) are not.
    """
    counts = not (unit.startswith(("percent", "months", "ratio", "standard", "hours")) or unit[:1].isdigit())
    for size, least, name in ((1e6, 2e6, "million"), (1e3, 1e4, "thousand")):
        if counts and largest >= least:
            return size, f"{name} {unit}"
    return 1.0, unit
