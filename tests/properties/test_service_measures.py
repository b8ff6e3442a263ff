"""Signs and lags of the measures of services, talents, culture and new fields: tests of the code, not of the world."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from harness import digest, history, paths, run, system
from ipplan import ledger as L
from ipplan import schema
from ipplan.ledger import Ledger
from ipplan.levers import Entry
from ipplan.phases import burden, new_field, services
from ipplan.world import INVENTION, SME, TRADEMARK

SCALE, FROM, END = 1 / 1000, 84, 132
MEASURES = ("public_service_standards", "ai_ip_services", "enterprise_assistance", "ip_talent", "ip_culture",
            "new_field_protection")  # fmt: skip
STRENGTHS = (0.5, 1.0, 2.0)


@cache
def ledger(measure: str = "none", strength: float = 1.0) -> Ledger:
    """The history, with one measure more from 2024 on; ``none`` without."""
    plan = [] if measure == "none" else [Entry(measure, FROM, None, strength, build_up=1.0)]
    return run(paths((*history(), *plan)), SCALE, 31, END)


def late(name: str, measure: str = "none", strength: float = 1.0) -> float:
    """Mean of a gauge over the last year."""
    return float(ledger(measure, strength).gauges[name][-12:].mean())


def flow(code: int, measure: str = "none", strength: float = 1.0, rights: slice = slice(None)) -> float:
    """A flow of patents and marks over the years after the measure came."""
    return float(ledger(measure, strength).flows_monthly[FROM + 12 :, code, rights].sum())


def rises(name: str, measure: str) -> None:
    """The stronger the measure, the higher the gauge."""
    path = [late(name), *(late(name, measure, strength) for strength in STRENGTHS)]
    assert (np.diff(path) > 0).all(), (name, path)


def falls(name: str, measure: str) -> None:
    """The stronger the measure, the lower the gauge."""
    path = [late(name), *(late(name, measure, strength) for strength in STRENGTHS)]
    assert (np.diff(path) < 0).all(), (name, path)


@pytest.mark.parametrize("measure", MEASURES)
def test_nothing_moves_before_a_measure_is_there(measure: str) -> None:
    one, none = ledger(measure), ledger()
    np.testing.assert_array_equal(one.flows_monthly[:FROM], none.flows_monthly[:FROM])
    assert not np.array_equal(one.flows_monthly[FROM:], none.flows_monthly[FROM:])
    for name, path in one.gauges.items():
        np.testing.assert_array_equal(path[:FROM], none.gauges[name][:FROM])


def test_all_at_strength_zero_change_no_bit_and_blocks_change_none() -> None:
    zero = [Entry(measure, 3, None, 0.0) for measure in MEASURES]
    strong = [Entry(measure, 3, None, 1.5, build_up=6.0) for measure in MEASURES]
    plain = digest(run(paths(history()), 1 / 5000, 7, 30))
    assert digest(run(paths((*history(), *zero)), 1 / 5000, 7, 30)) == plain
    one = digest(run(paths((*history(), *strong)), 1 / 5000, 7, 30))
    assert one != plain
    assert digest(run(paths((*history(), *strong)), 1 / 5000, 7, 30, blocks=8, threads=2)) == one


def test_states_act_on_what_is_scheduled_and_not_on_what_they_made_of_it_before() -> None:
    """Without a history no schedule moves most tables, which then have one slice for all months."""
    plan = paths([Entry("public_service_standards", 3, None, 1.0, build_up=12.0)])
    one, by_month = system(plan, 1e-4, 1, 30), system(plan, 1e-4, 1, 30)
    assert one.tables["filing"].constant
    for name in services.TOUCHED:
        table = by_month.tables[name]
        table._months = [table.scheduled(month).copy() for month in range(30)]
        table.constant = False
    for month in range(30):
        for world in (one, by_month):
            services.serve(world, month)
        for name in services.TOUCHED:
            np.testing.assert_array_equal(one.tables[name].at(month), by_month.tables[name].at(month))
    assert not np.array_equal(one.tables["filing"].at(29), one.tables["filing"].scheduled(29))


def test_runs_of_the_same_paths_do_not_touch_each_other() -> None:
    """The states write into the tables of a run: those of the next run with the same paths are as new."""
    plan = [Entry(measure, 0, None, 1.0, build_up=1.0) for measure in MEASURES]
    for given in (paths(plan), paths((*history(), *plan)), paths()):
        assert digest(run(given, 1 / 9000, 7, 15)) == digest(run(given, 1 / 9000, 7, 15))


def test_without_a_measure_the_states_rest() -> None:
    gauges = ledger().gauges
    assert (gauges["talent_stock"] == 1.0).all() and (gauges["talent_transfer"] == 1.0).all()
    assert np.ptp(gauges["sme_aware"]) == 0.0 and np.ptp(gauges["individuals_aware"]) == 0.0
    assert gauges["ai_drafting"][78] == 0.0 < gauges["ai_drafting"][END - 1] < 0.85
    assert (gauges["norm_level"][:13] == 1.0).all()


def test_service_standards_save_hours_and_errors_and_invite_filings() -> None:
    falls("admin_burden", "public_service_standards")
    measure = "public_service_standards"
    errors = flow(burden.ERRORS, measure) / flow(L.FILED, measure, rights=slice(TRADEMARK))
    assert errors < 0.9 * flow(burden.ERRORS) / flow(L.FILED, rights=slice(TRADEMARK))
    assert flow(L.FILED, measure, 2.0) > flow(L.FILED)


def test_ai_services_bring_adoption_forward_with_its_side_effects() -> None:
    for use in ("office", "matching", "drafting", "faking"):
        rises(f"ai_{use}", "ai_ip_services")
    rises("search_recall", "ai_ip_services")
    assert flow(L.MEETINGS, "ai_ip_services", 2.0) > flow(L.MEETINGS)
    falls("agency_fee_mean", "ai_ip_services")


def test_assistance_makes_smes_aware_at_a_dead_weight_and_costs_money() -> None:
    measure = "enterprise_assistance"
    rises("sme_aware", measure)
    rises("assisted_firms", measure)
    rises("service_spending", measure)
    assert late("individuals_aware", measure) == late("individuals_aware")
    assert 0.4 < late("assisted_aware_before", measure) / late("assisted_firms", measure) < 0.8

    def of_smes(code: int, name: str) -> float:
        return float(ledger(name, 1.0).flows_monthly[FROM + 12 :, code, :, SME].sum())

    assert of_smes(L.IDEAS, measure) > of_smes(L.IDEAS, "none")
    assert of_smes(L.LOANS_SOUGHT, measure) > of_smes(L.LOANS_SOUGHT, "none")
    assert of_smes(L.OPPORTUNITIES, measure) > of_smes(L.OPPORTUNITIES, "none")


def test_talent_acts_after_years_and_transfer_offices_draw_from_others() -> None:
    path = ledger("ip_talent").gauges["talent_stock"]
    lag = int(schema.primitives()["talent.lag_months"].value)
    assert (path[: FROM + lag] == 1.0).all() and path[-1] > 1.001
    rises("talent_transfer", "ip_talent")
    before = ledger("ip_talent").gauges["talent_office"][FROM + lag - services.HALF_YEAR]
    assert before < 1.0
    falls("transfer_staff_load", "ip_talent")


def test_culture_raises_norms_slowly() -> None:
    rises("norm_level", "ip_culture")
    one, none = ledger("ip_culture", 2.0).gauges["norm_level"], ledger().gauges["norm_level"]
    gain = one[FROM:] / none[FROM:] - 1.0
    assert gain[6] < 0.01 < gain[-1] and (np.diff(gain[::6]) >= 0).all()
    assert flow(L.FILED_BAD, "ip_culture", 2.0) < flow(L.FILED_BAD)


def test_rules_of_the_new_field_refuse_less_that_is_sound_and_draw_filings() -> None:
    measure = "new_field_protection"
    filed = [flow(new_field.FILED), *(flow(new_field.FILED, measure, strength) for strength in STRENGTHS)]
    held = [flow(new_field.HELD_BACK), *(flow(new_field.HELD_BACK, measure, strength) for strength in STRENGTHS)]
    assert filed[-1] > filed[0] and held[-1] < held[0]
    rate = [flow(new_field.SOUND_REFUSED, name, x) / flow(new_field.EXAMINED, name, x)
            for name, x in (("none", 1.0), (measure, 2.0))]  # fmt: skip
    assert rate[1] < rate[0]
    assert flow(new_field.FILED, measure, rights=slice(INVENTION + 1, None)) == 0.0


GOVERNANCE = {
    "bad_faith_filing_governance", "malicious_trademark_governance", "good_faith_duty", "agency_rectification",
    "agency_supervision", "trademark_law_2019", "trademark_filing_rules",
}  # fmt: skip


def test_enforcement_crowds_norms_in_and_its_absence_erodes_them() -> None:
    """Where governance never came, more bad faith is seen than it left, and the norm is lower."""
    lax = run(paths([entry for entry in history() if entry.measure not in GOVERNANCE]), SCALE, 31, 96)

    def of_the_last_year(name: str) -> list[float]:
        return [one.gauges[name][84:96].mean() for one in (lax, ledger())]

    seen, norm = of_the_last_year("perceived_bad_share"), of_the_last_year("norm_level")
    assert seen[0] > seen[1] and norm[0] < norm[1]


def test_every_measure_is_in_the_schema_with_its_side_effects() -> None:
    for name in MEASURES:
        assert schema.measures()[name].moves and schema.measures()[name].side_effects
