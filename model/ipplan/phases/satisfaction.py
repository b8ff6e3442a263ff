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

import math

from ipplan.compiled import helper

# compiled-constants
ITEMS = ("law", "enforcement", "mechanism", "awareness", "effect")
REFERENCE = (110_000.0, 0.81, 0.42, 0.74, 0.019)
"""The state in which x is nought (assumed, near the model's 2017-18)."""
SPREAD = (0.5, 0.1, 0.3, 0.15, 0.3)
"""Log points that count as one (assumed)."""
SIGN = (1.0, 1.0, 1.0, 1.0, -1.0)


@helper
def standardised(part, whole, item):
    """Return x of an item that is ``part`` of ``whole``; one with nothing to count is at its reference."""
    if part <= 0.0 or whole <= 0.0:
        return 0.0
    return SIGN[item] * math.log(part / whole / REFERENCE[item]) / SPREAD[item]


@helper
def score(x, expected, level, lasting, surprise):
    """Return the score of an item, 0 to 100."""
    return 100.0 / (1.0 + math.exp(-(level + lasting * x + surprise * (x - expected))))


@helper
def adapted(x, expected, adaptation):
    """Return what is expected of an item next month."""
    return expected + adaptation * (x - expected)
