"""Signs of the measures on trademarks: tests of the code.

A measure moves what it says it moves, through the mechanism it names. That is no evidence that it does so in the world.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from harness import history, paths, run
from ipplan import ledger as L
from ipplan.ledger import Ledger
from ipplan.levers import Entry
from ipplan.world import TRADEMARK

SCALE, END, FROM, FORCE = 1 / 500, 66, 18, 24
"""The law is announced in month 18 and in force from month 24 on."""
LAW, BRANDS, GOVERNANCE = "trademark_law_revision", "trademark_brand_strategy", "malicious_trademark_governance"
COMMON = {"examination.mark_need": 5.0}
"""Small portfolios: owners of small runs are smaller than the nation's."""


@cache
def ledger(measure: str = "none", strength: float = 1.0) -> Ledger:
    plan = [] if measure == "none" else [Entry(measure, FROM, None, strength)]
    past = [entry for entry in history() if entry.measure != GOVERNANCE]
    return run(paths((*past, *plan), COMMON), SCALE, 21, END)


def months(led: Ledger, name: str, first: int, last: int | None = None) -> float:
    return float(led.flows_monthly[first:last, L.flow(name), TRADEMARK].sum())


def change(measure: str, name: str, first: int = FORCE + 6, last: int | None = None, strength: float = 1.0) -> float:
    return months(ledger(measure, strength), name, first, last) / months(ledger(), name, first, last) - 1.0


@pytest.mark.parametrize("measure", [LAW, BRANDS, GOVERNANCE])
def test_nothing_moves_before_a_measure_is_announced(measure: str) -> None:
    one, none = ledger(measure), ledger()
    np.testing.assert_array_equal(one.flows_monthly[:FROM], none.flows_monthly[:FROM])
    np.testing.assert_array_equal(one.gauges["squatting_seen"][:FROM], none.gauges["squatting_seen"][:FROM])


def test_an_announced_law_brings_squatting_forward_and_then_deters_it() -> None:
    """The rush grows with what the law will do; nothing else of the law works before its time."""
    rush = [change(LAW, "filed_bad", FROM + 1, FORCE, strength) for strength in (0.5, 1.0, 2.0)]
    assert 0.0 < rush[0] < rush[1] < rush[2]
    after = [change(LAW, "filed_bad", FORCE + 12, None, strength) for strength in (0.5, 1.0, 2.0)]
    assert 0.0 > after[0] > after[1] > after[2]
    assert months(ledger(LAW), "nonuse_ex_officio", 0, FORCE) == months(ledger(), "nonuse_ex_officio", 0, FORCE)


def test_the_law_refuses_portfolios_also_honest_ones_cancels_and_shortens() -> None:
    for name in ("refused_portfolio", "refused_portfolio_honest"):
        found = [change(LAW, name, strength=strength) for strength in (0.5, 1.0)]
        assert 0.2 < found[0] < found[1], name
    ours, without = (months(led, "nonuse_ex_officio", FORCE + 6) for led in (ledger(LAW), ledger()))
    assert ours > 3 * without + 5
    assert change(LAW, "opposed") < -0.1

    def idle(led: Ledger) -> float:
        held, used = (led.stocks_monthly[-1, L.stock(name), TRADEMARK].sum() for name in ("in_force", "used"))
        return 1.0 - float(used) / float(held)

    assert idle(ledger(LAW)) < idle(ledger())


def test_brand_strategies_raise_use_and_draw_filings_also_in_bad_faith() -> None:
    def share(led: Ledger) -> float:
        held, used = (led.stocks_monthly[-1, L.stock(name), TRADEMARK].sum() for name in ("in_force", "used"))
        return float(used) / float(held)

    found = [share(ledger(BRANDS, strength)) for strength in (1.0, 2.0)]
    assert share(ledger()) < found[0] < found[1]
    assert change(BRANDS, "filed") > 0.0


def test_governance_strikes_more_sees_through_oppositions_and_deters() -> None:
    assert change(GOVERNANCE, "struck_examination") > 0.3
    assert change(GOVERNANCE, "refused_portfolio") > 0.2
    assert change(GOVERNANCE, "filed_bad") < 0.0
    decided = [months(led, "oppositions_upheld", 36) / months(led, "oppositions_decided", 36)
               for led in (ledger(GOVERNANCE), ledger())]  # fmt: skip
    assert decided[0] > decided[1]


def test_brand_strategies_bring_licensees_to_marks() -> None:
    common = {"brand.licensee_rate": 0.003}
    plan = [Entry(BRANDS, 6, None, 1.0, build_up=1.0)]
    led, none = (run(paths((*history(), *more), common), 1 / 500, 8, 48) for more in (plan, []))
    for name, least in (("brands_met", 1.1), ("brands_licensed", 1.1), ("brand_royalties", 1.0)):
        assert months(led, name, 0, 6) == months(none, name, 0, 6)
        assert months(led, name, 12) > least * months(none, name, 12), name  # few licences make most of the royalties
