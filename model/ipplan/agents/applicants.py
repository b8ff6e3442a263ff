"""Applicants: the six kinds of owners, as columns.

The population is laid out by kind and province and its sizes are quantiles of a Pareto law taken in a
low-discrepancy order (golden-ratio sequence, rotated by the seed), so totals and tails hold at every scale and
in every province. Weights are shares of a kind's national rate: they add up to one, whatever the number of rows,
so a run at 1/10000 holds smaller universities, not a fraction of one.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.columns import whole
from ipplan.streams import Stream, quantile_column, uniform_column
from ipplan.world import ABROAD, FIELDS, FOREIGN, KINDS, MICRO, N_FIELDS, N_KINDS, N_PROVINCES, SME

FEWEST = 62
"""Rows of a kind at the smallest scales: two a province."""
GOLDEN = 0.6180339887498949
WORK = (1.0, 1.5, 0.4, 0.3, 0.1, 0.2)
WORK_BRANDS, WORK_DESIGNS, WORK_ROW = 1.5, 0.3, 0.5
"""Work that ideas (by kind), brands, designs and a row make: where blocks are cut, results do not depend on it."""

READS = (
    "applicants.number.*", "applicants.size_exponent.*", "applicants.budget.*", "applicants.brand_share.*",
    "applicants.design_share.*", "applicants.brand_size_exponent", "applicants.brand_log_sd",
    "applicants.design_size_exponent", "applicants.design_log_sd", "applicants.occasion_size_exponent",
    "applicants.occasion_log_sd", *(f"applicants.field_share.{field}" for field in FIELDS), "tiers.micro_share",
    "tiers.medium_share",
)  # fmt: skip
(
    NUMBER, SIZE_EXPONENT, BUDGET, BRAND_SHARE, DESIGN_SHARE, BRAND_EXPONENT, BRAND_SD, DESIGN_EXPONENT, DESIGN_SD,
    OCCASION_EXPONENT, OCCASION_SD, FIELD_SHARE,
) = range(12)  # fmt: skip
MICRO_SHARE, MEDIUM_SHARE = FIELD_SHARE + N_FIELDS, FIELD_SHARE + N_FIELDS + 1
"""Read once, for the nation, when the population is laid out; the first five by kind (column of the cell)."""

NO_AGENCY = 65535


class Applicants(NamedTuple):
    """Columns of applicants; a row number is a permanent id."""

    kind: NDArray[np.uint8]
    cell: NDArray[np.uint8]  # province * 6 + kind
    field: NDArray[np.uint8]
    place: NDArray[np.float32]  # position on the field's circle of technologies, [0, 1)
    size: NDArray[np.float32]  # relative size, mean 1 within the kind
    tier: NDArray[np.uint8]  # of a small or medium firm by rank of size: 1 micro, 2 small, 3 medium; else 0
    capability: NDArray[np.float32]  # standard normal; the primitive gives its spread
    integrity: NDArray[np.float32]  # standard normal of log moral cost
    taste: NDArray[np.float32]  # standard normal of log risk taste
    budget: NDArray[np.float32]  # yuan a month for filing
    ideas: NDArray[np.float32]  # share of the kind's technical ideas
    designs: NDArray[np.float32]  # share of the nation's designs
    brands: NDArray[np.float32]  # share of the nation's brand needs
    occasions: NDArray[np.float32]  # share of the kind's occasions for bad faith
    agency: NDArray[np.uint16]
    caught: NDArray[np.float32]  # own filings in bad faith found out, remembered: [row, patents | marks]
    tried: NDArray[np.float32]  # own filings in bad faith, remembered
    remembered: NDArray[np.int16]  # month of the memory
    sanctioned_until: NDArray[np.int16]
    marks: NDArray[np.float32]  # filed in about a year, each weighed by how recent it is
    marks_month: NDArray[np.int16]  # month of the latest of them

    def __len__(self) -> int:  # rows, not fields
        return len(self.kind)


def field_shares(theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the shares of the technical fields from the table of ``READS``."""
    return whole(theta[FIELD_SHARE : FIELD_SHARE + N_FIELDS, 0].copy())


def rows_of_kind(code: int, scale: float, theta: NDArray[np.float64]) -> int:
    """Return how many rows a kind has at a scale."""
    return max(FEWEST, round(float(theta[NUMBER, code]) * scale))


def _sequence(n: int, rotation: float, multiplier: float = GOLDEN) -> NDArray[np.float64]:
    """Return ``n`` numbers in (0, 1), evenly spread in every stretch."""
    spread: NDArray[np.float64] = np.modf((np.arange(n) + 0.5) * multiplier + rotation)[0]
    return np.clip(spread, 0.5 / n, 1 - 0.5 / n)


