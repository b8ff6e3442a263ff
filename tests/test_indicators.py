"""Indicators are counted right: against sums written out by hand, and against the series they claim to be."""

from __future__ import annotations

import numpy as np
import pytest

from ipplan import data, schema
from ipplan.errors import InputError
from ipplan.indicators import NATION, IndicatorFrame, definitions, evaluate, tidy
from ipplan.indicators.definition import COUNTED, Term, define, define_all, parse_expression
from ipplan.ledger import FLOWS, STOCKS, WAIT_LANES, Ledger
from ipplan.world import KINDS, N_KINDS, N_PROVINCES, RIGHTS

MONTHS = 30
"""Two complete years and half a year."""


def make_ledger(end: int = MONTHS, scale: float = 0.01, seed: int = 1) -> Ledger:
    """A ledger of random counts whose months and years agree."""
    rng = np.random.default_rng(seed)
    ledger = Ledger(end, scale)
    years = len(ledger.flows_yearly)
    cells = rng.integers(0, 40, (years * 12, *ledger.flows_yearly.shape[1:]))
    cells[end:] = 0
    by_kind = cells.reshape(*cells.shape[:3], -1, N_KINDS).sum(axis=3)
    ledger.flows_monthly[:] = by_kind[:end]
    ledger.flows_yearly[:] = cells.reshape(years, 12, *cells.shape[1:]).sum(axis=1)
    stocks = rng.integers(1, 90, (end, *ledger.stocks_yearly.shape[1:]))
    ledger.stocks_monthly[:] = stocks.reshape(*stocks.shape[:3], -1, N_KINDS).sum(axis=3)
    for year in range(years):
        ledger.stocks_yearly[year] = stocks[min(12 * year + 11, end - 1)]
    ledger.waits[:] = rng.integers(0, 9, ledger.waits.shape)
    for values in ledger.gauges.values():
        values[:] = rng.random(end)
    return ledger


POPULATION = np.linspace(1400.0, 1410.0, MONTHS)


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return make_ledger()


@pytest.fixture(scope="module")
def frame(ledger: Ledger) -> IndicatorFrame:
    return evaluate(ledger, POPULATION)


def test_ids_and_units_are_those_of_the_data() -> None:
    for name, item in definitions().items():
        assert item.definition.endswith("."), name
        assert item.source, name
        if name in data.series():
            assert item.unit == data.series()[name].unit, name


def test_every_latent_twin_has_an_official_figure() -> None:
    for item in definitions().values():
        if item.beside:
            assert item.view == "latent", item.id
            assert definitions()[item.beside].view == "official", item.id


def test_names_of_the_ledger_are_unique() -> None:
    assert len(set(COUNTED)) == len(COUNTED)


def test_flow(ledger: Ledger, frame: IndicatorFrame) -> None:
    filed = ledger.flows_monthly[:, FLOWS.index("filed"), RIGHTS.index("invention")]
    np.testing.assert_array_equal(frame.by_month("applications_invention"), filed.sum(axis=1) * 100.0)
    abroad = filed[:24, KINDS.index("foreign")].reshape(2, 12).sum(axis=1)
    np.testing.assert_array_equal(frame.by_year("applications_invention_foreign"), abroad * 100.0)
    np.testing.assert_array_equal(
        frame.by_year("applications_invention_domestic"), filed[:24, :5].reshape(2, -1).sum(axis=1) * 100.0
    )
    np.testing.assert_array_equal(frame.by_month("applications_invention", "applicant:sme"), filed[:, 1] * 100.0)


def test_incomplete_years_are_left_out(ledger: Ledger, frame: IndicatorFrame) -> None:
    assert frame.years == (2017, 2018)
    assert frame.annual.shape == (len(frame.keys), 2)
    later = evaluate(ledger, POPULATION, range(3, 28))
    assert later.years == (2018,)
    assert later.monthly.shape[1] == 25
    np.testing.assert_array_equal(later.by_year("grants_invention"), frame.by_year("grants_invention")[1:])
    np.testing.assert_array_equal(later.by_month("grants_invention"), frame.by_month("grants_invention")[3:28])


