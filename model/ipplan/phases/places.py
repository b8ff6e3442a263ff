"""Where firms go, when they file, and which provinces are chosen: shares move between places and months, not totals.

*Relocation* (logit choice of a place): arrivals of firms and persons in a place follow exp(elasticity x benefit),
brought to the nation's total by kind of owner and of arrival. What a place wins, others lose; what a measure adds to
the nation is what the treated gain less what is displaced (test V28).

*December* (test V24): where a share f of a year's ideas is held back to December, its share of the year is
(1 - f) / 12 + f. It adds to the surge that there is without targets.

*Choice of a demonstration*: the best in past performance plus noise (a logit of ranks, Luce 1959), so that those
chosen were ahead before, and a naive comparison with the others is biased.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ipplan.agents.applicants import Applicants
from ipplan.phases.invention import IDEA, OCCASION
from ipplan.world import INDIVIDUAL, N_CELLS, N_KINDS

Floats = NDArray[np.float64]

MOBILE = INDIVIDUAL + 1
"""Kinds of owners that can go elsewhere, the first so many: firms and persons; universities and institutes stay."""


def to_cells(provinces: Floats) -> Floats:
    """Return values of provinces for their cells; nought abroad."""
    found = np.zeros((*provinces.shape[:-1], N_CELLS))
    found[..., : provinces.shape[-1] * N_KINDS] = np.repeat(provinces, N_KINDS, axis=-1)
    return found


def weights(owners: Applicants) -> Floats:
    """Return owners' weights of the four kinds of arrivals by cell, [stream, cell]."""
    columns = (owners.ideas, owners.designs, owners.brands, owners.occasions)
    return np.stack([np.bincount(owners.cell, weights=column, minlength=N_CELLS) for column in columns])


def relocated(benefit: Floats, elasticity: float, mass: Floats) -> Floats:
    """Return the factor on arrivals [stream, cell] that leaves the sum over places of ``mass`` [stream, cell].

    ``benefit`` [province] in log points of what a place offers; exactly 1 where all offer the same.
    """
    factor = np.ones_like(mass)
    if not np.any(benefit != benefit[0]):
        return factor
    shape = (len(mass), -1, N_KINDS)
    pull = np.exp(elasticity * benefit)
    here = mass.reshape(shape)[:, : len(benefit), :MOBILE]  # [stream, province, kind]
    total, drawn = here.sum(axis=1), pull @ here
    kept = np.where(drawn > 0.0, total / np.where(drawn > 0.0, drawn, 1.0), 1.0)
    factor.reshape(shape)[:, : len(benefit), :MOBILE] = pull[:, None] * kept[:, None, :]
    return factor


def held_back(pulled: Floats, surge: Floats, months: int = 11) -> tuple[Floats, Floats]:
    """Return factors on arrivals [stream, cell] of an ordinary month and of December.

    ``pulled`` [cell] share of the year's ideas that targets add to ``surge`` [cell], which is in the arrivals already;
    ``months`` are left before December when it begins.
    """
    ordinary, december = np.ones((4, len(pulled))), np.ones((4, len(pulled)))
    for stream in (IDEA, OCCASION):
        ordinary[stream] = (1.0 - surge - pulled) / (1.0 - surge)
        december[stream] = (1.0 + 11 * surge + months * pulled) / (1.0 + 11 * surge)
    return ordinary, december


def chosen(performance: Floats, candidates: NDArray[np.bool_], places: int, slope: float, u: Floats) -> NDArray[
    np.bool_
]:
    """Return who is chosen: the ``places`` candidates of highest slope x standardised performance + Gumbel noise."""
    spread = float(performance.std())
    rank = slope * (performance - performance.mean()) / (spread if spread > 0.0 else 1.0) - np.log(-np.log(u))
    rank = np.where(candidates, rank, -np.inf)
    found = np.zeros(len(rank), np.bool_)
    found[np.argsort(-rank, kind="stable")[: min(places, int(candidates.sum()))]] = True
    return found
