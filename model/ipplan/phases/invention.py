"""Step 1: ideas, designs, brand needs and occasions for bad faith arrive.

Arrivals are Poisson and exogenous: a share of a national rate that follows dated drivers (R&D expenditure,
recognised high-tech enterprises, families filed elsewhere that may enter China, GDP, online retail sales). Occasions
for bad faith of small firms follow recognised high-tech enterprises: the status is scored by a count of rights.
What an applicant *does* with an arrival is chosen later, so a measure never changes who has an idea, only what comes
of it. One Philox call serves the four streams of an owner; since P(N >= 1) <= rate, one comparison dismisses almost
every owner without an exponential.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ipplan.compiled import kernel
from ipplan.streams import Stream, philox, poisson, unit
from ipplan.world import FOREIGN, N_KINDS, SME

# compiled-constants
IDEA, DESIGN_NEED, BRAND_NEED, OCCASION = range(4)
_STREAM = int(Stream.IDEAS)
BATCH = 256

LOTS = np.dtype(
    [("words", "u4", (4, BATCH)), ("means", "f8", (4, BATCH)), ("turns", "i4", 4 * BATCH + 1)]
)  # fmt: skip
"""Room for a batch of owners: random words and expected arrivals by stream, and whose turn may bring something."""


@kernel
def arrivals(seed, month, low, high, owners, rates, per_occasion, lots, hit_owner, hit_stream, hit_number):
    """List who has what this month; ``rates`` [stream, cell] are expected arrivals per unit of weight.

    ``lots`` [1] is room to draw them. Returns (hits found, filings they can lead to at most, an occasion to
    ``per_occasion``); where hits exceed the room, the caller calls again. Whatever decides nothing is in loops of its
    own, which the compiler turns into vector instructions; who may have something is listed without a branch, as it
    cannot be foreseen.
    """
    lot = lots[0]
    room = len(hit_owner)
    found = 0
    arrived = 0
    for first in range(low, high, BATCH):
        batch = min(BATCH, high - first)
        for i in range(batch):
            lot.words[0, i], lot.words[1, i], lot.words[2, i], lot.words[3, i] = philox(
                np.uint32(first + i), 0, month + 65536, 0, seed, _STREAM
            )
        for i in range(batch):
            owner = first + i
            cell = owners.cell[owner]
            lot.means[IDEA, i] = owners.ideas[owner] * rates[IDEA, cell]
            lot.means[DESIGN_NEED, i] = owners.designs[owner] * rates[DESIGN_NEED, cell]
            lot.means[BRAND_NEED, i] = owners.brands[owner] * rates[BRAND_NEED, cell]
            lot.means[OCCASION, i] = owners.occasions[owner] * rates[OCCASION, cell]
        n = 0
        for i in range(batch):
            for stream in range(4):
                lot.turns[n] = 4 * i + stream
                n += 1.0 - unit(lot.words[stream, i]) < lot.means[stream, i]
        for turn in range(n):
            i, stream = lot.turns[turn] >> 2, lot.turns[turn] & 3
            number = poisson(unit(lot.words[stream, i]), lot.means[stream, i])
            if number == 0:
                continue
            if found < room:
                hit_owner[found] = first + i
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
