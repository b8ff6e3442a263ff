"""Goals are groups of outcomes: every official indicator is in one, and the verdict is what the replicates say."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from ipplan import schema
from ipplan.analysis.compare import Ensemble
from ipplan.analysis.goals import FAILED, OPEN, REACHED, Goal, goals, judge, verdict
from ipplan.indicators import ALL

YEARS = tuple(range(2017, 2026))


def ensemble(values: dict[str, list[float]], base: float = 0.0) -> Ensemble:
    """Replicates whose value in 2025 is given; in all years before it is ``base``."""
    number = len(next(iter(values.values())))
    annual = np.full((number, len(values), len(YEARS)), base)
    for row, given in enumerate(values.values()):
        annual[:, row, -1] = given
    keys = tuple((name, ALL) for name in values)
    empty = np.empty((number, 0, len(YEARS), 31))
    return Ensemble("plan", keys, range(1), annual[:, :, :1], YEARS, annual, (), empty)


def goal(name: str) -> Goal:
    return next(one for one in goals() if one.id == name)


def test_the_four_goals_hold_the_eight_indicators_once_each() -> None:
    assert [one.id for one in goals()] == ["protection", "utilization", "services", "international"]
    official = sorted(target.series for target in schema.targets() if target.plan == "14th_ip_plan")
    assert sorted(m.indicator for one in goals() for m in one.members if m.target is not None) == official
    assert all(member.year == 2025 and member.reason for one in goals() for member in one.members)


def test_a_goal_is_reached_where_every_member_is_in_the_same_replicate() -> None:
    satisfied, accepted = [83.0, 83.0, 81.0, 83.0], [90.0, 80.0, 90.0, 85.0]
    values = {"protection_satisfaction": satisfied, "first_instance_acceptance": accepted}
    judged = judge(goal("protection"), ensemble(values))
    assert (judged.share, judged.members, judged.verdict) == (0.5, (0.75, 0.75), OPEN)
    sure = judge(goal("protection"), ensemble({name: [95.0] * 4 for name in values}))
    assert (sure.share, sure.verdict) == (1.0, REACHED)


def test_what_the_model_lacks_leaves_a_goal_open_but_a_failure_decides() -> None:
    part = ensemble({"protection_satisfaction": [83.0] * 3})
    assert judge(goal("protection"), part).verdict == OPEN
    assert judge(goal("protection"), ensemble({"protection_satisfaction": [80.0] * 3})).verdict == FAILED
    nothing = judge(goal("protection"), ensemble({"grants_invention": [1.0] * 3}))
    assert math.isnan(nothing.share) and nothing.verdict == OPEN


def test_where_the_plan_set_no_target_better_than_the_base_year_counts() -> None:
    shorter = judge(goal("services"), ensemble({"invention_pendency_months": [15.0, 21.0]}, base=20.0))
    assert shorter.members[0] == 0.5
    late = replace(ensemble({"invention_pendency_months": [15.0]}), years=tuple(range(2021, 2030)))
    assert math.isnan(judge(goal("services"), late).members[0])


@pytest.mark.parametrize(
    ("share", "found"), [(1.0, REACHED), (0.9, REACHED), (0.89, OPEN), (0.11, OPEN), (0.1, FAILED)]
)
def test_verdicts(share: float, found: str) -> None:
    assert verdict(share, True) == found
