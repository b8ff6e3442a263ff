"""How a province works towards its targets: gaps, a year's effort, what of it is real, audits, the ratchet, peers.

For indicator k of province j with value I and target T (after Holmstrom & Milgrom 1991):

    gap      G_jk = max(0, 1 - I_jk / T_jk)
    effort   e_jk = stake_j response w_k G_jk, cut in proportion where it is above the year's budget
    split    s_jk = 1 / (1 + exp(-([ln(c_real / c_cos) - a audit_jk] / scale + lean_j)))  is cosmetic, the rest real
    ratchet  T_jk <- (1 + g_k) T_jk + r max(0, I_jk - T_jk)                                (Weitzman 1980)

An audit finds cosmetic work with chance audit_k s_jk, and what was found counts as an audit that is surely to come, for
a while. Provinces look at others of their region and copy part of the leaning of one that reaches more (peer learning).

All of it is illustrative: leanings are drawn, not observed, and say nothing about any province.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TARGETS = ("high_value", "overseas", "pledge", "deals")
"""Inventions of high value in force, grants abroad, yuan of pledges registered, deals recorded: all as counted."""
N_TARGETS = len(TARGETS)
_FARTHEST = float(np.log(np.finfo(np.float64).max))
"""The largest logit whose exponential is a number; a share is none or all long before."""


def standing(value: Floats, target: Floats, cases: Floats, credible: float) -> Floats:
    """Return I / T [province, target], held towards the nation's by how few cases there are (Buehlmann 1967)."""
    nation = value.sum(axis=0) / np.maximum(target.sum(axis=0), 1.0)
    own = cases / (cases + credible)
    found: Floats = own * value / np.maximum(target, 1.0) + (1.0 - own) * nation
    return found


def gaps(reached: Floats) -> Floats:
    """Return G = max(0, 1 - I / T)."""
    found: Floats = np.maximum(0.0, 1.0 - reached)
    return found


def ratcheted(value: Floats, target: Floats, growth: Floats, ratchet: float) -> Floats:
    """Return the next year's targets: the path goes on, and part of what exceeded the last is added."""
    found: Floats = (1.0 + growth) * target + ratchet * np.maximum(0.0, value - target)
    return found


def shortfall(stake: Floats, weights: Floats, gap: Floats) -> Floats:
    """Return what a province falls short by [province]: its gaps by their weight, times what is at stake."""
    found: Floats = stake * (gap @ weights)
    return found


def effort(stake: Floats, weights: Floats, gap: Floats, response: float, budget: float) -> Floats:
    """Return the year's effort [province, target], within the budget."""
    wanted = response * stake[:, None] * weights * gap
    total = wanted.sum(axis=1, keepdims=True)
    found: Floats = np.where(total > budget, wanted * (budget / np.maximum(total, budget)), wanted)
    return found


def cosmetic_share(cost_ratio: Floats, audit: Floats, weight: float, scale: float, lean: Floats) -> Floats:
    """Return the share of effort that is cosmetic [province, target]; ``lean`` [province, 1] in logits."""
    logits = (np.log(cost_ratio) - weight * audit) / scale + lean
    found: Floats = 1.0 / (1.0 + np.exp(-np.clip(logits, -_FARTHEST, _FARTHEST)))
    return found


def felt_audit(audit: Floats, lesson: Floats) -> Floats:
    """Return the chance of an audit as it is felt: a lesson of 1 makes it sure, of 0 leaves it as it is."""
    found: Floats = audit + (1.0 - audit) * lesson
    return found


def learned(lean: Floats, score: Floats, peer: NDArray[np.int64], looks: NDArray[np.bool_], copying: float) -> Floats:
    """Return leanings after those who look at a peer [province] that reaches more have copied part of its way."""
    copies = looks & (score[peer] > score)
    found: Floats = np.where(copies, lean + copying * (lean[peer] - lean), lean)
    return found


def peers(regions: NDArray[np.int64], u: Floats) -> NDArray[np.int64]:
    """Return for each province another of its region, by a uniform; itself where it is the only one."""
    rows = np.arange(len(regions))
    same = (regions[:, None] == regions) & (rows[:, None] != rows)
    others = same.sum(axis=1)
    first = np.argsort(~same, axis=1, kind="stable")  # others of the region come first
    return np.where(others > 0, first[rows, (u * others).astype(np.int64)], rows)
