"""Keys, seeds and batches: what decides the numbers, and nothing else."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness import digest
from ipplan.levers import PrimitivePaths
from ipplan.phases import stakes
from ipplan.runs import Batch, Done, Failed, batch, replicate_seed, run_key, simulate
from ipplan.runs.code import code_hash
from ipplan.runs.manifest import command
from ipplan.scenario import Resolved, load, resolve
from ipplan.system import IPSystem, Settings

SMALL = {"scale": "1/10000", "replicates": "2", "to": "2018-01"}
PLAN = '''
title = "Plan"
to = "2019-01"
baseline = "base"
seed = 5
[[measures]]
measure = "bad_faith_filing_governance"
from = "2017-07"
strength = 1.5
'''


@pytest.fixture
def plan(tmp_path: Path) -> Resolved:
    (tmp_path / "base.toml").write_text('title = "Base"\nto = "2019-01"\n')
    (tmp_path / "plan.toml").write_text(PLAN)
    return resolve(load(tmp_path / "plan.toml", SMALL))


def test_replicate_seeds_are_distinct_and_stable() -> None:
    seeds = [replicate_seed(7, r) for r in range(100_000)]
    assert len(set(seeds)) == len(seeds)
    assert seeds[:3] == [replicate_seed(7, r) for r in range(3)]
    assert not set(seeds[:1000]) & {replicate_seed(8, r) for r in range(1000)}
    assert all(0 <= seed < 2**32 for seed in seeds)
    assert abs(np.mean(seeds) / 2**31 - 1) < 0.01


def test_the_key_sees_what_decides_numbers_and_only_that(plan: Resolved, tmp_path: Path) -> None:
    def key(text: str, name: str = "plan.toml", **overrides: str) -> str:
        (tmp_path / name).write_text(text)
        return run_key(resolve(load(tmp_path / name, SMALL | overrides)))

    first = run_key(plan)
    assert len(first) == 32
    assert key(PLAN) == first
    assert key("# a comment\n" + PLAN, "copy.toml") == first
    assert key(PLAN.replace("strength = 1.5", "strength = 1.4")) != first
    assert key(PLAN.replace("seed = 5", "seed = 6")) != first
    assert key(PLAN + '[primitives]\n"agencies.fee" = { value = 1234, unit = "yuan" }\n') != first
    assert key(PLAN.replace('baseline = "base"', "")) != first
    for change in ({"scale": "1/9999"}, {"replicates": "3"}, {"to": "2018-02"}):
        assert key(PLAN, **change) != first
    (tmp_path / "base.toml").write_text('title = "Base"\nto = "2019-01"\nhistory_without = ["13th"]\n')
    assert key(PLAN) != first


def test_the_code_hash_is_that_of_the_sources() -> None:
    assert code_hash() == code_hash.__wrapped__()
    assert len(code_hash()) == 32


def test_the_command_says_every_setting(plan: Resolved) -> None:
    text = command(plan, Path("a folder") / "plan.toml")
    assert text.endswith("--scale 1/10000 --replicates 2 --seed 5 --to 2018-01")
    assert "'" in text


def test_results_do_not_depend_on_workers(plan: Resolved) -> None:
    def run(workers: int) -> list[Done]:
        outcomes = list(Batch(plan, workers))
        assert all(isinstance(outcome, Done) for outcome in outcomes)
        return [outcome for outcome in outcomes if isinstance(outcome, Done)]

    alone, several = run(1), run(4)
    assert [(one.run, one.replicate) for one in alone] == [
        ("baseline", 0), ("plan", 0), ("baseline", 1), ("plan", 1)]
    for one, other in zip(alone, several, strict=True):
        for array in ("monthly", "annual", "provincial"):
            np.testing.assert_array_equal(getattr(one.frame, array), getattr(other.frame, array))
    first = simulate(plan, replicate_seed(5, 0))
    np.testing.assert_array_equal(first.monthly, alone[1].frame.monthly)


@pytest.mark.parametrize("history", ["history", "none"])
def test_replicates_share_tables_and_no_run_writes_on_those_of_another(tmp_path: Path, history: str) -> None:
    """What phases make of tables (services, deals on paper, evaluation by counts) stays in the run that made it."""
    (tmp_path / "plan.toml").write_text(
        f'title = "Plan"\nto = "2019-01"\nhistory = "{history}"\n'
        '[[measures]]\nmeasure = "public_service_standards"\nfrom = "2017-03"\n'
        '[[measures]]\nmeasure = "transformation_mechanisms"\nfrom = "2017-03"\n')
    resolved = resolve(load(tmp_path / "plan.toml", {"scale": "1/5000"}))
    shared, ledgers = resolved.paths(), []
    for paths in (PrimitivePaths(resolved.entries(), resolved.overrides), shared, shared, shared):
        system = IPSystem(Settings(paths, 1 / 5000, 3, 24))
        for name, table in system.tables.items():
            expected = table.scheduled(0).copy()
            if name == "filing":  # one row says what dated drivers make of it
                expected[stakes.FOR_STATUS] = system.for_status[0]
            np.testing.assert_array_equal(table.at(0), expected, err_msg=name)
        ledgers.append(digest(system.run()))
    assert len(set(ledgers)) == 1


def test_a_plan_of_no_strength_is_its_baseline_bit_for_bit(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('title = "Base"\nto = "2019-01"\n')
    (tmp_path / "plan.toml").write_text(PLAN.replace("1.5", "0"))
    resolved = resolve(load(tmp_path / "plan.toml", SMALL | {"replicates": "1"}))
    baseline, plan = (outcome.frame for outcome in Batch(resolved) if isinstance(outcome, Done))
    np.testing.assert_array_equal(baseline.monthly, plan.monthly)
    np.testing.assert_array_equal(baseline.provincial, plan.provincial)


def test_nothing_differs_before_a_measure_starts(plan: Resolved) -> None:
    baseline, later = (outcome.frame for outcome in Batch(replace(plan, replicates=1)) if isinstance(outcome, Done))
    np.testing.assert_array_equal(baseline.monthly[:, :6], later.monthly[:, :6])
    assert not np.array_equal(baseline.monthly, later.monthly, equal_nan=True)


def test_a_failed_run_is_reported_and_the_rest_goes_on(plan: Resolved, monkeypatch: pytest.MonkeyPatch) -> None:
    real, bad = batch.simulate, replicate_seed(5, 1)

    def sometimes(resolved: Resolved, seed: int, *rest: object) -> object:
        if seed == bad:
            raise FloatingPointError("went\nwrong")
        return real(resolved, seed, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(batch, "simulate", sometimes)
    outcomes = list(Batch(replace(plan, replicates=3), 2))
    assert [(type(one), one.replicate) for one in outcomes] == [
        (Done, 0), (Done, 0), (Failed, 1), (Failed, 1), (Done, 2), (Done, 2)]
    assert isinstance(outcomes[2], Failed)
    assert outcomes[2].reason == "FloatingPointError: went\\x0awrong"


def test_a_run_whose_process_dies_is_reported_and_the_rest_goes_on(
    plan: Resolved, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, bad = batch.simulate, replicate_seed(5, 1)

    def sometimes(resolved: Resolved, seed: int, *rest: object) -> object:
        if seed == bad:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(resolved, seed, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(batch, "simulate", sometimes)
    outcomes = list(Batch(replace(plan, replicates=3), 2))
    assert [(type(one), one.replicate) for one in outcomes] == [
        (Done, 0), (Done, 0), (Failed, 1), (Failed, 1), (Done, 2), (Done, 2)]


def test_months_are_told(plan: Resolved) -> None:
    told: list[int] = []
    simulate(plan, 1, tick=told.append)
    assert told == [1] * plan.months
    ensemble = Batch(plan, 2)
    assert ensemble.simulated == 0
    assert len(list(ensemble)) == 4
    assert ensemble.simulated == ensemble.months


def test_small_runs_go_side_by_side_and_a_large_one_takes_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "_free_memory", lambda: 6e9)
    assert batch.side_by_side(0.001, 32, 4) == (4, 1)
    assert batch.side_by_side(0.001, 1, 4) == (1, 4)
    assert batch.side_by_side(1.0, 2, 4) == (1, 4)