def _pareto_share(u: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    """Return sizes with a Pareto tail, as shares of their total; the top is cut where the sample ends."""
    size = (1.0 - u) ** (-1.0 / exponent)
    share: NDArray[np.float64] = size / size.sum()
    return share


def tier_of(u: NDArray[np.float64], theta: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the tiers of firms whose size is the quantile ``u``."""
    above = (u >= theta[MICRO_SHARE, 0]).astype(np.uint8) + (u >= 1.0 - theta[MEDIUM_SHARE, 0])
    tiers: NDArray[np.uint8] = (MICRO + above).astype(np.uint8)
    return tiers


def populate(
    seed: int, scale: float, province_shares: NDArray[np.float64], theta: NDArray[np.float64]
) -> Applicants:
    """Return the population of a run.

    ``province_shares`` [31, 6] gives each kind's spread over the mainland provinces (columns add to 1); ``theta``
    [read, cell] is the table of ``READS``.
    """
    parts: list[dict[str, NDArray[np.generic]]] = []
    first = 0
    fields = field_shares(theta)
    brand_shares, design_shares = whole(theta[BRAND_SHARE, :N_KINDS]), whole(theta[DESIGN_SHARE, :N_KINDS])
    brand_exponent, brand_sd, design_exponent, design_sd, occasion_exponent, occasion_sd = (
        float(x) for x in theta[BRAND_EXPONENT:FIELD_SHARE, 0]
    )
    for code in range(len(KINDS)):
        n = rows_of_kind(code, scale, theta)
        ids = np.arange(first, first + n)
        first += n
        rotation = uniform_column(seed, Stream.POPULATION, np.array([code]), 0, 0, 0)[0]
        u = _sequence(n, rotation)
        size = _pareto_share(u, float(theta[SIZE_EXPONENT, code]))
        if code == FOREIGN:
            province = np.full(n, ABROAD)
        else:
            edges = np.concatenate([[0.0], np.cumsum(province_shares[:, code])])
            province = np.clip(np.searchsorted(edges, (np.arange(n) + 0.5) / n, side="right") - 1, 0, N_PROVINCES - 1)
            # At small scales a province's rows do not match its share: the weights do.
            rows = np.bincount(province, weights=size, minlength=N_PROVINCES)
            present = rows > 0
            wanted = np.where(present, province_shares[:, code], 0.0)
            size = size * (wanted / wanted.sum() / np.where(present, rows, 1.0))[province]
        traits = [uniform_column(seed, Stream.APPLICANT_TRAITS, ids, 0, 0, draw) for draw in range(8)]
        normal = quantile_column
        field = np.searchsorted(np.cumsum(fields), traits[0] * fields.sum(), side="right")
        # Who needs brands or designs, or is tempted, is not who invents: sizes are re-drawn around the same rank.
        brands = size**brand_exponent * np.exp(brand_sd * normal(traits[5]))
        designs = size**design_exponent * np.exp(design_sd * normal(traits[6]))
        occasions = size**occasion_exponent * np.exp(occasion_sd * normal(traits[7]))
        parts.append(
            {
                "kind": np.full(n, code, np.uint8),
                "cell": (province * N_KINDS + code).astype(np.uint8),
                "field": np.minimum(field, N_FIELDS - 1).astype(np.uint8),
                "place": traits[1].astype(np.float32),
                "size": (size * n).astype(np.float32),
                "tier": tier_of(u, theta) if code == SME else np.zeros(n, np.uint8),
                "capability": normal(traits[2]).astype(np.float32),
                "integrity": normal(traits[3]).astype(np.float32),
                "taste": normal(traits[4]).astype(np.float32),
                "budget": (theta[BUDGET, code] * np.maximum(1.0, size * n)).astype(np.float32),
                "ideas": size.astype(np.float32),
                "designs": (designs / designs.sum() * design_shares[code]).astype(np.float32),
                "brands": (brands / brands.sum() * brand_shares[code]).astype(np.float32),
                "occasions": (occasions / occasions.sum()).astype(np.float32),
            }
        )
    n = first
    fixed = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Applicants(
        **fixed,
        agency=np.full(n, NO_AGENCY, np.uint16),
        caught=np.zeros((n, 2), np.float32),
        tried=np.zeros((n, 2), np.float32),
        remembered=np.zeros(n, np.int16),
        sanctioned_until=np.full(n, -1000, np.int16),
        marks=np.zeros(n, np.float32),
        marks_month=np.zeros(n, np.int16),
    )


def blocks(applicants: Applicants, number: int) -> list[tuple[int, int]]:
    """Cut the rows into contiguous blocks of about equal expected work; results do not depend on the cut."""
    load = (
        applicants.ideas.astype(np.float64) * np.array(WORK)[applicants.kind]
        + WORK_BRANDS * applicants.brands + WORK_DESIGNS * applicants.designs + WORK_ROW / len(applicants)
    )
    edges = np.searchsorted(np.cumsum(load), np.linspace(0, load.sum(), number + 1)[1:-1])
    bounds = [0, *(int(edge) for edge in edges), len(applicants)]
    return list(pairwise(bounds))