def test_stock_is_that_of_december(ledger: Ledger, frame: IndicatorFrame) -> None:
    in_force = ledger.stocks_monthly[:, STOCKS.index("in_force"), 0]
    np.testing.assert_array_equal(frame.by_year("valid_inventions_mainland"), in_force[[11, 23], :5].sum(1) * 100.0)
    np.testing.assert_array_equal(frame.by_year("valid_inventions_foreign"), in_force[[11, 23], 5] * 100.0)
    per_head = in_force[:, :5].sum(axis=1) * 100.0 / (POPULATION * 1e6) * 1e4
    np.testing.assert_allclose(frame.by_month("inventions_per_10k"), per_head, rtol=1e-14)


def test_a_rate_is_the_ratio_of_annual_sums(ledger: Ledger, frame: IndicatorFrame) -> None:
    def year(name: str) -> np.ndarray:
        return ledger.flows_monthly[:24, FLOWS.index(name), :3].reshape(2, -1).sum(axis=1)

    np.testing.assert_allclose(frame.by_year("governance_precision"), 100 * year("flagged_bad") / year("flagged"))
    np.testing.assert_allclose(frame.by_year("governance_recall"), 100 * year("flagged_bad") / year("filed_bad"))
    gap = 100 * (year("filed_bad") - year("flagged_bad")) / year("filed")
    np.testing.assert_allclose(frame.by_year("detection_gap"), gap)
    np.testing.assert_allclose(frame.by_year("quality_of_grants"), year("quality_granted") / year("granted") / 1024)


def test_a_flow_over_a_stock_takes_the_last_twelve_months(ledger: Ledger, frame: IndicatorFrame) -> None:
    flow = ledger.flows_monthly[:, FLOWS.index("licensed"), 0, :5].sum(axis=1)
    stock = ledger.stocks_monthly[:, STOCKS.index("in_force"), 0, :5].sum(axis=1)
    months = frame.by_month("licences_per_100_inventions")
    assert np.isnan(months[:11]).all()
    np.testing.assert_allclose(months[20], 100 * flow[9:21].sum() / stock[20])
    np.testing.assert_allclose(frame.by_year("licences_per_100_inventions"), months[[11, 23]])
    done = ledger.flows_monthly[:, FLOWS.index("concluded"), 0].sum(axis=1)
    docket = ledger.stocks_monthly[:, STOCKS.index("pending_exam"), 0].sum(axis=1)
    backlog = frame.by_month("invention_backlog_months")
    np.testing.assert_allclose(backlog[25], 12 * docket[25] / done[14:26].sum())


def test_waits_pool_cases(ledger: Ledger, frame: IndicatorFrame) -> None:
    lanes = [WAIT_LANES.index(lane) for lane in ("fast", "priority", "normal", "deferred")]
    for year in (0, 1):
        cases = ledger.waits[12 * year : 12 * year + 12, lanes].sum(axis=(0, 1))
        waits = np.repeat(np.arange(len(cases)), cases)
        assert frame.by_year("invention_pendency_months")[year] == pytest.approx(waits.mean(), rel=1e-12)
        assert frame.by_year("invention_pendency_p90")[year] == np.quantile(waits, 0.9, method="inverted_cdf")
    fast = np.repeat(np.arange(160), ledger.waits[5, 0])
    assert frame.by_month("invention_pendency_months", "lane:fast")[5] == pytest.approx(fast.mean())


def test_gauges_over_a_year(ledger: Ledger, frame: IndicatorFrame) -> None:
    gauges = ledger.gauges
    assert frame.by_year("patent_agencies")[1] == gauges["agencies"][23]
    assert frame.by_year("agency_licences_revoked")[0] == pytest.approx(gauges["agencies_revoked"][:12].sum())
    assert frame.by_year("belief_detection_patent")[0] == pytest.approx(100 * gauges["belief_patent"][:12].mean())


def test_breakdowns_add_up(frame: IndicatorFrame) -> None:
    for item in definitions().values():
        if item.kind not in ("flow", "stock"):
            continue
        for group in item.groups:
            parts = [frame.by_year(*key) for key in frame.keys if key[0] == item.id and key[1].startswith(group)]
            np.testing.assert_allclose(np.sum(parts, axis=0), frame.by_year(item.id), rtol=1e-12, err_msg=item.id)


