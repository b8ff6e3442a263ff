"""What a demonstration does to the provinces chosen, the others and the nation, and what a naive study would find.

Two runs with the same draws, with the measure and without it, give the true effect. A study sees one world only and
compares the chosen with the others, after with before (difference in differences, here in logs):

    naive = ln(T1 / T) - ln(U1 / U) = selection + effect - spillover
    selection = ln(T0 / T) - ln(U0 / U),    effect = ln(T1 / T0),    spillover = ln(U1 / U0)

T and U are totals of the chosen and of the others before the measure, with 1 after it, and with 0 in those months
without it. The best are chosen and may be on another path anyway (selection); firms that come from the others count
twice (spillover below nought). The nation gains what the treated gain less what is displaced (test V28).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64] | NDArray[np.int64]


@dataclass(frozen=True)
class Evaluation:
    """The effect of a demonstration on one count; logs, except where a unit is given."""

    effect: float
    """On the chosen, against the run without the measure."""
    spillover: float
    """On the others."""
    selection: float
    """Difference of the paths of the chosen and the others that there is without the measure."""
    naive: float
    """What a difference in differences within the treated world estimates."""
    treated_gain: float
    """Of the chosen, in units of the count."""
    displaced: float
    """Loss of the others, in units of the count; below nought where they gain."""

    @property
    def national(self) -> float:
        """Effect on the nation, in units of the count."""
        return self.treated_gain - self.displaced

    @property
    def zero_sum_part(self) -> float:
        """Part of the gain of the chosen that others lost; not a number where nothing was gained."""
        return self.displaced / self.treated_gain if self.treated_gain > 0.0 else math.nan

    @property
    def bias(self) -> float:
        """By how much the naive estimate exceeds the effect."""
        return self.naive - self.effect


def evaluate(with_measure: Counts, without: Counts, chosen: NDArray[np.bool_], before: int, after: int) -> Evaluation:
    """Evaluate a demonstration by a count [year, province] in two runs with the same draws.

    The years from ``before`` to ``after`` (not included) are those before the measure, from ``after`` on those with it.
    ValueError where the runs differ before, or where a group counted nothing.
    """
    if not np.array_equal(with_measure[:after], without[:after]):
        raise ValueError("the runs differ before the measure: they do not share their draws, or it began earlier")
    groups = [[float(run[span][:, group].sum()) for group in (chosen, ~chosen)]
              for run, span in ((without, slice(before, after)), (without, slice(after, None)),
                                (with_measure, slice(after, None)))]  # fmt: skip
    if min(min(pair) for pair in groups) <= 0.0:
        raise ValueError("a group of provinces counted nothing before or after the measure")
    (t, u), (t0, u0), (t1, u1) = groups
    return Evaluation(
        effect=math.log(t1 / t0), spillover=math.log(u1 / u0), selection=math.log(t0 / t) - math.log(u0 / u),
        naive=math.log(t1 / t) - math.log(u1 / u), treated_gain=t1 - t0, displaced=u0 - u1,
    )  # fmt: skip
