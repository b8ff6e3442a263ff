"""What provinces are held to, as the statistics count it: read off the ledger, year by year."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ipplan import data
from ipplan import ledger as led
from ipplan.ledger import Ledger
from ipplan.world import INVENTION, N_DESTINATIONS, N_KINDS, N_PROVINCES

Floats = NDArray[np.float64]


def by_province(cells: NDArray[np.int64]) -> Floats:
    """Return counts by cell, [cell], summed by province."""
    found: Floats = cells[: N_PROVINCES * N_KINDS].reshape(N_PROVINCES, N_KINDS).sum(axis=1).astype(np.float64)
    return found


def counted(ledger: Ledger, year: int) -> tuple[Floats, Floats]:
    """Return what a year counts for each target of ``effort``, and the cases behind it: [province, target]."""
    flows = ledger.flows_yearly[year]
    abroad = flows[led.GRANTED_ABROAD : led.GRANTED_ABROAD + N_DESTINATIONS, INVENTION].sum(axis=0)
    pledged = (flows[led.REGISTERED_NEW] + flows[led.REGISTERED_ROLLED]).sum(axis=0)
    contracts = (flows[led.CONTRACTS_NEW] + flows[led.CONTRACTS_ROLLED]).sum(axis=0)
    deals = (flows[led.LICENSED] + flows[led.TRANSFERRED] + flows[led.RELATED_TRANSFER]).sum(axis=0)
    high_value = ledger.stocks_yearly[year, led.HIGH_VALUE, INVENTION]
    value = np.stack([by_province(cells) for cells in (high_value, abroad, pledged, deals)], axis=1)
    cases = value.copy()
    cases[:, 2] = by_province(contracts)
    return value, cases


def per_resident(ledger: Ledger, year: int, credible: float) -> Floats:
    """Return log inventions of high value per resident at the end of a year (before the first: at the start).

    ``credible`` cases of the nation, shared by residents, are added, so that few cases in a small run tell little.
    """
    stocks = ledger.stocks_start if year < 0 else ledger.stocks_yearly[year]
    residents = np.array([place.population_10k_2022 for place in data.provinces()])
    held = by_province(stocks[led.HIGH_VALUE, INVENTION])
    found: Floats = np.log((held + credible * residents / residents.sum()) / residents)
    return found


@cache
def regions() -> NDArray[np.int64]:
    """Return the region of each province as a number."""
    return np.unique([place.region for place in data.provinces()], return_inverse=True)[1]
