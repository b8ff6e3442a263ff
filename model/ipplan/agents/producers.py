"""Producer groups of geographical indications (GI): two a province, each the indications of a region taken together.

They stand for the nation whatever the scale of the run: indications are counted in thousands.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan import data
from ipplan.streams import Stream, quantile_column, uniform_column
from ipplan.world import N_PROVINCES

# compiled-constants
PER_PROVINCE = 2
N_PRODUCER_GROUPS = N_PROVINCES * PER_PROVINCE

READS = (
    "gi.start.products", "gi.start.outside", "gi.start.users", "gi.start.sales", "gi.start.sales_log_sd",
    "gi.start.quality", "gi.start.quality_logit_sd", "gi.producers_per_product", "gi.inspection", "gi.test_power",
    "gi.vigilance", "gi.demonstration_share", "gi.quality_gap", "gi.start.cheating", "gi.start.counterfeit",
)  # fmt: skip
(
    START_PRODUCTS, START_OUTSIDE, START_USERS, START_SALES, SALES_SD, START_QUALITY, QUALITY_SD, PER_PRODUCT,
    INSPECTION, POWER, VIGILANCE, DEMONSTRATION, GAP, START_CHEATING, START_COUNTERFEIT,
) = range(15)  # fmt: skip

GROUP = np.dtype(
    {
        "names": ["province", "rank", "products", "outside", "users", "users_at_start", "conflicts", "producers",
                  "sales", "quality", "reputation", "belief", "vigilance", "output"],
        "formats": ["i8"] * 7 + ["f8"] * 7,
    }
)  # fmt: skip
"""A group: seat, place in the order in which its province names demonstration areas, products on the register and
agricultural indications outside it, authorised users, conflicts open, producers who could become users, their sales
without any premium (yuan a year), quality of what honest users sell, reputation, believed chance that a cheat is found
out in a year, how much more of it is expected in a demonstration area, and output of the year so far, yuan."""


class Producers(NamedTuple):
    """The groups, and what counterfeiters left last month."""

    groups: NDArray[np.void]
    displaced: NDArray[np.float64]  # [counterfeit sales driven out of demonstration areas, base sales elsewhere], yuan


def dealt(total: float, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Deal ``round(total)`` out in proportion to ``weights``: largest remainders, ties to the first."""
    exact = round(total) * weights / weights.sum()
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: round(total) - int(whole.sum())]] += 1
    return whole


def establish(seed: int, theta: NDArray[np.float64]) -> Producers:
    """Lay the groups of the end of 2016: numbers by residents, quality and sales drawn; ``theta`` [read, cell]."""
    row = theta[:, 0]
    code = np.arange(N_PRODUCER_GROUPS)
    groups = np.zeros(N_PRODUCER_GROUPS, GROUP)
    groups["province"], groups["rank"] = code // PER_PROVINCE, code % PER_PROVINCE
    residents = np.array([province.population_10k_2022 for province in data.provinces()])[groups["province"]]
    z = [quantile_column(uniform_column(seed, Stream.PRODUCERS, code, ordinal, 0, 0)) for ordinal in range(2)]
    groups["products"] = 1 + dealt(row[START_PRODUCTS] - N_PRODUCER_GROUPS, residents)  # no group without one
    groups["outside"] = dealt(row[START_OUTSIDE], residents)
    groups["users"] = groups["users_at_start"] = dealt(row[START_USERS], residents)
    groups["producers"] = groups["products"] * row[PER_PRODUCT]
    sales = residents * np.exp(row[SALES_SD] * z[0])
    groups["sales"] = row[START_SALES] * sales / sales.sum()
    odds = row[START_QUALITY] / (1.0 - row[START_QUALITY]) * np.exp(row[QUALITY_SD] * z[1])
    groups["quality"] = odds / (1.0 + odds)
    delivered = 1.0 - row[GAP] * row[START_CHEATING]
    groups["reputation"] = groups["quality"] * delivered / (1.0 + row[START_COUNTERFEIT])
    groups["belief"] = row[INSPECTION] * row[POWER]
    treated = np.clip(PER_PROVINCE * row[DEMONSTRATION] - groups["rank"], 0.0, 1.0)
    groups["vigilance"] = 1.0 + treated * (row[VIGILANCE] - 1.0)
    return Producers(groups, np.array([0.0, 1.0]))
