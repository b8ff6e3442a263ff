"""Output by province: gauges add up to the nation's, and nothing latent stands beside a named province."""

from __future__ import annotations

import numpy as np
import pytest

from harness import history, paths, run
from ipplan import drivers
from ipplan.indicators import IndicatorFrame, definitions, evaluate
from ipplan.ledger import GAUGES_BY_PROVINCE, Ledger
from ipplan.levers import Entry
from ipplan.world import N_PROVINCES

END = 37
SUMS = ("agencies", "agents", "banks_at_stop_line", "gi_products", "gi_users", "layout_issued", "layout_in_force",
        "data_issued", "data_in_force")  # fmt: skip
SUMS_OVER_YEAR = ("assisted_firms", "gi_output", "layout_registered", "data_financed")


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    plan = [Entry("plan_targets", 0, None, 1.0), Entry("data_ip_pilots", 0, None, 1.0),
            Entry("enterprise_assistance", 8, None, 1.0)]  # fmt: skip
    return run(paths((*history(), *plan)), 1 / 1000, 3, END)


@pytest.fixture(scope="module")
def frame(ledger: Ledger) -> IndicatorFrame:
    return evaluate(ledger, drivers.path("population", range(END)))


@pytest.mark.parametrize("name", SUMS)
def test_levels_add_up_to_the_nation_in_december(name: str, ledger: Ledger) -> None:
    nation = ledger.gauges[name][11::12]
    np.testing.assert_allclose(ledger.gauges_yearly[name][: len(nation)].sum(axis=1), nation, rtol=1e-9)
    assert nation[-1] > 0 or name == "banks_at_stop_line"


@pytest.mark.parametrize("name", SUMS_OVER_YEAR)
def test_sums_over_the_year_add_up_to_the_nation(name: str, ledger: Ledger) -> None:
    nation = ledger.gauges[name][:36].reshape(3, 12).sum(axis=1)
    np.testing.assert_allclose(ledger.gauges_yearly[name][:3].sum(axis=1), nation, rtol=1e-9)
    assert nation[-1] > 0


def test_means_and_shares_lie_around_the_nations(ledger: Ledger) -> None:
    for name in ("province_effort", "province_targets_reached"):
        nation = ledger.gauges[name][11:36:12]
        np.testing.assert_allclose(ledger.gauges_yearly[name][:3].mean(axis=1), nation, rtol=1e-9)
    for name in ("december_share", "admin_burden", "sme_borrowers"):
        here, nation = ledger.gauges_yearly[name][2], ledger.gauges[name][35]
        assert here.min() <= nation <= here.max() and here.max() > 0, name


def test_none_of_it_is_latent(frame: IndicatorFrame) -> None:
    views = {name: definitions()[name].view for name in frame.provincial_keys}
    assert set(views.values()) == {"official"}
    assert frame.provincial.shape == (len(views), 3, N_PROVINCES)
    gauges = {item.gauge for name, item in definitions().items() if name in views} - {""}
    assert gauges == set(GAUGES_BY_PROVINCE)


def test_every_theme_with_places_is_told_by_province(frame: IndicatorFrame) -> None:
    for name in ("ip_pledge_financing", "sme_loan_access", "court_patent_civil_first_received", "gi_direct_output",
                 "trademark_oppositions_filed", "overseas_invention_grants", "ip_royalties_imports", "admin_burden",
                 "patent_agencies", "province_effort", "brand_licences", "data_ip_certificates"):  # fmt: skip
        assert frame.by_province(name)[2].max() > 0, name
