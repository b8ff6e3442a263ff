"""The values a scenario file may hold, each with the sentence that says what would be right.

Every function takes what TOML (or the command line) gave and returns the parsed value; it raises Wrong with
"what is wrong; what would be right". Booleans are never numbers, and nothing that is not finite passes.
"""

from __future__ import annotations

import datetime
import math
import re
from fractions import Fraction
from typing import Any

from ipplan import clock
from ipplan.errors import nearest
from ipplan.scenario.reading import plain, printable

SMALLEST_SCALE = Fraction(1, 10_000)
MAX_REPLICATES = 1000
MAX_SEED = 2**32 - 1
MAX_STRENGTH = 1.5
MAX_DURATION = 240

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_DURATION = re.compile(r"([0-9]{1,4}) +months?")
_FRACTION = re.compile(r"\s*([0-9]{1,7})\s*/\s*([0-9]{1,7})\s*")
_DECIMAL = re.compile(r"\s*([0-9]{1,7}(\.[0-9]{0,9})?|\.[0-9]{1,9})\s*")


class Wrong(ValueError):
    """A value that is not right; its text says what is wrong and what would be right."""


def shown(value: Any) -> str:
    """Return a value as it would stand in the file, short and on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{plain(value, 60)}'"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return plain(value, 60)


def number(value: Any) -> float:
    """Return a finite number; booleans and text are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong(f"{shown(value)} is not a number; write it without quotes, like 0.5")
    if isinstance(value, int) and abs(value) > 10**300:
        raise Wrong("the number is too large; write a finite number")
    if not math.isfinite(value):
        raise Wrong(f"{value} is not a finite number; write one like 0.5")
    return float(value)


def whole(value: Any, low: int, high: int, what: str) -> int:
    """Return a whole number from ``low`` to ``high``."""
    span = f"{low} to {high}" if what == "a year" else f"{low:,} to {high:,}"
    if isinstance(value, bool) or not isinstance(value, int):
        raise Wrong(f"{shown(value)} is not a whole number; {what} is one from {span}")
    if not low <= value <= high:
        raise Wrong(f"{plain(value, 40)} is out of range; {what} is a whole number from {span}")
    return value


def month(value: Any) -> int:
    """Return the number of a month written ``"YYYY-MM"``."""
    if isinstance(value, datetime.date):
        raise Wrong(f'{value} is a date; write a month in quotes, like "{value:%Y-%m}"')
    if not isinstance(value, str):
        raise Wrong(f'{shown(value)} is not a month; write it in quotes, like "2026-01"')
    if not _MONTH.fullmatch(value):
        raise Wrong(f'{shown(value)} is not a month; write it like "2026-01"')
    try:
        return clock.month(value)
    except ValueError:
        raise Wrong(f'{shown(value)} does not exist; months run from "{value[:4]}-01" to "{value[:4]}-12"') from None


def duration(value: Any) -> int:
    """Return the months of a duration such as ``"6 months"``."""
    if not isinstance(value, str):
        raise Wrong(f'{shown(value)} is not a duration; write it in quotes, like "6 months"')
    match = _DURATION.fullmatch(value.strip())
    if not match:
        raise Wrong(f'{shown(value)} is not a duration; write it like "6 months"')
    months = int(match.group(1))
    if months > MAX_DURATION:
        raise Wrong(f"{shown(value)} is too long; a duration is at most {MAX_DURATION} months")
    return months


def scale(value: Any) -> Fraction:
    """Return the share of the nation that is simulated, from 1/10000 to 1."""
    example = 'a scale is a share of the nation from "1/10000" to "1/1", such as "1/100"'
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Wrong(f"{shown(value)} is not a scale; {example}")
    if isinstance(value, str):
        share = _scale_text(value, example)
    elif not math.isfinite(value) or not 0 < value <= 1:
        raise Wrong(f"{plain(value, 40)} is out of range; {example}")
    else:
        share = Fraction(repr(value))
    if not SMALLEST_SCALE <= share <= 1:
        raise Wrong(f"{shown(value)} is out of range; {example}")
    return share


def _scale_text(text: str, example: str) -> Fraction:
    fraction = _FRACTION.fullmatch(text)
    if fraction:
        above, below = int(fraction.group(1)), int(fraction.group(2))
        if below == 0:
            raise Wrong(f"{shown(text)} divides by zero; {example}")
        return Fraction(above, below)
    if _DECIMAL.fullmatch(text):
        return Fraction(text.strip())
    raise Wrong(f"{shown(text)} is not a scale; {example}")


def strength(value: Any) -> float:
    """Return the strength of a measure, 0 to 1.5 (1 = central)."""
    given = number(value)
    if not 0 <= given <= MAX_STRENGTH:
        raise Wrong(f"{plain(value, 40)} is out of range; strength goes from 0 to {MAX_STRENGTH} (1 = central)")
    return given + 0.0  # -0.0 becomes 0.0


def flag(value: Any) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise Wrong(f"{shown(value)} is neither true nor false; write one of the two, without quotes")
    return value


def line(value: Any, limit: int = 200) -> str:
    """Return a text of one line that is not empty."""
    if not isinstance(value, str):
        raise Wrong(f"{shown(value)} is not text; write it in quotes")
    if not value.strip():
        raise Wrong("the text is empty; write a few words in quotes")
    if len(value) > limit:
        raise Wrong(f"the text has {len(value):,} characters; write at most {limit}")
    if not all(map(printable, value)):
        raise Wrong("the text holds a line break or a control character; write it on one line")
    return value.strip()


def prose(value: Any) -> str:
    """Return a text of any number of lines."""
    if not isinstance(value, str):
        raise Wrong(f"{shown(value)} is not text; write it in quotes")
    if len(value) > 5000:
        raise Wrong(f"the text has {len(value):,} characters; write at most 5,000")
    if not all(printable(c) or c in "\n\r\t" for c in value):
        raise Wrong("the text holds a control character; write plain text")
    return value.replace("\r\n", "\n").strip()


def choice(value: Any, options: tuple[str, ...], what: str) -> str:
    """Return one of a few words."""
    if isinstance(value, str) and value in options:
        return value
    listed = ", ".join(options[:-1]) + " or " + options[-1]
    raise Wrong(f"{shown(value)} is not {what}; write {listed}.{nearest(value, options)}")
