"""Whatever feasible values the primitives take, a run ends, conserves every right and keeps every count sane."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from books import assert_filings_balance, assert_rights_balance
from harness import digest, history, paths, run
from ipplan import ledger as L
from ipplan import schema
from ipplan.ledger import Ledger
from ipplan.levers import Entry
from ipplan.system import READS

END = 15


def assert_conserves(ledger: Ledger) -> None:
    """Assert that filings and rights balance every month, and that gauges are finite."""
    assert_filings_balance(ledger)
    assert_rights_balance(ledger)
    assert ledger.stocks_monthly.min() >= 0
    for name, path in ledger.gauges.items():
        assert np.isfinite(path).all(), name


def inside(name: str, place: float) -> float:
    """A value of a primitive at a place in (0, 1) between its bounds."""
    item = schema.primitives()[name]
    low, high = item.bounds
    if item.scale == "switch":
        return float(round(place))
    value = low * (high / low) ** place if item.scale == "log" and low > 0 else low + (high - low) * place
    return float(np.clip(value, np.nextafter(low, high), np.nextafter(high, low)))


def heavy(name: str) -> bool:
    """Say whether this primitive at its upper bound would only make the run larger."""
    return (
        name.endswith("ideas_per_year")
        or "ideas_per_year." in name
        or name.startswith(
            (
                "start.in_force.",
                "start.docket.",
                "fabrication.opportunities_per_year.",
                "fabrication.batch",
                "start.filings",
            )
        )
    )


@pytest.mark.filterwarnings("error")  # nothing overflows, nothing is divided by zero
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32 - 1))
def test_any_feasible_world_keeps_its_books(seed: int) -> None:
    rng = np.random.default_rng(seed)
    places = rng.beta(0.3, 0.3, len(schema.primitives()))  # mostly near one bound or the other
    values = {name: inside(name, place * (0.5 if heavy(name) else 1.0))
              for name, place in zip(sorted(schema.primitives()), places, strict=True)}  # fmt: skip
    assert_conserves(run(paths(history(), values), 1 / 10_000, seed, END))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("place", [0.0, 1.0])
def test_every_primitive_at_the_same_bound(place: float) -> None:
    values = {name: inside(name, min(place, 0.3) if heavy(name) else place) for name in schema.primitives()}
    assert_conserves(run(paths((), values), 1 / 10_000, 1, END))


def test_all_measures_at_once_at_full_strength() -> None:
    plan = [Entry(name, 1, None, 1.5) for name in schema.measures()]
    assert_conserves(run(paths((*history(), *plan)), 1 / 10_000, 1, 40))


@pytest.mark.parametrize("end", [1, 2, 11, 12, 13])
def test_short_horizons_are_prefixes_of_longer_ones(end: int) -> None:
    """What happens in a month does not depend on how much longer the run goes on."""
    short, long = run(paths(history()), 1 / 5000, 4, end), run(paths(history()), 1 / 5000, 4, 20)
    np.testing.assert_array_equal(short.flows_monthly, long.flows_monthly[:end])
    np.testing.assert_array_equal(short.stocks_monthly, long.stocks_monthly[:end])
    np.testing.assert_array_equal(short.waits, long.waits[:end])


def test_every_primitive_is_read_by_some_phase() -> None:
    """A primitive that nobody reads would be a lever that moves nothing."""
    from ipplan.phases.renewal import TABLE_READS
    from ipplan.start.reads import TRAITS

    names = {*TRAITS, *TABLE_READS, *(read for phase in READS.values() for read in phase)}
    covered = {name for name in schema.primitives() if name in names or f"{name.rsplit('.', 1)[0]}.*" in names}
    assert sorted(set(schema.primitives()) - covered) == []


def test_v14_without_bad_faith_governance_changes_grants_only_by_false_flags() -> None:
    """No occasions, and a threshold no honest filing passes: the campaign changes no count at all."""
    none = {name: inside(name, 0.0) for name in schema.primitives() if name.startswith("fabrication.opportunities")}
    blind = {**none, "screening.threshold": 4.999, "screening.discrimination": 0.101}
    plan = [Entry("bad_faith_filing_governance", 3, None, 1.5)]
    with_plan, without = run(paths(plan, blind), 1 / 3000, 2, 24), run(paths((), blind), 1 / 3000, 2, 24)
    flows = with_plan.flows_monthly
    assert flows[:, L.FILED_BAD].sum() < 0.001 * flows[:, L.FILED].sum()
    for flow in (L.FILED, L.GRANTED, L.FLAGGED):
        np.testing.assert_array_equal(flows[:, flow], without.flows_monthly[:, flow])
    # with a careless threshold only honest filers are hit
    careless = {**none, "screening.threshold": -0.5, "screening.capacity": 1.9e6}
    hit = run(paths((), careless), 1 / 3000, 2, 24)
    assert hit.flows_monthly[:, L.FLAGGED].sum() > 0.3 * hit.flows_monthly[:, L.FILED, :3].sum()
    assert hit.flows_monthly[:, L.GRANTED, :3].sum() < without.flows_monthly[:, L.GRANTED, :3].sum()
    assert digest(hit) != digest(without)
