"""Pledge contracts, which sleep in bins until they fall due, and the rights that come up as security in a month."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.clock import LAST_END
from ipplan.columns import roomy
from ipplan.compiled import fetch_ahead, inlined, kernel
from ipplan.rights.bins import Bins
from ipplan.rights.keys import filing_key
from ipplan.rights.register import R_LICENSED, R_PLEDGED, R_USED

# compiled-constants
LOAN = np.dtype(
    [
        ("loan", "i8"), ("registered", "i8"), ("owner", "i4"), ("default", "f4"), ("truth", "f4"), ("signed", "i2"),
        ("right", "u1"), ("field", "u1"),
    ]
)  # fmt: skip
YEARS_BEFORE = 4
"""Years of lending before the run that are gone through to have the contracts of its start."""
BEFORE = 12 * YEARS_BEFORE
LONGEST = 60
"""No contract runs longer, in months."""
DUE_SLOTS = BEFORE + LAST_END + LONGEST + 1


def no_loans() -> Bins:
    """Return bins of pledge contracts of one owner block, by the month they fall due: bin ``month + BEFORE``."""
    return Bins.empty(LOAN, DUE_SLOTS)


OFFER = np.dtype(
    [
        ("owner", "i4"), ("filed", "i2"), ("serial", "u2"), ("right", "u1"), ("field", "u1"), ("flags", "u2"),
        ("log_value", "f4"), ("place", "i4"),
    ]
)  # fmt: skip
"""A right that comes up as security: what the bank is told of it, and its place in the register it lies in."""
IDENTITIES = 1 << 34
"""An owner's rights have so many identities."""
AHEAD = 16
"""Records lie far apart: so many offers before one is read, its record is fetched."""


class Offers(NamedTuple):
    """Places in the register of the rights that come up as security this month."""

    places: NDArray[np.int32]
    book: NDArray[np.int64]  # how many

    @classmethod
    def empty(cls) -> Offers:
        """Return an empty list."""
        return cls(np.zeros(0, np.int32), np.zeros(1, np.int64))

    def with_room(self, most: int) -> Offers:
        """Return an empty list with room for ``most`` rights."""
        self.book[0] = 0
        return self if most <= len(self.places) else Offers(np.empty(roomy(most, 0), np.int32), self.book)

    def noted(self) -> NDArray[np.int32]:
        """Return the places that are noted."""
        return self.places[: self.book[0]]


@kernel
def identify(places, records, identities):
    """Reckon the identity of each offer: one number, in the order of owner, month of filing, serial, right."""
    for i in range(len(places)):
        fetch_ahead(records, places[min(i + AHEAD, len(places) - 1)])
        record = records[places[i]]
        identities[i] = record.owner * IDENTITIES + filing_key(record.serial, record.filed) * 4 + record.right


@kernel
def tell(places, records, offers):
    """Write what the bank is told of each offer."""
    for i in range(len(places)):
        record, offer = records[places[i]], offers[i]
        offer.owner = record.owner
        offer.filed = record.filed
        offer.serial = record.serial
        offer.right = record.right
        offer.field = record.field
        offer.flags = record.flags
        offer.log_value = record.log_value
        offer.place = places[i]


@inlined
def comes_up(month, record, u, share, borrowers):
    """True where a patent comes up as security at its anniversary: it is pledged, or in use by one who seeks a loan."""
    if record.flags & R_PLEDGED:
        return True
    return u < share and record.flags & (R_USED | R_LICENSED) != 0 and month < borrowers.seeks_until[record.owner]


@inlined
def note(offers, place):
    """Note the place of one more right."""
    offers.places[offers.book[0]] = place
    offers.book[0] += 1
