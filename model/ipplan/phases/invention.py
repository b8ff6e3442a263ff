"""Step 1: ideas, designs, brand needs and occasions for bad faith arrive.

Arrivals are Poisson and exogenous: a share of a national rate that follows dated drivers (R&D expenditure,
recognised high-tech enterprises, GDP, online retail sales). What an applicant *does* with an arrival is chosen later,
so a measure never changes who has an idea, only what comes of it. One Philox call serves the four streams of an
owner; since P(N >= 1) <= rate, one comparison dismisses almost every owner without an exponential.
"""

from __future__ import annotations

import numpy as np

from ipplan.compiled import kernel
from ipplan.streams import Stream, philox, poisson, unit

# compiled-constants
IDEA, DESIGN_NEED, BRAND_NEED, OCCASION = range(4)
_STREAM = int(Stream.IDEAS)


@kernel
def arrivals(seed, month, low, high, owners, rates, hit_owner, hit_stream, hit_number):
    """List who has what this month; ``rates`` [stream, cell] are expected arrivals per unit of weight.

    Returns (hits found, filings they can lead to at most); where hits exceed the room, the caller calls again.
    """
    room = len(hit_owner)
    found = 0
    arrived = 0
    for owner in range(low, high):
        cell = owners.cell[owner]
        w0, w1, w2, w3 = philox(owner, 0, month + 65536, 0, seed, _STREAM)
        for stream in range(4):
            if stream == 0:
                rate, u = owners.ideas[owner] * rates[0, cell], unit(w0)
            elif stream == 1:
                rate, u = owners.designs[owner] * rates[1, cell], unit(w1)
            elif stream == 2:
                rate, u = owners.brands[owner] * rates[2, cell], unit(w2)
            else:
                rate, u = owners.occasions[owner] * rates[3, cell], unit(w3)
            if 1.0 - u >= rate:
                continue
            number = poisson(u, rate)
            if number == 0:
                continue
            if found < room:
                hit_owner[found] = owner
                hit_stream[found] = stream
                hit_number[found] = number
            found += 1
            arrived += number
    return found, arrived


READS = (
    "invention.ideas_per_year.*", "invention.driver_elasticity.*", "design.ideas_per_year",
    "design.driver_elasticity", "brand.ideas_per_year", "brand.driver_elasticity",
    "fabrication.opportunities_per_year.*", "invention.december_surge",
)  # fmt: skip


def rates_of_month(theta: np.ndarray, drivers: dict[str, float], month: int, scale: float) -> np.ndarray:
    """Return expected arrivals per unit of weight in a month: [stream, cell].

    ``drivers`` holds each driver relative to 2017. The December surge pulls a share of the year's domestic ideas
    from the other months into December, so a year's total does not change.
    """
    (ideas, elasticity, designs, design_elasticity, brands, brand_elasticity, occasions, surge) = theta
    kinds = np.arange(theta.shape[1]) % 6
    by_kind = np.where(kinds == 1, drivers["high_tech_enterprises"], drivers["rd_expenditure"])
    season = np.where(kinds == 5, 1.0, (1.0 - surge) + (12.0 * surge if month % 12 == 11 else 0.0))
    rates = np.empty((4, theta.shape[1]))
    rates[0] = ideas * by_kind**elasticity * season
    rates[1] = designs * drivers["gdp"] ** design_elasticity
    rates[2] = brands * drivers["online_retail"] ** brand_elasticity
    rates[3] = occasions * season
    return rates * (scale / 12.0)
