"""Applicants: the six kinds of owners, as columns.

The population is laid out by kind and province and its sizes are quantiles of a Pareto law taken in a
low-discrepancy order (golden-ratio sequence, rotated by the seed), so totals and tails hold at every scale and
in every province. Weights are shares of a kind's national rate: they add up to one, whatever the number of rows,
so a run at 1/10000 holds smaller universities, not a fraction of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.streams import Stream, quantile_column, uniform_column
from ipplan.world import ABROAD, FOREIGN, KINDS, N_FIELDS, N_KINDS, N_PROVINCES

NATIONAL_NUMBER = {
    "large": 12_000, "sme": 900_000, "individual": 700_000, "university": 2_700, "institute": 3_300, "foreign": 60_000,
}  # fmt: skip
"""Active applicants in the nation (assumed; 246,000 enterprises held inventions in 2020)."""
FEWEST = 62
"""Rows of a kind at the smallest scales: two a province."""
PARETO_EXPONENT = {
    "large": 1.2, "sme": 1.6, "individual": 2.2, "university": 1.5, "institute": 1.5, "foreign": 1.2,
}  # fmt: skip
"""Exponent of the size distribution's tail (Oh & Hara 2012: 1.66-2.37 for densities, so minus 1; assumed by kind)."""
FIELD_SHARES = np.array([0.19, 0.15, 0.2, 0.13, 0.08, 0.08, 0.08, 0.09])
"""Technical fields of applicants (assumed)."""
MONTHLY_BUDGET = {
    "large": 3e6, "sme": 60_000.0, "individual": 25_000.0, "university": 6e6, "institute": 1.5e6, "foreign": 400_000.0,
}  # fmt: skip
"""Yuan a month an applicant of mean size can spend on filing (assumed: several times the mean need; larger firms in
proportion, smaller ones as much as the mean), so that it binds bursts - bulk filers and squatters - and little else."""
GOLDEN = 0.6180339887498949

NO_AGENCY = 65535


class Applicants(NamedTuple):
    """Columns of applicants; a row number is a permanent id."""

    kind: NDArray[np.uint8]
    cell: NDArray[np.uint8]  # province * 6 + kind
    field: NDArray[np.uint8]
    place: NDArray[np.float32]  # position on the field's circle of technologies, [0, 1)
    size: NDArray[np.float32]  # relative size, mean 1 within the kind
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

    def __len__(self) -> int:  # rows, not fields
        return len(self.kind)


def rows_of_kind(kind: str, scale: float) -> int:
    """Return how many rows a kind has at a scale."""
    return max(FEWEST, round(NATIONAL_NUMBER[kind] * scale))


def _sequence(n: int, rotation: float, multiplier: float = GOLDEN) -> NDArray[np.float64]:
    """Return ``n`` numbers in (0, 1), evenly spread in every stretch."""
    spread: NDArray[np.float64] = np.modf((np.arange(n) + 0.5) * multiplier + rotation)[0]
    return np.clip(spread, 0.5 / n, 1 - 0.5 / n)


def _pareto_share(u: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    """Return sizes with a Pareto tail, as shares of their total; the top is cut where the sample ends."""
    size = (1.0 - u) ** (-1.0 / exponent)
    share: NDArray[np.float64] = size / size.sum()
    return share


def populate(
    seed: int,
    scale: float,
    province_shares: NDArray[np.float64],
    brand_kind_shares: Sequence[float] = (0.12, 0.5, 0.31, 0.005, 0.005, 0.06),
    design_kind_shares: Sequence[float] = (0.15, 0.5, 0.27, 0.045, 0.005, 0.03),
) -> Applicants:
    """Return the population of a run.

    ``province_shares`` [31, 6] gives each kind's spread over the mainland provinces (columns add to 1);
    the kind shares spread designs and brand needs over kinds (assumed).
    """
    parts: list[dict[str, NDArray[np.generic]]] = []
    first = 0
    for code, kind in enumerate(KINDS):
        n = rows_of_kind(kind, scale)
        ids = np.arange(first, first + n)
        first += n
        rotation = uniform_column(seed, Stream.POPULATION, np.array([code]), 0, 0, 0)[0]
        u = _sequence(n, rotation)
        size = _pareto_share(u, PARETO_EXPONENT[kind])
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
        field = np.searchsorted(np.cumsum(FIELD_SHARES), traits[0] * FIELD_SHARES.sum(), side="right")
        # Who needs brands or designs, or is tempted, is not who invents: sizes are re-drawn around the same rank.
        brands = size**0.5 * np.exp(normal(traits[5]))
        designs = size**0.7 * np.exp(normal(traits[6]))
        occasions = size**0.5 * np.exp(0.8 * normal(traits[7]))
        parts.append(
            {
                "kind": np.full(n, code, np.uint8),
                "cell": (province * N_KINDS + code).astype(np.uint8),
                "field": np.minimum(field, N_FIELDS - 1).astype(np.uint8),
                "place": traits[1].astype(np.float32),
                "size": (size * n).astype(np.float32),
                "capability": normal(traits[2]).astype(np.float32),
                "integrity": normal(traits[3]).astype(np.float32),
                "taste": normal(traits[4]).astype(np.float32),
                "budget": (MONTHLY_BUDGET[kind] * np.maximum(1.0, size * n)).astype(np.float32),
                "ideas": size.astype(np.float32),
                "designs": (designs / designs.sum() * design_kind_shares[code]).astype(np.float32),
                "brands": (brands / brands.sum() * brand_kind_shares[code]).astype(np.float32),
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
    )


def blocks(applicants: Applicants, number: int) -> list[tuple[int, int]]:
    """Cut the rows into contiguous blocks of about equal expected work; results do not depend on the cut."""
    load = (
        applicants.ideas.astype(np.float64) * np.array([1.0, 1.5, 0.4, 0.3, 0.1, 0.2])[applicants.kind]
        + 1.5 * applicants.brands + 0.3 * applicants.designs + 0.5 / len(applicants)
    )
    edges = np.searchsorted(np.cumsum(load), np.linspace(0, load.sum(), number + 1)[1:-1])
    bounds = [0, *(int(edge) for edge in edges), len(applicants)]
    return list(pairwise(bounds))
