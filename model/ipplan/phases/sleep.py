"""How long a right sleeps on the register: until its anniversary, the end of its term, or a candidate month."""

from __future__ import annotations

import math

from ipplan.compiled import inlined
from ipplan.phases import chances, infringement
from ipplan.rights.keys import filing_key
from ipplan.rights.register import PATENT_CHANCES, PATENT_YEARS, WAKE_SLOTS
from ipplan.streams import Stream, uniforms

# compiled-constants
_LIFE = int(Stream.LIFE)

MARK_CANDIDATES_PER_YEAR = 0.25
MARK_EVENTS_PER_YEAR = 12.0 * (1.0 - math.exp(-MARK_CANDIDATES_PER_YEAR / 12.0))
MARK_TERM = 120


@inlined
def life_draws(seed, owner, serial, filed, month):
    """Return the four uniforms of a right's month: event, second and third question, next candidate month."""
    return uniforms(seed, _LIFE, owner, filing_key(serial, filed), month, 0)


@inlined
def next_year(month, filed):
    """Return the month of the next anniversary of the filing."""
    return filed + ((month - filed) // 12 + 1) * 12


@inlined
def patent_sleeps(month, filed, bound, u):
    """Return the bin in which a patent sleeps: of its anniversary, or of a candidate month if that is sooner."""
    return patent_bin(month, filed, month + chances.months_to_candidate(bound, u))


@inlined
def patent_bin(month, filed, chance):
    """Return the bin of a patent for which something may happen in the month ``chance``."""
    year = next_year(month, filed)
    return PATENT_CHANCES * WAKE_SLOTS + chance if chance < year else PATENT_YEARS * WAKE_SLOTS + year


@inlined
def mark_wakes(month, granted, bad, u):
    """Return when a mark wakes next: at the end of its term, or sooner by chance (bad faith found out, infringed)."""
    wake = granted + ((month - granted) // MARK_TERM + 1) * MARK_TERM
    rate = MARK_CANDIDATES_PER_YEAR if bad else infringement.MARK_OCCASIONS_PER_YEAR
    wake = min(wake, month + 1 + int(-math.log(u) * 12.0 / rate))
    return min(wake, WAKE_SLOTS - 1)
