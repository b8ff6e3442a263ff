"""Signs of the measures of protection: tests of the code.

A measure moves what it says it moves, through the mechanism it names. That is no evidence that it does so in the world.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from harness import history, paths, run
from ipplan import ledger as L
from ipplan import schema
from ipplan.ledger import Ledger
from ipplan.levers import Entry
from ipplan.world import TRADEMARK

SCALE, END, FROM = 1 / 150, 54, 36

COMMON = {"damages.punitive_share": 0.1, "infringement.wilful_share": 0.5, "arbitration.consent": 0.15}
"""What is rare is made common in all these runs, so that a small scale shows it."""

MEASURES = ("protection_centres", "arbitration_mediation", "administrative_adjudication", "administrative_protection",
            "judicial_protection", "interdepartmental_coordination")  # fmt: skip


@cache
def ledger(measure: str) -> Ledger:
    """The first years of the history, with one measure more from 2022 on; ``none`` without."""
    plan = [] if measure == "none" else [Entry(measure, FROM, None, 1.5, build_up=1.0)]
    past = [entry for entry in history() if entry.measure != "patent_law_amendment"]
    return run(paths((*past, *plan), COMMON), SCALE, 21, END)


def change(measure: str, flow: int, below: int | None = None, patents: bool = False) -> float:
    """Relative change of a flow (or of its ratio to another) after the measure came."""

    def figure(name: str) -> float:
        late = ledger(name).flows_monthly[FROM + 3 :].sum(axis=(0, 3))[:, : TRADEMARK if patents else None].sum(axis=1)
        return float(late[flow]) / (float(late[below]) if below is not None else 1.0)

    return figure(measure) / figure("none") - 1.0


def lane(measure: str, forum: int) -> float:
    """Mean months of the cases closed before a forum after the measure came."""
    waits = ledger(measure).waits[FROM + 6 :, L.FORUM_LANES + forum].sum(axis=0)
    return float(waits @ np.arange(L.MAX_WAIT) / waits.sum())


@pytest.mark.parametrize("measure", [*MEASURES, "patent_law_amendment"])
def test_nothing_moves_before_a_measure_is_there(measure: str) -> None:
    one, none = ledger(measure), ledger("none")
    np.testing.assert_array_equal(one.flows_monthly[:FROM], none.flows_monthly[:FROM])
    assert not np.array_equal(one.flows_monthly[FROM:], none.flows_monthly[FROM:])


def test_protection_centres_draw_cases() -> None:
    assert change("protection_centres", L.CASES_CENTRE) > 0.3
    assert change("protection_centres", L.CASES_COURT) < 0.0


def test_mediation_draws_cases_and_ends_more_of_them_in_agreement() -> None:
    assert change("arbitration_mediation", L.CASES_MEDIATION) > 0.05
    assert change("arbitration_mediation", L.MEDIATED, L.CLOSED_MEDIATION) > 0.02
    assert change("arbitration_mediation", L.CASES_ARBITRATION) > 0.05


def test_administrative_adjudication_is_faster_and_draws_cases() -> None:
    assert change("administrative_adjudication", L.CASES_ADMINISTRATIVE, patents=True) > 0.1
    assert lane("administrative_adjudication", L.ADMINISTRATIVE) < lane("none", L.ADMINISTRATIVE)


@pytest.mark.parametrize("measure", ["administrative_protection", "interdepartmental_coordination"])
def test_inspections_and_shared_leads_find_more_and_deter(measure: str) -> None:
    assert change(measure, L.INFRINGEMENT_MET, L.INFRINGED) > 0.02
    assert change(measure, L.INFRINGED, L.INFRINGEMENT_OCCASIONS) < 0.0


def test_judicial_protection_pays_more_punishes_more_and_is_faster() -> None:
    assert change("judicial_protection", L.DAMAGES_AWARDED, L.COURT_WON) > 0.1
    assert change("judicial_protection", L.PUNITIVE_AWARDS) > 0.2
    assert change("judicial_protection", L.INFRINGED, L.INFRINGEMENT_OCCASIONS) < 0.0
    assert lane("judicial_protection", L.COURT) < lane("none", L.COURT)


def test_the_patent_law_of_2021_raises_damages_and_deters() -> None:
    assert change("patent_law_amendment", L.DAMAGES_AWARDED, L.COURT_WON) > 0.0
    assert change("patent_law_amendment", L.INFRINGED, L.INFRINGEMENT_OCCASIONS, patents=True) < 0.0
    assert change("patent_law_amendment", L.CASES_COURT, L.INFRINGEMENT_MET, patents=True) > 0.0


def test_every_measure_of_protection_is_in_the_schema_with_its_side_effects() -> None:
    known = schema.measures()
    for name in (*MEASURES, "patent_law_amendment"):
        assert known[name].moves and known[name].side_effects
