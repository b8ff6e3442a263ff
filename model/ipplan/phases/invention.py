"""Step 1: ideas, designs, brand needs and occasions for bad faith arrive.

Arrivals are Poisson and exogenous: a share of a national rate that follows dated drivers (R&D expenditure,
recognised high-tech enterprises, families filed elsewhere that may enter China, GDP, online retail sales). Occasions
for bad faith of small firms follow recognised high-tech enterprises: the status is scored by a count of rights.
What an applicant *does* with an arrival is chosen later, so a measure never changes who has an idea, only what comes
of it. One Philox call serves the four streams of an owner; since P(N >= 1) <= rate, one comparison dismisses most
without an exponential, and those of the rest are taken side by side.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ipplan.compiled import inlined, kernel
from ipplan.elementary import exp
from ipplan.phases.drafts import VECTOR, whole_vectors
from ipplan.streams import Stream, philox, poisson_from, unit
from ipplan.world import FOREIGN, N_KINDS, SME

# compiled-constants
IDEA, DESIGN_NEED, BRAND_NEED, OCCASION = range(4)
_STREAM = int(Stream.IDEAS)
BATCH = 256

LOTS = np.dtype(
    [
        ("words", "u4", (4, BATCH)),  # [stream, applicant]
        ("turn", "i8", 4 * BATCH + VECTOR),  # 4 x applicant + stream
        ("u", "f8", 4 * BATCH + VECTOR), ("rate", "f8", 4 * BATCH + VECTOR),  # expected arrivals
        ("none", "f8", 4 * BATCH + VECTOR),  # chance that none arrives
    ]
)  # fmt: skip
"""Room for a batch of applicants: their random words, and whose turn may bring something, one after the other."""


@inlined
def note(lot, n, turn, share, rate, word):
    """Note a turn, and return how many may bring something: P(N >= 1) <= rate, and no branch has to be guessed."""
    u, expected = unit(word), share * rate
    lot.turn[n] = turn
    lot.u[n] = u
    lot.rate[n] = expected
    return n + (1.0 - u < expected)


@inlined
def draw_lots(seed, month, first, batch, owners, rates, lot):
    """Draw lots for ``batch`` applicants from ``first`` on; returns how many turns may bring something.

    Loops of nothing but arithmetic are turned into vector instructions.
    """
    words = lot.words
    for i in range(batch):
        words[0, i], words[1, i], words[2, i], words[3, i] = philox(
            np.uint32(first + i), 0, month + 65536, 0, seed, _STREAM
        )
    n = 0
    for i in range(batch):
        owner, turn = first + i, 4 * i
        cell = owners.cell[owner]
        n = note(lot, n, turn + IDEA, owners.ideas[owner], rates[IDEA, cell], words[IDEA, i])
        n = note(lot, n, turn + DESIGN_NEED, owners.designs[owner], rates[DESIGN_NEED, cell], words[DESIGN_NEED, i])
        n = note(lot, n, turn + BRAND_NEED, owners.brands[owner], rates[BRAND_NEED, cell], words[BRAND_NEED, i])
        n = note(lot, n, turn + OCCASION, owners.occasions[owner], rates[OCCASION, cell], words[OCCASION, i])
    for k in range(whole_vectors(n)):
        lot.none[k] = exp(-lot.rate[k])
    return n


@kernel
def arrivals(seed, month, low, high, owners, rates, per_occasion, lots, hit_owner, hit_stream, hit_number):
    """List who has what this month; ``rates`` [stream, cell] are expected arrivals per unit of weight.

    ``lots`` [1] is room to draw them. Returns (hits found, filings they can lead to at most, an occasion to
    ``per_occasion``); where hits exceed the room, the caller calls again.
    """
    lot = lots[0]
    room = len(hit_owner)
    found = 0
    arrived = 0
    for first in range(low, high, BATCH):
        for k in range(draw_lots(seed, month, first, min(BATCH, high - first), owners, rates, lot)):
            number = poisson_from(lot.none[k], lot.u[k], lot.rate[k])
            if number == 0:
                continue
            stream = lot.turn[k] & 3
            if found < room:
                hit_owner[found] = first + (lot.turn[k] >> 2)
                hit_stream[found] = stream
                hit_number[found] = number
            found += 1
            arrived += number * per_occasion if stream == OCCASION else number
    return found, arrived


READS = (
    "invention.ideas_per_year.*", "invention.driver_elasticity.*", "design.ideas_per_year",
    "design.driver_elasticity", "brand.ideas_per_year", "brand.driver_elasticity",
    "fabrication.opportunities_per_year.*", "fabrication.driver_elasticity", "invention.december_surge",
)  # fmt: skip


def rates_by_month(theta: np.ndarray, drivers: Mapping[str, np.ndarray], scale: float) -> np.ndarray:
    """Return expected arrivals per unit of weight: [month, stream, cell].

    ``theta`` [month or 1, read, cell]; ``drivers`` holds each driver by month, relative to 2017. The December surge
    pulls a share of the year's domestic ideas from the other months into December, so a year's total does not change.
    """
    (ideas, elasticity, designs, design_elasticity, brands, brand_elasticity, occasions, status_elasticity,
     surge) = theta.swapaxes(0, 1)
    by_month = {name: path[:, None] for name, path in drivers.items()}
    kinds = np.arange(theta.shape[2]) % N_KINDS
    status = by_month["high_tech_enterprises"]
    abroad = np.where(kinds == FOREIGN, by_month["foreign_families_due"], by_month["rd_expenditure"])
    by_kind = np.where(kinds == SME, status, abroad)
    december = np.arange(len(by_kind))[:, None] % 12 == 11
    season = np.where(kinds == FOREIGN, 1.0, (1.0 - surge) + np.where(december, 12.0 * surge, 0.0))
    rates = np.empty((len(by_kind), 4, len(kinds)))
    rates[:, IDEA] = ideas * by_kind**elasticity * season
    rates[:, DESIGN_NEED] = designs * by_month["gdp"] ** design_elasticity
    rates[:, BRAND_NEED] = brands * by_month["online_retail"] ** brand_elasticity
    rates[:, OCCASION] = occasions * np.where(kinds == SME, status**status_elasticity, 1.0) * season
    return rates * (scale / 12.0)


def for_status(theta: np.ndarray, drivers: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the share of occasions for bad faith that the spread of the high-tech status has added: [month, cell].

    They are occasions to make up patents, the rights that the status counts.
    """
    elasticity = theta[:, READS.index("fabrication.driver_elasticity")]
    growth = drivers["high_tech_enterprises"][:, None] ** elasticity
    found: np.ndarray = np.where(np.arange(theta.shape[2]) % N_KINDS == SME, np.maximum(0.0, 1.0 - 1.0 / growth), 0.0)
    return found
