"""Examiners as individuals: group (field or right), hours, experience, skill at search.

Rows of a group are contiguous. At small scales a group keeps ``FEWEST`` rows and the hours of each are scaled,
so that the hours of the group agree with the staff of the nation times the scale.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipplan.streams import Stream, quantile_column, uniform_column
from ipplan.world import N_FIELDS, N_GROUPS

# compiled-constants
FEWEST = 4

READS = ("start.examiners.service", "start.examiners.most_service", "examination.skill_log_sd")
SERVICE, MOST_SERVICE, SKILL_SD = range(3)
"""Read once, for the nation, when the examiners are laid out."""


class Examiners(NamedTuple):
    """Columns of examiners and of their groups."""

    experience: NDArray[np.float32]  # months since hired
    skill: NDArray[np.float32]  # multiplies search productivity; mean 1
    search: NDArray[np.float32]  # skill times gain of experience, this month
    first: NDArray[np.int64]  # [group] first row
    present: NDArray[np.int64]  # [group] rows in use
    hours: NDArray[np.float64]  # [group] effective hours this month, at the scale of the run
    case_hours: NDArray[np.float64]  # [group] hours per case this month
    carry: NDArray[np.float64]  # [group] the fraction of a case left over
    fast_carry: NDArray[np.float64]  # [group] hours of the fast quota left over (or owed), less than a case
    planned_wait: NDArray[np.float64]  # [group] months of the line as preliminary examination plans by it; -1 at first


def group_staff(staff: NDArray[np.float64], field_shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the nation's examiners by group [months, 11] from staff by right [months, 4]."""
    return np.concatenate([staff[:, :1] * field_shares[None, :], staff[:, 1:]], axis=1)


def appoint(seed: int, scale: float, staff: NDArray[np.float64], theta: NDArray[np.float64]) -> Examiners:
    """Return the examiners at the start; ``staff`` [months, group] is the nation's head count.

    ``theta`` [read, cell] is the table of ``READS``.
    """
    service, most, sd = float(theta[SERVICE, 0]), float(theta[MOST_SERVICE, 0]), float(theta[SKILL_SD, 0])
    rows = np.maximum(FEWEST, np.ceil(staff.max(axis=0) * scale)).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(rows)[:-1]])
    n = int(rows.sum())
    ids = np.arange(n)
    u = [uniform_column(seed, Stream.EXAMINER_CAREER, ids, 0, -1, draw) for draw in range(2)]
    skill = np.exp(sd * quantile_column(u[1]) - sd**2 / 2)
    present = np.maximum(FEWEST, np.round(staff[0] * scale)).astype(np.int64)
    return Examiners(
        experience=(-np.log(u[0]) * service).clip(0, most).astype(np.float32),
        skill=skill.astype(np.float32),
        search=skill.astype(np.float32),
        first=first.astype(np.int64),
        present=present,
        hours=np.zeros(N_GROUPS),
        case_hours=np.ones(N_GROUPS),
        carry=np.zeros(N_GROUPS),
        fast_carry=np.zeros(N_GROUPS),
        planned_wait=np.full(N_GROUPS, -1.0),
    )


assert N_GROUPS == N_FIELDS + 3