def test_provinces_and_abroad_add_up_to_the_nation(ledger: Ledger, frame: IndicatorFrame) -> None:
    provinces = frame.by_province("valid_inventions_mainland")
    cells = ledger.stocks_yearly[:2, STOCKS.index("in_force"), 0].reshape(2, N_PROVINCES + 1, N_KINDS)
    np.testing.assert_array_equal(provinces, cells[:, :31, :5].sum(axis=2) * 100.0)
    filed = ledger.flows_yearly[1, FLOWS.index("filed"), 0].reshape(-1, N_KINDS)
    assert frame.by_province("applications_invention")[1].sum() == filed[:31].sum() * 100.0
    assert "applications_invention_foreign" not in frame.provincial_keys
    per_head = frame.by_province("inventions_per_10k")[1]
    people = np.array([place.population_10k_2022 for place in data.provinces()])
    weighted = (per_head * people).sum() / people.sum()
    assert weighted == pytest.approx(provinces[1].sum() / (POPULATION[23] * 1e6) * 1e4)


def test_nothing_to_divide_by_is_not_a_number() -> None:
    ledger = make_ledger(12)
    ledger.flows_monthly[:, FLOWS.index("flagged")] = 0
    ledger.waits[:] = 0
    frame = evaluate(ledger, POPULATION[:12])
    for name in ("governance_precision", "invention_pendency_months", "invention_pendency_p90"):
        assert np.isnan(frame.by_year(name)).all()
    table = tidy(frame, "plan", 3)
    assert "governance_precision" not in set(table["indicator"].to_pylist()) or np.isfinite(
        table["value"].to_numpy()
    ).all()


def test_tidy_table(frame: IndicatorFrame) -> None:
    table = tidy(frame, "baseline", 7)
    assert table.column_names == ["run", "replicate", "month", "indicator", "province", "group", "value"]
    rows = table.to_pylist()
    assert {row["run"] for row in rows} == {"baseline"}
    assert {row["replicate"] for row in rows} == {7}
    found = {
        (row["month"], row["indicator"], row["province"], row["group"]): row["value"] for row in rows
    }  # fmt: skip
    assert len(found) == len(rows)
    assert found["2018-03", "grants_design", NATION, "all"] == frame.by_month("grants_design")[14]
    assert found["2018-12", "grants_design", "Guangdong", "all"] == frame.by_province("grants_design")[1, 18]
    assert {key[0] for key in found if key[2] != NATION} == {"2017-12", "2018-12"}


def row(**keys: object) -> schema.Indicator:
    base = {"id": "x", "title": {"en": "X", "zh": "X"}, "unit": "patents", "kind": "flow", "count": "filed"}
    return schema.Indicator.model_validate({**base, **keys})


def test_expressions() -> None:
    assert parse_expression("filed", "here") == (Term("filed"),)
    assert parse_expression("-filed(invention) + granted( patents , domestic )", "here") == (
        Term("filed", "invention", sign=-1),
        Term("granted", "patents", "domestic"),
    )


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"count": "file(invention)"}, "'file' is no flow or stock of the ledger. Did you mean 'filed'?"),
        ({"count": "filed(inventions)"}, "Did you mean 'invention'?"),
        ({"count": "filed(invention, patents)"}, "one too many"),
        ({"count": "filed + in_force"}, "adds flows and stocks"),
        ({"count": "in_force"}, "the kind is flow, but 'in_force' is not a flow"),
        ({"count": "filed * 2"}, "is not terms like"),
        ({"count": "filed granted"}, "is not terms like"),
        ({"count": "__import__('os')"}, "is no flow or stock"),
        ({"count": ""}, "the expression is empty"),
        ({"kind": "flows"}, "Did you mean 'flow'?"),
        ({"numerator": "filed"}, "a flow has no key 'numerator'"),
        ({"kind": "ratio"}, "a ratio has no key 'count'"),
        ({"groups": ["owner"]}, "'owner' is no group"),
        ({"factor": -1}, "'factor' should be a number above zero"),
        ({"view": "true"}, "'true' is no view"),
    ],
)
def test_mistakes_are_said_in_one_sentence(keys: dict[str, object], said: str) -> None:
    with pytest.raises(InputError) as error:
        define(row(**keys))
    text = str(error.value)
    assert text.startswith("schema/indicators: indicator 'x': ")
    assert said in text
    assert "\n" not in text


def test_references_are_checked() -> None:
    with pytest.raises(InputError, match="'beside' names no indicator: 'y'"):
        define_all([row(view="latent", beside="y")])
