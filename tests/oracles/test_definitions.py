"""Switches of definition: each alters its own count and nothing that owners do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest

import harness
from ipplan import ledger as L
from ipplan import schema
from ipplan.compiled import kernel
from ipplan.errors import InputError
from ipplan.ledger import Ledger
from ipplan.phases.holdings import CATEGORIES
from ipplan.rights import keys
from ipplan.rights.register import R_HIGH_VALUE, R_OVER_10Y, R_OVERSEAS, R_TRADED
from ipplan.system import IPSystem
from ipplan.world import FOREIGN, INVENTION, N_KINDS

SCALE, MONTHS = 1 / 1000, 48
FROM_GRANT, WHEN_FILED, HIGHER = (
    "definition.ten_years_from_grant", "definition.family_when_filed", "finance.higher_amount",
)  # fmt: skip
COUNTED: Mapping[str, tuple[str, ...]] = {
    FROM_GRANT: ("over_10y", "high_value"), WHEN_FILED: ("overseas", "high_value"), HIGHER: ("high_value",),
}  # fmt: skip
"""The stocks that a reading of the definition may move."""
VALUES = {FROM_GRANT: 1.0, WHEN_FILED: 1.0, HIGHER: 1e8}


@cache
def system(name: str = "") -> IPSystem:
    """History with one other reading of the definition."""
    found = harness.system(harness.paths(harness.history(), {name: VALUES[name]} if name else {}), SCALE, 1, MONTHS)
    found.run()
    return found


def stock(ledger: Ledger, name: str) -> int:
    """Domestic inventions that count as something at the end."""
    return int(ledger.stocks_monthly[-1, L.stock(name), INVENTION, :FOREIGN].sum())


@pytest.mark.parametrize("name", VALUES)
def test_a_reading_moves_its_own_counts_and_nothing_that_owners_do(name: str) -> None:
    other, official = system(name).ledger, system().ledger
    for place, flow in enumerate(L.FLOWS):
        if flow != "overseas_family":  # how many rights are noted to have a family, a count itself
            np.testing.assert_array_equal(other.flows_monthly[:, place], official.flows_monthly[:, place], flow)
    for place, held in enumerate(L.STOCKS):
        if held not in COUNTED[name]:
            np.testing.assert_array_equal(other.stocks_monthly[:, place], official.stocks_monthly[:, place], held)
    np.testing.assert_array_equal(other.waits, official.waits)
    for gauge, path in official.gauges.items():
        np.testing.assert_array_equal(other.gauges[gauge], path, gauge)


def test_ten_years_come_later_from_grant_than_from_filing() -> None:
    counted = {name: stock(system(name).ledger, "over_10y") for name in ("", FROM_GRANT)}
    assert 0 < counted[FROM_GRANT] < 0.8 * counted[""]
    assert stock(system(FROM_GRANT).ledger, "high_value") < stock(system().ledger, "high_value")
    start = [system(name).ledger.stocks_start[L.stock("over_10y"), INVENTION].sum() for name in ("", FROM_GRANT)]
    assert start[1] < start[0]


def test_more_families_are_filed_than_granted() -> None:
    counted = {name: stock(system(name).ledger, "overseas") for name in ("", WHEN_FILED)}
    assert 1.1 * counted[""] < counted[WHEN_FILED]
    assert stock(system(WHEN_FILED).ledger, "high_value") > stock(system().ledger, "high_value")


def test_a_pledge_of_a_higher_amount_marks_fewer() -> None:
    assert stock(system(HIGHER).ledger, "high_value") <= stock(system().ledger, "high_value")


@kernel
def _known(places, rights, shift, found):
    for i in range(len(rights)):
        found[i] = keys.holds(places, rights[i].owner, rights[i].serial, rights[i].filed + shift)


@pytest.mark.parametrize("name", ["", FROM_GRANT, WHEN_FILED])
def test_every_mark_is_what_the_reading_says_of_that_right(name: str) -> None:
    """Recomputed from filing, grant and families of the rights themselves, as of their latest anniversary."""
    run, last, checked = system(name), MONTHS - 1, 0
    shift = keys.FAMILY_FILED if name == WHEN_FILED else 0
    for block in run.blocks:
        rights = harness.records(block.register)
        mine = rights[(rights["right"] == INVENTION) & (run.applicants.cell[rights["owner"]] % N_KINDS != FOREIGN)]
        seen = last - (last - mine["filed"].astype(int)) % 12
        begins = mine["granted" if name == FROM_GRANT else "filed"].astype(int)
        old = seen - begins + (6 if name == FROM_GRANT else 0) >= 120
        np.testing.assert_array_equal(mine["flags"] & R_OVER_10Y != 0, old & (seen > mine["granted"]))
        union = mine["flags"] & CATEGORIES != 0
        np.testing.assert_array_equal(mine["flags"] & R_HIGH_VALUE != 0, union)
        unsold = mine[(mine["filed"] >= 0) & (mine["flags"] & R_TRADED == 0)]  # ids are those of the filer
        counted = unsold[unsold["flags"] & R_OVERSEAS != 0]
        known = np.zeros(len(counted), np.bool_)
        _known(block.register.granted_abroad, counted, shift, known)
        assert known.all()
        checked += len(counted)
    assert checked > 0


def test_a_switch_takes_nothing_but_zero_and_one() -> None:
    with pytest.raises(InputError, match="is neither 0 nor 1"):
        harness.paths([], {FROM_GRANT: 0.5})


def test_switches_are_official_by_default_and_no_measure_moves_them() -> None:
    switches = {name for name, one in schema.primitives().items() if one.scale == "switch"}
    assert switches == {FROM_GRANT, WHEN_FILED}
    assert all(schema.primitives()[name].value == 0.0 for name in switches)
    moved = {primitive for one in schema.measures().values() for move in one.moves for primitive in move.primitives}
    assert not switches & moved
