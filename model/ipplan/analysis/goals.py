"""The goals of a plan as groups of outcomes, each with a verdict: reached, not reached, not decided.

A goal is reached in a replicate if every member that the model has is: a published target met in its year, or, where
the plan set none, better than in a base year. The share of such replicates is the probability under the model's
assumptions (draws only, not doubt about parameters). From nine tenths on a goal counts as reached, to one tenth as not
reached; in between, or as long as a member is not in the model, it is not decided, unless one that is there fails.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ipplan import data, schema
from ipplan.analysis.compare import Ensemble
from ipplan.indicators import ALL

SURE = 0.9
REACHED, FAILED, OPEN = "reached", "not reached", "not decided"


@dataclass(frozen=True)
class Member:
    """An outcome of a goal: at least or at most ``target`` in ``year``; where that is None, as in ``base_year``."""

    indicator: str
    year: int
    direction: str
    target: float | None
    base_year: int | None
    reason: str


@dataclass(frozen=True)
class Goal:
    """A goal of a plan and its members."""

    plan: str
    id: str
    title_en: str
    title_zh: str
    members: tuple[Member, ...]

    @property
    def year(self) -> int:
        """Return the year in which the goal falls due."""
        return max(member.year for member in self.members)


@dataclass(frozen=True)
class Judged:
    """A goal in a run: the share of replicates that reach it (NaN: nothing to judge), and each member's own share."""

    goal: Goal
    run: str
    share: float
    members: tuple[float, ...]
    verdict: str


@cache
def goals() -> tuple[Goal, ...]:
    """Return the goals that ``data/goals.csv`` groups, in its order."""
    due = {(target.plan, target.series): target for target in schema.targets()}
    last = {plan: max(t.target_year for t in schema.targets() if t.plan == plan) for plan, _ in due}
    found: dict[tuple[str, str], Goal] = {}
    for row in data.read("goals.csv"):
        plan, name = row["plan"], row["indicator"]
        official = due[plan, name] if row["rule"] == "target" else None
        member = Member(
            name, official.target_year if official else last[plan], row["direction"],
            official.target if official else None, int(row["base_year"]) if row["base_year"] else None, row["reason"],
        )  # fmt: skip
        before = found.get((plan, row["goal"]))
        members = (*(before.members if before else ()), member)
        found[plan, row["goal"]] = Goal(plan, row["goal"], row["title_en"], row["title_zh"], members)
    return tuple(found.values())


def judge(goal: Goal, ensemble: Ensemble) -> Judged:
    """Return what a run says about a goal."""
    reached = [_reached(member, ensemble) for member in goal.members]
    there = [one for one in reached if one is not None]
    shares = tuple(math.nan if one is None else float(one.mean()) for one in reached)
    share = float(np.all(there, axis=0).mean()) if there else math.nan
    return Judged(goal, ensemble.run, share, shares, verdict(share, len(there) == len(reached)))


def _reached(member: Member, ensemble: Ensemble) -> NDArray[np.bool_] | None:
    """Return by replicate whether a member is reached; None if the run does not hold it."""
    if (member.indicator, ALL) not in ensemble.keys or member.year not in ensemble.years:
        return None
    values = ensemble.by_year(member.indicator)
    value = values[:, ensemble.years.index(member.year)]
    if member.target is not None:
        wanted: NDArray[np.float64] | float = member.target
    elif member.base_year in ensemble.years:
        wanted = values[:, ensemble.years.index(member.base_year)]
    else:
        return None
    return np.asarray(value >= wanted if member.direction == "at_least" else value <= wanted)


def verdict(share: float, whole: bool) -> str:
    """Return the verdict on a goal from the share of replicates and whether the model has every member."""
    if not math.isfinite(share):
        return OPEN
    if share <= 1 - SURE + 1e-12:
        return FAILED
    return REACHED if whole and share >= SURE - 1e-12 else OPEN


def due(years: Sequence[int], plans: Sequence[str]) -> list[Goal]:
    """Return the goals of ``plans`` that fall due within ``years``."""
    return [goal for goal in goals() if goal.plan in plans and goal.year in years]
