"""Step 12b: what applicants believe about being caught, and how common bad faith seems to be.

A belief is a Beta mean: prior, own cases (kept with the applicant, forgotten lazily), and the experience of peers,
which enters as a *rate* with a bounded effective number of cases a month, so that nothing depends on how many
cases there are or at what scale the run is. The peers' rate is the chance of detection in their cell, as a sample
of the nation's size would show it. Forgetting lets beliefs return after a campaign. Bad faith is hidden: its share
among peers is seen through what peers file, smoothed over a year and held towards the national figure.
"""

from __future__ import annotations

import numpy as np

from ipplan.compiled import plain
from ipplan.streams import normal_cdf as _compiled_cdf
from ipplan.world import N_CELLS, N_KINDS

normal_cdf = plain(_compiled_cdf)

READS = (
    "belief.peer_weight", "belief.public_weight", "belief.forgetting", "screening.capacity",
    "screening.discrimination", "screening.threshold", "screening.trademark_capacity",
    "screening.trademark_discrimination", "screening.trademark_threshold", "belief.prior_detection",
    "belief.prior_weight",
)  # fmt: skip

SEEN_CASES = 400_000.0
"""Weight, in filings of the nation, of the national share in what a kind of applicant sees (assumed)."""


def detection_chances(theta: np.ndarray, filed_patents: float, filed_marks: float) -> tuple[np.ndarray, np.ndarray]:
    """Return chances of being flagged for patents and marks: [cell, share screened | flag if screened, honest | bad].

    ``filed_*`` are the nation's filings of last month: staff limit the share that can be screened.
    """
    return (
        _chances(theta[3], theta[4], theta[5], filed_patents),
        _chances(theta[6], theta[7], theta[8], filed_marks),
    )


def _chances(capacity: np.ndarray, d_prime: np.ndarray, threshold: np.ndarray, filed: float) -> np.ndarray:
    share = np.minimum(1.0, capacity / max(filed, 1.0))
    if (d_prime == d_prime[0]).all() and (threshold == threshold[0]).all():
        hit, false = normal_cdf(d_prime[0] - threshold[0]), normal_cdf(-threshold[0])
        flag = np.broadcast_to(np.array([false, hit]), (N_CELLS, 2))
    else:
        flag = np.array([[normal_cdf(-t), normal_cdf(d - t)] for d, t in zip(d_prime, threshold, strict=True)])
    out = np.empty((N_CELLS, 2, 2))
    out[:, 0, :] = share[:, None]
    out[:, 1, :] = flag
    return out


def learn(theta: np.ndarray, pseudo: np.ndarray, detection: np.ndarray, weights: np.ndarray) -> None:
    """Add a month of peers' experience to ``pseudo`` [caught | cases, patents | marks, cell], after forgetting.

    ``detection`` [patents | marks, cell] is the chance that bad faith was found; ``weights`` [cell] add to 1 and
    weigh the published national rate.
    """
    peers, public, forgetting = theta[0], theta[1], theta[2]
    national = detection @ weights
    pseudo *= 1.0 - forgetting
    pseudo[0] += peers * detection + public * national[:, None]
    pseudo[1] += peers + public


def seen_bad_share(bad: np.ndarray, filed: np.ndarray) -> np.ndarray:
    """Return the bad-faith share each cell sees: its kind's, held towards the nation's; inputs [kind], smoothed."""
    national = bad.sum() / max(filed.sum(), 1e-9)
    share = (bad + SEEN_CASES * national) / (filed + SEEN_CASES)
    return np.tile(share, N_CELLS // N_KINDS)


def belief(theta: np.ndarray, pseudo: np.ndarray) -> np.ndarray:
    """Return the belief of an applicant without own cases: [patents | marks, cell]."""
    mean: np.ndarray = (theta[10] * theta[9] + pseudo[0]) / (theta[10] + pseudo[1])
    return mean
