"""Holders of layout designs and of data rights, taken together by right and province: one cohort each.

They stand for the nation whatever the scale of the run.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.agents.producers import dealt
from ipplan.world import N_PROVINCES

# compiled-constants
REGISTERED_RIGHTS = ("layout", "data")
LAYOUT, DATA = range(2)
"""Rights that come into being by registration: layout designs of integrated circuits, data intellectual property."""
GENUINE, PAPER = range(2)
SLOTS = 241
"""Months in a ring of expiries: terms are at most 20 years."""

READS = (
    "registration.holders.layout", "registration.term.layout", "registration.start.issued",
    "registration.start.paper", "registration.start.adopted",
)
"""What lies there at the start: layout designs only, as data are registered since the pilots of 2022."""

COHORT = np.dtype(
    [("share", "f8"), ("adopters", "i8"), ("genuine", "i8"), ("paper", "i8"), ("issued", "i8"), ("financed", "f8")]
)
"""A cohort: its share of the nation's holders, those of them who register, certificates in force (genuine, and for the
record only), certificates ever issued, and yuan lent on them in the year so far."""


class Holders(NamedTuple):
    """The cohorts [right, province], and the month in which their certificates expire."""

    cohorts: NDArray[np.void]
    expiring: NDArray[np.int32]  # [right, province, genuine | paper, month modulo SLOTS]


def establish(theta: NDArray[np.float64], shares: NDArray[np.float64]) -> Holders:
    """Lay the cohorts of the end of 2016; ``theta`` [read, cell], ``shares`` [province] of the nation's firms.

    Certificates of the start were issued over their term at a rate that rose from nothing in a straight line.
    """
    cohorts = np.zeros((len(REGISTERED_RIGHTS), N_PROVINCES), COHORT)
    expiring = np.zeros((len(REGISTERED_RIGHTS), N_PROVINCES, 2, SLOTS), np.int32)
    number, term, issued, paper, adopted = (float(x) for x in theta[:, 0])
    cohorts["share"] = shares
    cohorts["adopters"][LAYOUT] = dealt(adopted * number, shares)
    cohorts["issued"][LAYOUT] = dealt(issued, shares)
    for province, n in enumerate(cohorts["issued"][LAYOUT]):
        papers = round(paper * float(n))
        for kind, name, count in ((GENUINE, "genuine", int(n) - papers), (PAPER, "paper", papers)):
            expiring[LAYOUT, province, kind, : int(term)] = dealt(float(count), np.arange(1.0, int(term) + 1.0))
            cohorts[name][LAYOUT, province] = count
    return Holders(cohorts, expiring)
