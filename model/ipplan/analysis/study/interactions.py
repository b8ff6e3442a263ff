"""Pairs of the strongest measures: whether two do more or less together than each alone, and who decides it.

The interaction of a and b is (ab - a) - (b - none), paired by seed. *Sub-additive*: the two together do less than the
sum, *super-additive*: more; *opposed*: alone they pull apart, so neither word fits. Under the additive and the maximum
combiner the same pairs are run again: what changes with the combiner is assumed, not found, and is reported as such.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ipplan.analysis.compare import mean_difference
from ipplan.analysis.study.design import OUTCOMES, base_id, kin, pair_id
from ipplan.analysis.study.findings import CONFIDENCE
from ipplan.analysis.study.records import Records
from ipplan.analysis.study.running import Study, last_years
from ipplan.levers import COMBINERS, Combiner

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Interaction:
    """Two measures on one outcome under one combiner: effects alone, together, and the interaction with 99 % interval.

    All in the unit of the outcome, means of the last three full years; ``level`` is the world with neither.
    """

    combiner: Combiner
    first: str
    second: str
    outcome: str
    level: float
    first_alone: float
    second_alone: float
    together: float
    interaction: float
    low: float
    high: float
    verdict: str

    @property
    def clear(self) -> bool:
        """Tell whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0

    @property
    def relative(self) -> float:
        """Return the interaction as a share of what the two do alone, in sizes."""
        alone = abs(self.first_alone) + abs(self.second_alone)
        return self.interaction / alone if alone else 0.0


def interactions(study: Study, records: Records, names: Sequence[str]) -> list[Interaction]:
    """Return all pairs on all outcomes under all combiners."""
    found = []
    for combiner in COMBINERS:
        for outcome in OUTCOMES:
            none = _late(study, records, base_id(kin(names, study.known), combiner), outcome)
            alone = {name: _late(study, records, pair_id((name,), combiner), outcome) for name in names}
            for first, second in combinations(names, 2):
                both = _late(study, records, pair_id((first, second), combiner), outcome)
                a, b, ab = alone[first] - none, alone[second] - none, both - none
                paired = mean_difference(ab - a - b, CONFIDENCE)
                level, one, two, together = (float(np.nanmean(values)) for values in (none, a, b, ab))
                value, low, high = (float(bound) for bound in (paired.effect, paired.low, paired.high))
                found.append(Interaction(combiner, first, second, outcome, level, one, two, together, value, low, high,
                                         verdict(one, two, value, low, high)))  # fmt: skip
    return found


def _late(study: Study, records: Records, arm: str, outcome: str) -> Floats:
    return last_years(records.table(arm, outcome, study.seeds))


def verdict(a: float, b: float, value: float, low: float, high: float) -> str:
    """Return what an interaction is called."""
    if value == 0.0 and low == high == 0.0:
        return "none at all"
    if not (low > 0 or high < 0):
        return "not seen"
    if a * b < 0:
        return "opposed"
    return "super-additive" if value * (a + b) > 0 else "sub-additive"


@dataclass(frozen=True)
class Rank:
    """A measure's effect on an outcome under each combiner, and its rank among the strongest by size."""

    outcome: str
    measure: str
    effects: tuple[float, ...]
    ranks: tuple[int, ...]


def ranks(found: Sequence[Interaction], names: Sequence[str]) -> list[Rank]:
    """Return how the strongest rank on each outcome under each combiner (1 is the largest effect in size)."""
    alone = {(one.combiner, one.outcome, name): value for one in found
             for name, value in ((one.first, one.first_alone), (one.second, one.second_alone))}  # fmt: skip
    table = []
    for outcome in OUTCOMES:
        order = {combiner: [name for _, name in sorted((-abs(alone[combiner, outcome, name]), name) for name in names)]
                 for combiner in COMBINERS}  # fmt: skip
        table += [Rank(outcome, name, tuple(alone[c, outcome, name] for c in COMBINERS),
                       tuple(order[c].index(name) + 1 for c in COMBINERS)) for name in names]  # fmt: skip
    return table
