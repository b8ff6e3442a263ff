"""V23: the official high-value stock is a union of five categories, each right counted once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

import harness
from ipplan.ledger import HIGH_VALUE
from ipplan.phases.holdings import CATEGORIES
from ipplan.rights.register import R_AWARD, R_HIGH_VALUE, R_OVER_10Y, R_OVERSEAS, R_PLEDGED_HIGH, R_SEI
from ipplan.world import FOREIGN, INVENTION, KINDS, N_KINDS

SCALE, MONTHS = 1 / 1000, 48
EACH = {"sei": R_SEI, "overseas": R_OVERSEAS, "over ten years": R_OVER_10Y, "pledged": R_PLEDGED_HIGH, "award": R_AWARD}
OFF: Mapping[str, Mapping[str, float]] = {
    "sei": {"tagging.sei_share": 0.0201, "examination.label_forging": 0.00101},
    "overseas": {f"overseas.start_share.{kind}": 0.00101 for kind in KINDS if kind != "foreign"},
    "award": {"tagging.award_rate": 1.001e-5},
}
"""Primitives near their lower bounds, by category."""


def inventions(values: Mapping[str, float] | None = None) -> tuple[NDArray[np.void], NDArray[np.int64], int]:
    """Return domestic inventions in force, how many have each category, and the ledger's count of high value."""
    system = harness.system(harness.paths(harness.history(), values or {}), scale=SCALE, end=MONTHS)
    system.run()
    rights = np.concatenate([harness.records(block.register) for block in system.blocks])
    domestic = system.applicants.cell[rights["owner"]] % N_KINDS != FOREIGN
    mine = rights[(rights["right"] == INVENTION) & domestic]
    sizes = np.array([np.count_nonzero(mine["flags"] & flag) for flag in EACH.values()])
    return mine, sizes, int(system.ledger.stocks_monthly[-1, HIGH_VALUE].sum())


@pytest.fixture(scope="module")
def history() -> tuple[NDArray[np.void], NDArray[np.int64], int]:
    return inventions()


def test_the_mark_is_the_union_of_the_categories_and_the_ledger_counts_it(
    history: tuple[NDArray[np.void], NDArray[np.int64], int],
) -> None:
    mine, sizes, counted = history
    union = mine["flags"] & CATEGORIES != 0
    assert np.array_equal(mine["flags"] & R_HIGH_VALUE != 0, union)
    assert counted == np.count_nonzero(union)
    assert sizes.max() <= counted < sizes.sum(), "a right in two categories is counted once"
    assert (sizes[:3] > 0).all()


def test_inclusion_and_exclusion_gives_the_same_count(
    history: tuple[NDArray[np.void], NDArray[np.int64], int],
) -> None:
    mine, _, counted = history
    flags = list(EACH.values())
    total = 0
    for which in range(1, 2 ** len(flags)):
        chosen = sum(flag for place, flag in enumerate(flags) if which >> place & 1)
        sign = 1 if which.bit_count() % 2 else -1
        total += sign * np.count_nonzero(mine["flags"] & chosen == chosen)
    assert total == counted


@pytest.mark.parametrize("category", OFF)
def test_a_category_that_is_switched_off_shrinks_only_itself(
    category: str, history: tuple[NDArray[np.void], NDArray[np.int64], int],
) -> None:
    mine, sizes, counted = inventions(OFF[category])
    place = list(EACH).index(category)
    assert sizes[place] < 0.5 * history[1][place] + 1
    assert np.array_equal(mine["flags"] & R_HIGH_VALUE != 0, mine["flags"] & CATEGORIES != 0)
    assert counted <= history[2]
    older = list(EACH).index("over ten years")
    if category != "sei":  # labels do not keep a patent alive: a start register of other owners is the same
        assert sizes[older] == pytest.approx(history[1][older], rel=0.1)
