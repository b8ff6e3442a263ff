"""A set of filings: their permanent ids (owner, month of filing, serial) in an open table of whole numbers.

Who asks for a filing that sleeps in another table needs no way to it, only whether it is there. Ids are never taken
out again; what is in a set does not depend on the order in which it came. Nearly all who ask are not in it: a few bits
for each place say so without a trip to memory (Bloom 1970, with one bit an id).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import inlined, kernel

# compiled-constants
NONE = -1
"""An empty place; the id of a filing is above zero."""
SPREAD = 0x1E3779B97F4A7C15
"""An odd number near 2^61 that spreads neighbouring ids (Knuth's multiplicative hash)."""
FILLED_AT_MOST = 0.5
FAMILY_FILED = 4096
"""Added to the month of filing in the id of a family that is only filed abroad, apart from those granted there."""


class Filings(NamedTuple):
    """A set of filings."""

    places: NDArray[np.int64]  # [a power of two] an id, or none
    hints: NDArray[np.uint8]  # [place] a bit for each id whose first place it is
    book: NDArray[np.int64]  # how many there are

    @classmethod
    def empty(cls, n: int = 64) -> Filings:
        """Return a set with nothing in it, of ``n`` places (a power of two)."""
        return cls(np.full(n, NONE, np.int64), np.zeros(n, np.uint8), np.zeros(1, np.int64))


@inlined
def filing_key(serial, filed):
    """Return the half of a filing's id, beside its owner, that draws and sets know it by: positive, never changed."""
    return serial + (filed + 1024) * 65536


@inlined
def whole_id(owner, serial, filed):
    """Return the id of a filing as one number."""
    return owner * 4294967296 + filing_key(serial, filed)


@inlined
def hint_of(known, key):
    """Return the first place an id may have, and its bit there."""
    spread = key * SPREAD
    return (spread >> 32) & (len(known.places) - 1), 1 << ((spread >> 29) & 7)


@inlined
def place_of(known, key):
    """Return where an id is, or the empty place where it would be."""
    place, _ = hint_of(known, key)
    while known.places[place] != NONE and known.places[place] != key:
        place = (place + 1) & (len(known.places) - 1)
    return place


@inlined
def holds(known, owner, serial, filed):
    """Tell whether a filing is in the set."""
    key = whole_id(owner, serial, filed)
    place, bit = hint_of(known, key)
    return known.hints[place] & bit != 0 and known.places[place_of(known, key)] != NONE


@inlined
def put(known, owner, serial, filed):
    """Put a filing into the set; True where it was not there."""
    key = whole_id(owner, serial, filed)
    place = place_of(known, key)
    if known.places[place] != NONE:
        return False
    known.places[place] = key
    first, bit = hint_of(known, key)
    known.hints[first] |= bit
    known.book[0] += 1
    return True


@kernel
def _copy(old, new):
    for i in range(len(old.places)):
        key = old.places[i]
        if key != NONE:
            put(new, key >> 32, key & 65535, ((key >> 16) & 65535) - 1024)


def with_room(known: Filings, extra: int) -> Filings:
    """Return the set with room for ``extra`` more."""
    need = (int(known.book[0]) + extra) / FILLED_AT_MOST
    if need <= len(known.places):
        return known
    wider = Filings.empty(1 << int(2 * need).bit_length())
    _copy(known, wider)
    return wider
