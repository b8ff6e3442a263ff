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
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import inlined, kernel
from ipplan.elementary import exp
from ipplan.phases.drafts import VECTOR, whole_vectors
from ipplan.streams import Stream, philox, poisson_from, unit
from ipplan.world import FOREIGN, N_KINDS, SME

# compiled-constants
IDEA, DESIGN_NEED, BRAND_NEED, OCCASION = range(4)
_STREAM = int(Stream.IDEAS)
BATCH = 256


class Candidates(NamedTuple):
    """Room for those of a batch of applicants who may have an arrival this month."""

    words: NDArray[np.uint32]  # [stream, BATCH] random words, one an applicant
    place: NDArray[np.int64]  # [n] 4 x applicant of the batch + stream
    u: NDArray[np.float64]
    rate: NDArray[np.float64]  # expected arrivals
    none: NDArray[np.float64]  # chance that none arrives

    @classmethod
    def room(cls) -> Candidates:
        """Return room for a batch; whether the last applicant is a candidate is asked behind the others."""
        n = 4 * BATCH + VECTOR
        return cls(np.zeros((4, BATCH), np.uint32), np.zeros(n, np.int64), np.zeros(n), np.zeros(n), np.zeros(n))


@inlined
def note(candidates, n, place, share, rate, word):
    """Note who may have an arrival, and return how many do: P(N >= 1) <= rate, and no branch has to be guessed."""
    u, expected = unit(word), share * rate
    candidates.place[n] = place
    candidates.u[n] = u
    candidates.rate[n] = expected
    return n + (1.0 - u < expected)


@inlined
def find(seed, month, first, batch, owners, rates, candidates):
    """Find the candidates among ``batch`` applicants from ``first`` on; returns how many."""
    words = candidates.words
    for i in range(batch):  # a loop of nothing else, which the compiler turns into vector instructions
        words[0, i], words[1, i], words[2, i], words[3, i] = philox(
            np.uint32(first + i), 0, month + 65536, 0, seed, _STREAM
        )
    n = 0
    for i in range(batch):
        owner, place = first + i, 4 * i
        cell = owners.cell[owner]
        n = note(candidates, n, place + IDEA, owners.ideas[owner], rates[IDEA, cell], words[IDEA, i])
        n = note(candidates, n, place + DESIGN_NEED, owners.designs[owner], rates[DESIGN_NEED, cell],
                 words[DESIGN_NEED, i])
        n = note(candidates, n, place + BRAND_NEED, owners.brands[owner], rates[BRAND_NEED, cell],
                 words[BRAND_NEED, i])
        n = note(candidates, n, place + OCCASION, owners.occasions[owner], rates[OCCASION, cell], words[OCCASION, i])
    for k in range(whole_vectors(n)):
        candidates.none[k] = exp(-candidates.rate[k])
    return n


@kernel
def arrivals(seed, month, low, high, owners, rates, per_occasion, candidates, hit_owner, hit_stream, hit_number):
    """List who has what this month; ``rates`` [stream, cell] are expected arrivals per unit of weight.

    Returns (hits found, filings they can lead to at most, an occasion to ``per_occasion``); where hits exceed the
    room, the caller calls again.
    """
    room = len(hit_owner)
    found = 0
    arrived = 0
    for first in range(low, high, BATCH):
        for k in range(find(seed, month, first, min(BATCH, high - first), owners, rates, candidates)):
            number = poisson_from(candidates.none[k], candidates.u[k], candidates.rate[k])
            if number == 0:
                continue
            place = candidates.place[k]
            stream = place % 4
            if found < room:
                hit_owner[found] = first + place // 4
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
