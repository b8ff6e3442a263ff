"""Step 13b: what applicants believe about being caught, and how common bad faith seems to be.

A belief is a Beta mean: prior, own cases (kept with the applicant, forgotten lazily), and the experience of peers,
which enters as a *rate* with a bounded effective number of cases a month, so that nothing depends on how many
cases there are or at what scale the run is. The peers' rate is the chance of detection in their cell, as a sample
of the nation's size would show it. Forgetting lets beliefs return after a campaign. Bad faith is hidden: its share
among peers is seen through what peers file, smoothed over a year and held towards the national figure.
"""

from __future__ import annotations

import numpy as np

from ipplan.compiled import kernel
from ipplan.streams import normal_cdf
from ipplan.world import N_CELLS, N_KINDS

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


_KIND_OF_CELL = np.arange(N_CELLS) % N_KINDS


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
        for cell in range(pseudo.shape[2]):
            peers, public, kept = theta[PEER_WEIGHT, cell], theta[PUBLIC_WEIGHT, cell], 1.0 - theta[FORGETTING, cell]
            pseudo[0, channel, cell] *= kept
            pseudo[0, channel, cell] += peers * detection[channel, cell] + public * national[channel]
            pseudo[1, channel, cell] *= kept
            pseudo[1, channel, cell] += peers + public


def seen_bad_share(bad: np.ndarray, filed: np.ndarray, weight: float) -> np.ndarray:
    """Return the bad-faith share each cell sees: its kind's, held towards the nation's; inputs [kind], smoothed.

    ``weight`` of the national share is in filings of the nation.
    """
    national = bad.sum() / max(filed.sum(), 1e-9)
    share = (bad + weight * national) / (filed + weight)
    seen: np.ndarray = share[_KIND_OF_CELL]
    return seen


def belief(theta: np.ndarray, pseudo: np.ndarray) -> np.ndarray:
    """Return the belief of an applicant without own cases: [patents | marks, cell]."""
    weight = theta[PRIOR_WEIGHT]
    mean: np.ndarray = (weight * theta[PRIOR] + pseudo[0]) / (weight + pseudo[1])
    return mean
