"""Satisfaction with IP protection: a measurement model of a survey score, not a mechanism.

Nothing in the model acts on the score, and a change of the score alone is no finding. Five items of equal weight, as
the survey has five first-level indicators, each read off what the ledger counts over about two years:

    law           mean damages of a won judgment (yuan)
    enforcement   owners' wins in judgments
    mechanism     cases that end with mediators or protection centres, of all that end
    awareness     owners that act on an infringement they meet
    effect        infringements met, per right in use (fewer is better)

    score = mean over items of 100 L(level + lasting x + surprise (x - expected))
    expected += adaptation (x - expected)

x is the item's log against a reference state, in spreads; so gains count fully while they are new and in part for good.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ITEMS = ("law", "enforcement", "mechanism", "awareness", "effect")
REFERENCE = np.array([110_000.0, 0.81, 0.42, 0.74, 0.019])
"""The state in which x is nought (assumed, near the model's 2017-18)."""
SPREAD = np.array([0.5, 0.1, 0.3, 0.15, 0.3])
"""Log points that count as one (assumed)."""
SIGN = np.array([1.0, 1.0, 1.0, 1.0, -1.0])


def standardised(items: Floats) -> Floats:
    """Return x of the five items; an item with nothing to count (not finite or not above zero) is at its reference."""
    known = np.isfinite(items) & (items > 0.0)
    x: Floats = SIGN * np.log(np.where(known, items, REFERENCE) / REFERENCE) / SPREAD
    return x


def score(x: Floats, expected: Floats, level: float, lasting: float, surprise: float) -> float:
    """Return the score, 0 to 100."""
    scores = 100.0 / (1.0 + np.exp(-(level + lasting * x + surprise * (x - expected))))
    return float(scores.sum() / len(scores))


def adapted(x: Floats, expected: Floats, adaptation: float) -> Floats:
    """Return next month's expectations."""
    after: Floats = expected + adaptation * (x - expected)
    return after
