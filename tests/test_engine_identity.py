"""Bit-identity: what may not matter does not matter, in no bit (test V1) - and what should matter does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import ipplan
from harness import call, digest, history, owners, paths, run, system, theta
from ipplan import ledger as L
from ipplan import schema
from ipplan.agents.applicants import Applicants
from ipplan.levers import Entry
from ipplan.phases import invention
from ipplan.schema import Measure
from ipplan.world import FOREIGN, N_CELLS, TRADEMARK
from mechanisms import decide

SCALE, END = 1 / 5000, 24


@pytest.fixture(scope="module")
def reference() -> str:
    return digest(run(paths(history()), SCALE, 7, END))


@pytest.mark.parametrize(("blocks", "threads"), [(1, 1), (2, 1), (3, 2), (8, 1), (8, 2)])
def test_blocks_and_threads_change_no_bit(reference: str, blocks: int, threads: int) -> None:
    assert digest(run(paths(history()), SCALE, 7, END, blocks=blocks, threads=threads)) == reference


@pytest.mark.parametrize("before", [history(), ()], ids=["history", "no history"])
def test_with_every_measure_at_work_blocks_and_threads_change_no_bit(before: tuple[Entry, ...]) -> None:
    """Services, provinces and marks all write into tables of a month; without a history many are one slice."""
    all_on = paths((*before, *(Entry(name, 3, None, 1.5, build_up=3.0) for name in schema.measures())))
    one = digest(run(all_on, SCALE, 7, END))
    assert digest(run(all_on, SCALE, 7, END)) == one
    assert digest(run(all_on, SCALE, 7, END, blocks=8, threads=2)) == one


def test_lending_does_not_depend_on_blocks_and_threads() -> None:
    """Contracts are rare at this scale, so many firms seek one; some pledge rights that lie in another block."""
    many = paths(history(), {"finance.seek_rate": 0.6, "market.related_rate.sme": 0.01, "market.efficiency": 20.0})
    one = run(many, 1 / 2000, 7, END)
    contracts = one.flows_monthly[:, L.CONTRACTS_NEW].sum()
    assert contracts > 50 and one.flows_monthly[:, L.TRANSFERRED].sum() > 100
    for blocks, threads in ((3, 1), (8, 2)):
        assert digest(run(many, 1 / 2000, 7, END, blocks=blocks, threads=threads)) == digest(one)


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_the_hash_seed_of_the_process_changes_no_bit(reference: str, hash_seed: str) -> None:
    code = f"import harness as h; print(h.digest(h.run(h.paths(h.history()), {SCALE!r}, 7, {END})))"
    folders = [str(Path(__file__).parent), str(Path(ipplan.__file__).parents[1])]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(folders)}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == reference


def test_a_seed_repeats_itself_whatever_ran_before(reference: str) -> None:
    other = system(paths(), scale=1 / 9000, seed=8, end=6)
    first = system(paths(history()), SCALE, 7, END)
    other.run()
    while first.month < END:  # two models in one process, in turns
        first.step()
        if first.month == 3:
            system(paths(), scale=1 / 9000, seed=9, end=2).run()
    assert digest(first.run()) == reference


def test_another_seed_is_another_world(reference: str) -> None:
    ledgers = [run(paths(history()), SCALE, seed, END) for seed in (7, 8, 2**32 - 1)]
    assert digest(ledgers[0]) == reference
    assert len({digest(one) for one in ledgers}) == 3
    assert not np.array_equal(ledgers[0].stocks_start, ledgers[1].stocks_start)
    # two worlds agree in the large and share no month: correlation of what is left after the trend is small
    filed = [one.flows_monthly[:, L.FILED].sum(axis=2) for one in ledgers]
    assert not (filed[0] == filed[1]).mean() > 0.2


def test_measures_at_strength_zero_change_no_bit(reference: str) -> None:
    plan = [Entry(name, 3, None, 0.0) for name in schema.measures()]
    assert digest(run(paths((*history(), *plan)), SCALE, 7, END)) == reference
    assert digest(run(paths((*plan, *history())), SCALE, 7, END)) == reference


@pytest.mark.parametrize("name", sorted(schema.measures()))
def test_until_a_measure_is_announced_nothing_is_known_of_it(name: str) -> None:
    announced, end = 10, 15
    with_plan = run(paths([Entry(name, announced, None, 1.5)]), SCALE, 3, end)
    without = run(paths(), SCALE, 3, end)
    for column in ("flows_monthly", "stocks_monthly", "waits"):
        np.testing.assert_array_equal(getattr(with_plan, column)[:announced], getattr(without, column)[:announced])
    for gauge, path in with_plan.gauges.items():
        np.testing.assert_array_equal(path[:announced], without.gauges[gauge][:announced])


def test_a_strong_measure_does_change_the_months_after_it() -> None:
    plan = [Entry("bad_faith_filing_governance", 6, None, 1.5), Entry("subsidy_exit", 6, None, 1.5)]
    with_plan, without = run(paths(plan), SCALE, 3, 15), run(paths(), SCALE, 3, 15)
    assert not np.array_equal(with_plan.flows_monthly[7:], without.flows_monthly[7:])


def own_measure(primitive: str, effect: float) -> dict[str, Measure]:
    return {"own": Measure.model_validate({
        "id": "own", "title": {"en": "Own", "zh": "自定"}, "source": "test",
        "moves": [{"primitive": primitive, "channel": "own", "effect": effect, "range": (effect, effect),
                   "evidence": "none", "known_from": "2017-01", "status": "assumed", "primitives": (primitive,)}],
    })}  # fmt: skip


def test_a_measure_for_applicants_who_are_not_there_is_a_placebo(reference: str) -> None:
    """Test V26: foreign applicants live abroad, none in the first province."""
    local = [
        name for name, measure in schema.measures().items()
        if measure.moves
        and all(schema.primitives()[p].scope == "cell" for move in measure.moves for p in move.primitives)
    ]  # fmt: skip
    plan = [Entry(name, 0, None, 1.0, provinces=frozenset({0}), applicants=frozenset({FOREIGN})) for name in local]
    assert len(plan) >= 10
    assert digest(run(paths((*history(), *plan)), SCALE, 7, END)) == reference


def test_an_unrelated_measure_disturbs_nobody_elses_draws() -> None:
    """The renewal of marks in bad faith touches nothing about patents, and no filing."""
    plan = paths([Entry("own", 2, None, 1.0)], own=own_measure("renewal.trademark_keep_bad", 0.3))
    one, two = run(plan, 1 / 2000, 5, 30), run(paths(), 1 / 2000, 5, 30)
    changed = (one.flows_monthly != two.flows_monthly).any(axis=(0, 3))
    assert changed[L.LAPSED, TRADEMARK]
    assert not changed[:, :TRADEMARK].any()
    touched = {L.FLOWS[flow] for flow in np.flatnonzero(changed[:, TRADEMARK])}
    assert touched <= {"lapsed", "renewals_due", "invalidated", "squatters_met", "nonuse_requested", "nonuse_granted"}
    np.testing.assert_array_equal(one.waits, two.waits)
    for gauge, path in one.gauges.items():
        np.testing.assert_array_equal(path, two.gauges[gauge])


def appended(table: Applicants) -> Applicants:
    return Applicants(**{name: np.concatenate([column, column[-1:]]) for name, column in table._asdict().items()})


def arrivals(people: Applicants, seed: int, month: int) -> NDArray[np.int64]:
    n = 200_000
    hits = [np.empty(n, np.int32), np.empty(n, np.uint8), np.empty(n, np.int32)]
    rates = np.full((4, N_CELLS), 800.0)
    found, _ = call(
        invention.arrivals, seed=seed, month=month, low=0, high=len(people), owners=people, rates=rates,
        per_occasion=1, lots=np.zeros(1, invention.LOTS), hit_owner=hits[0], hit_stream=hits[1],
        hit_number=hits[2],
    )  # fmt: skip
    assert 500 < found < n
    return np.array([column[:found] for column in hits]).T.astype(np.int64)


def test_one_more_applicant_leaves_the_others_their_arrivals() -> None:
    people = system(paths(), SCALE, 7, 1).applicants
    more = appended(people)
    for month in (0, 11, 160):
        old, new = arrivals(people, 7, month), arrivals(more, 7, month)
        np.testing.assert_array_equal(old, new[new[:, 0] < len(people)])
        assert not np.array_equal(old, arrivals(people, 8, month))


@pytest.mark.parametrize("stream", range(4))
def test_what_an_applicant_files_does_not_depend_on_who_else_does(stream: int) -> None:
    rng = np.random.default_rng(1)
    columns = {"integrity": rng.standard_normal(400), "capability": rng.standard_normal(400)}
    alone = {name: column[:300] for name, column in columns.items()}
    table = theta("filing")
    few, _ = decide(owners(300, 1, **alone), table, stream, month=4, number=2)
    many, _ = decide(owners(400, 1, **columns), table, stream, month=4, number=2)
    n, m = int(few.book[0]), int(many.book[0])
    assert 0 < n < m
    shared = many.filings[:m][many.filings["owner"][:m] < 300]
    np.testing.assert_array_equal(few.filings[:n], shared)
