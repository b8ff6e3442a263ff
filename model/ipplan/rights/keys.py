"""A set of filings: their permanent ids (owner, month of filing, serial) in an open table of whole numbers.

Who asks for a filing that sleeps in another table needs no way to it, only whether it is there. Ids are never taken
out again; what is in a set does not depend on the order in which it came.
"""

from __future__ import annotations

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


def empty() -> NDArray[np.int64]:
    """Return a set with nothing in it: its last place holds how many there are."""
    places = np.full(64 + 1, NONE, np.int64)
    places[-1] = 0
    return places


@inlined
def filing_key(serial, filed):
    """Return the half of a filing's id, beside its owner, that draws and sets know it by: positive, never changed."""
    return serial + (filed + 1024) * 65536


@inlined
def place_of(places, owner, serial, filed):
    """Return where the id of a filing is, or the empty place where it would be."""
    key = owner * 4294967296 + filing_key(serial, filed)
    mask = len(places) - 2
    place = ((key * SPREAD) >> 32) & mask
    while places[place] != NONE and places[place] != key:
        place = (place + 1) & mask
    return place


@inlined
def holds(places, owner, serial, filed):
    """Tell whether a filing is in the set."""
    return places[place_of(places, owner, serial, filed)] != NONE


@inlined
def put(places, owner, serial, filed):
    """Put a filing into the set; True where it was not there."""
    place = place_of(places, owner, serial, filed)
    if places[place] != NONE:
        return False
    places[place] = owner * 4294967296 + filing_key(serial, filed)
    places[len(places) - 1] += 1
    return True


@kernel
def _copy(old, new):
    for i in range(len(old) - 1):
        key = old[i]
        if key != NONE:
            put(new, key >> 32, key & 65535, ((key >> 16) & 65535) - 1024)


def with_room(places: NDArray[np.int64], extra: int) -> NDArray[np.int64]:
    """Return the set with room for ``extra`` more."""
    need = (int(places[-1]) + extra) / FILLED_AT_MOST
    if need <= len(places) - 1:
        return places
    wider = np.full((1 << int(2 * need).bit_length()) + 1, NONE, np.int64)
    wider[-1] = 0
    _copy(places, wider)
    return wider
