"""Step 13b: what applicants believe about being caught, and how common bad faith seems to be.

A belief is a Beta mean: prior, own cases (kept with the applicant, forgotten lazily), and the experience of peers,
which enters as a *rate* with a bounded effective number of cases a month, so that nothing depends on how many
cases there are or at what scale the run is. The peers' rate is the chance of detection in their cell, as a sample
of the nation's size would show it. Forgetting lets beliefs return after a campaign. Bad faith is hidden: its share
among peers is seen through what peers file, smoothed over a year and held towards the national figure.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import inlined, kernel
from ipplan.streams import normal_cdf
from ipplan.world import N_CELLS, N_KINDS, N_RIGHTS, TRADEMARK

READS = (
    "belief.peer_weight", "belief.public_weight", "belief.forgetting", "screening.capacity",
    "screening.discrimination", "screening.threshold", "screening.trademark_capacity",
    "screening.trademark_discrimination", "screening.trademark_threshold", "belief.prior_detection",
    "belief.prior_weight", "belief.national_weight", "belief.seen_months", "screening.planning_weight",
)  # fmt: skip
(
    PEER_WEIGHT, PUBLIC_WEIGHT, FORGETTING, CAPACITY, DISCRIMINATION, THRESHOLD, CAPACITY_MARK, DISCRIMINATION_MARK,
    THRESHOLD_MARK, PRIOR, PRIOR_WEIGHT, NATIONAL_WEIGHT, SEEN_MONTHS, PLANNING_WEIGHT,
) = range(14)  # fmt: skip


class Recent(NamedTuple):
    """Filings as they are remembered, of the nation."""

    last_month: NDArray[np.float64]  # [patents | marks] a month, smoothed: what screeners plan on
    filed: NDArray[np.float64]  # [kind] of about a year
    bad: NDArray[np.float64]  # [kind] of them in bad faith
    exposure: NDArray[np.float64]  # [1] share of squatted marks among marks filed, as brand owners have seen it


def detection_chances(theta: np.ndarray, filed_patents: float, filed_marks: float) -> np.ndarray:
    """Return the chances of being flagged: [patents | marks, cell, share screened | flag if screened, honest | bad].

    ``filed_*`` are the nation's filings of last month: staff limit the share that can be screened.
    """
    chances = np.empty((2, N_CELLS, 2, 2))
    set_chances(theta, CAPACITY, filed_patents, chances[0])
    set_chances(theta, CAPACITY_MARK, filed_marks, chances[1])
    return chances


@kernel
def set_chances(theta, first, filed, chances):
    """Set ``chances`` [cell, share screened | flag if screened, honest | bad]; ``first`` is the row of the capacity."""
    false, hit = 0.0, 0.0
    for cell in range(N_CELLS):
        strength, threshold = theta[first + 1, cell], theta[first + 2, cell]
        if cell == 0 or strength != theta[first + 1, cell - 1] or threshold != theta[first + 2, cell - 1]:
            false, hit = normal_cdf(-threshold), normal_cdf(strength - threshold)
        chances[cell, 0, :] = min(1.0, theta[first, cell] / max(filed, 1.0))
        chances[cell, 1, 0] = false
        chances[cell, 1, 1] = hit


@inlined
def add_evidence(pseudo, channel, place, peers, public, forgetting, seen, national):
    """Forget, then add what peers (``seen``, the rate here) and the public (``national``) have seen."""
    kept = 1.0 - forgetting
    pseudo[0, channel, place] = kept * pseudo[0, channel, place] + peers * seen + public * national
    pseudo[1, channel, place] = kept * pseudo[1, channel, place] + peers + public


def learn(theta: np.ndarray, pseudo: np.ndarray, detection: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Add a month of peers' experience to ``pseudo`` [caught | cases, patents | marks, cell], after forgetting.

    ``detection`` [patents | marks, cell] is the chance that bad faith was found; ``weights`` [cell] add to 1 and
    weigh the published national rate [patents | marks], which is returned.
    """
    national: np.ndarray = detection @ weights
    add_experience(theta, pseudo, detection, national)
    return national


@kernel
def add_experience(theta, pseudo, detection, national):
    """Forget, then add what peers (``detection`` by cell) and the public (``national``) have seen."""
    for channel in range(2):
        for cell in range(N_CELLS):
            add_evidence(pseudo, channel, cell, theta[PEER_WEIGHT, cell], theta[PUBLIC_WEIGHT, cell],
                         theta[FORGETTING, cell], detection[channel, cell], national[channel])


@kernel
def see(theta, filed, bad, gross, recent):
    """Remember a month's filings [right, kind], and those of them in bad faith, of a run that ``gross`` scales up."""
    new, kept = theta[PLANNING_WEIGHT, 0], 1.0 - 1.0 / theta[SEEN_MONTHS, 0]
    last = recent.last_month
    last[0], last[1] = (1.0 - new) * last[0], (1.0 - new) * last[1]
    marks, squatted = 0, 0
    for kind in range(N_KINDS):
        recent.filed[kind] *= kept
        recent.bad[kind] *= kept
        for right in range(N_RIGHTS):
            n = filed[right, kind]
            last[1 if right == TRADEMARK else 0] += new * n * gross
            recent.filed[kind] += n * gross
            recent.bad[kind] += bad[right, kind] * gross
        marks += filed[TRADEMARK, kind]
        squatted += bad[TRADEMARK, kind]
    if marks:
        recent.exposure[0] += (squatted / marks - recent.exposure[0]) * (1.0 - kept)


def seen_bad_share(bad: np.ndarray, filed: np.ndarray, weight: float) -> np.ndarray:
    """Return the bad-faith share each cell sees: its kind's, held towards the nation's; inputs [kind], smoothed.

    ``weight`` of the national share is in filings of the nation.
    """
    seen = np.empty(N_CELLS)
    set_seen(bad, filed, weight, seen)
    return seen


@kernel
def set_seen(bad, filed, weight, seen):
    """Set the bad-faith share that each cell sees."""
    all_bad, total = 0.0, 0.0
    for kind in range(N_KINDS):
        all_bad += bad[kind]
        total += filed[kind]
    for cell in range(N_CELLS):
        kind = cell % N_KINDS
        seen[cell] = (bad[kind] + weight * all_bad / max(total, 1e-9)) / (filed[kind] + weight)


@inlined
def mean_belief(prior, weight, pseudo, channel, place):
    """Return the belief of somebody without own cases."""
    return (weight * prior + pseudo[0, channel, place]) / (weight + pseudo[1, channel, place])
