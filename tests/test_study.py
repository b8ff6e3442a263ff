"""The study of measures resumes after a kill, records failures, and finds what was put in."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from ipplan import clock, schema
from ipplan.analysis.compare import ratio_of_changes
from ipplan.analysis.study import findings, interactions, running, stored
from ipplan.analysis.study.design import OUTCOMES, STRENGTHS, base_id, kin, pair_id, pairs, singles
from ipplan.analysis.study.records import Records
from ipplan.analysis.study.running import Study, run
from ipplan.cli import main
from ipplan.errors import InputError
from ipplan.levers import COMBINERS
from ipplan.report import study as report
from ipplan.report.figures import interactions as picture
from ipplan.report.figures import style
from ipplan.schedule import history
from ipplan.schema import Expectation

TINY = Study(Fraction(1, 10_000), 2, clock.month("2022-01"), 1)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_killed_study_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    arms = singles(["trademark_fee_cut"], [1.0])
    first = Records(path, TINY.about())
    run(TINY, arms, first)
    first.close()
    whole = path.read_bytes()
    kept = whole.splitlines(keepends=True)[:3]
    path.write_bytes(b"".join(kept) + b'{"arm": "torn')  # killed while it wrote
    again = Records(path, TINY.about())
    assert len(again.done) == 2
    run(TINY, arms, again)
    again.close()
    assert sorted(path.read_bytes().splitlines()) == sorted(whole.splitlines())
    third = Records(path, TINY.about())
    run(TINY, arms, third)
    third.close()
    assert path.read_bytes().count(b"\n") == whole.count(b"\n")


def test_runs_of_other_code_or_size_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    Records(path, TINY.about()).close()
    with pytest.raises(InputError, match="--fresh drops them"):
        Records(path, {**TINY.about(), "scale": "1/5"})
    Records(path, {**TINY.about(), "scale": "1/5"}, fresh=True).close()


def test_a_run_that_fails_is_kept_with_its_reason_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, arms = tmp_path / "runs.jsonl", singles(["trademark_fee_cut"], [1.0])
    real, broken = running.simulate, TINY.seeds[1]

    def fails(world: object, seed: int, *rest: object, **more: object) -> object:
        if seed == broken:
            raise FloatingPointError("too hot")
        return real(world, seed, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "simulate", fails)
    records = Records(path, TINY.about())
    run(TINY, arms, records)
    assert set(records.failures.values()) == {"FloatingPointError: too hot"}
    assert len(records.failures) == len(records.done) == 2
    one = findings.effect(TINY, records, "trademark_fee_cut", 1.0, schema.measures()["trademark_fee_cut"].expects[0])
    assert one.replicates == 1 and one.effect > 0
    monkeypatch.setattr(running, "simulate", real)
    run(TINY, arms, records)
    assert not records.failures and len(records.done) == 4
    records.close()


def test_worlds_leave_out_what_is_studied_and_its_kin() -> None:
    assert kin(["rights_quality"]) >= {"subsidy_exit", "utility_model_check", "prefiling_evaluation"}
    base, *plans = singles(["subsidy_exit"])
    assert [arm.plan[0][1] for arm in plans] == list(STRENGTHS)
    assert "subsidy_exit" not in {entry.measure for entry in base.entries(168, history())}
    for arm in plans:
        assert arm.without == base.without
        plan = [entry for entry in arm.entries(168, history()) if entry.origin == "plan"]
        assert {entry.start for entry in plan} == {clock.month("2021-01")}
    ten = tuple(list(schema.measures())[:4])
    arms = pairs(ten)
    assert len(arms) == len(COMBINERS) * (1 + 4 + 6) and len({arm.id for arm in arms}) == len(arms)


def test_strengths_that_only_show_monotony_run_on_half_the_seeds() -> None:
    study = replace(TINY, replicates=16)
    base, *plans = singles(["subsidy_exit"])
    assert [len(study.seeds_of(arm)) for arm in (base, *plans)] == [16, 8, 8, 8, 16, 8]
    assert [len(study.seeds_of(arm)) for arm in singles(["subsidy_exit"], [1.5])] == [16, 16]
    assert all(study.seeds_of(arm) == study.seeds for arm in pairs(("subsidy_exit", "ip_culture")))


def test_what_is_contrary_without_a_reason_stands_first_and_is_counted() -> None:
    found = [findings.Effect(name, 1.0, indicator, sign, 2021, 2022, 100.0, value, value - 1, value + 1, 16, verdict)
             for name, indicator, sign, value, verdict in (
                 ("utility_model_check", "utility_model_pendency_months", "+", -2.0, findings.CONTRARY),
                 ("subsidy_exit", "secrecy_share", "+", -2.0, findings.CONTRARY),
                 ("subsidy_exit", "bad_faith_share", "-", 0.0, findings.UNMOVED))]  # fmt: skip
    about = {"scale": "1/1", "replicates": 16, "to": "2031-01", "command": "x", "code": "0" * 32}
    page = report.page(about, found, {}, [], [], [], {})
    assert "2 contrary, 1 of them not explained; 1 do not move." in page
    table = page.partition("## Violations")[2]
    assert table.index(report.NOT_EXPLAINED) < table.index("stands or falls")
    assert "`subsidy_exit` | Ideas kept secret" in page.partition("## Side effects")[2].partition("## Each")[0]


@pytest.mark.parametrize(
    ("lag", "years"),
    [((3, 24), [2021, 2022]), ((1, 5), [2021]), ((36, 84), [2024, 2025, 2026, 2027]), ((7, 9), [2021])],
)
def test_the_window_is_the_years_within_the_lag(lag: tuple[int, int], years: list[int]) -> None:
    assert findings.window(Expectation(indicator="x", sign="+", lag=lag), range(2021, 2031)) == years


@pytest.mark.parametrize(
    ("sign", "interval", "verdict"),
    [
        ("+", (0.1, 2.0), "holds"), ("-", (0.1, 2.0), "contrary"), ("-", (-2.0, -0.1), "holds"),
        ("+", (-0.1, 2.0), "not seen"), ("+/-", (-2.0, -0.1), "holds (down)"), ("0", (-1.0, 1.0), "holds"),
        ("0", (0.5, 1.0), "contrary"), ("+", (0.0, 0.0), "does not move"),
    ],
)  # fmt: skip
def test_verdicts(sign: str, interval: tuple[float, float], verdict: str) -> None:
    assert findings.verdict(sign, sum(interval) / 2, *interval) == verdict


def made_up(tmp_path: Path, names: tuple[str, ...]) -> Records:
    """Records in which two measures add, but the first two undo each other halfway."""
    records = Records(tmp_path / "runs.jsonl", {"made": "up"}, fresh=True)
    noise = np.random.default_rng(1)
    for seed in TINY.seeds:
        for combiner in COMBINERS:
            level = 100 + noise.normal()

            def put(arm: str, value: float, seed: int = seed) -> None:
                series = np.full(3, value)
                records.add(arm, seed, dict.fromkeys(OUTCOMES, series))

            put(base_id(kin(names), combiner), level)
            for place, name in enumerate(names):
                put(pair_id((name,), combiner), level + 10 + place)
            for one, two in combinations(range(len(names)), 2):
                lost = 4.0 if (one, two) == (0, 1) and combiner == "overlap" else 0.0
                both = level + 20 + one + two - lost + 1e-3 * noise.normal()
                put(pair_id((names[one], names[two]), combiner), both)
    return records


def test_a_share_of_what_is_not_there_without_the_measure_is_no_effect(tmp_path: Path) -> None:
    """Before there are data certificates none is for the record only: no number, and no error."""
    study = replace(TINY, end=clock.month("2025-01"))
    name, records = "data_ip_pilots", Records(tmp_path / "runs.jsonl", {"made": "up"}, fresh=True)
    expected = next(one for one in schema.measures()[name].expects if one.indicator == "data_paper_share")
    for seed in study.seeds:
        for arm, value in ((base_id(kin([name])), np.nan), (f"{name}@1", 40.0)):
            records.add(arm, seed, {expected.indicator: np.full(len(study.years), value)})
    one = findings.effect(study, records, name, 1.0, expected)
    records.close()
    assert (one.verdict, one.replicates) == (findings.UNDEFINED, 0) and np.isnan([one.effect, one.level]).all()


def test_interactions_are_what_was_put_in(tmp_path: Path) -> None:
    names = ("agency_supervision", "ip_finance_pilots", "wipo_cooperation")
    records = made_up(tmp_path, names)
    found = interactions.interactions(TINY, records, names)
    assert len(found) == len(COMBINERS) * 3 * len(OUTCOMES)
    for one in found:
        lost = (one.first, one.second, one.combiner) == (*names[:2], "overlap")
        assert one.interaction == pytest.approx(-4.0 if lost else 0.0, abs=0.02)
        assert one.verdict == "sub-additive" if lost else one.verdict in ("not seen", "sub-additive", "super-additive")
        assert one.together - one.first_alone - one.second_alone == pytest.approx(one.interaction)
    ranked = interactions.ranks(found, names)
    assert all(one.ranks == (3, 2, 1)[names.index(one.measure):][:1] * 3 for one in ranked)
    records.close()
    sheet = picture.draw(found, names, "made up")
    style.save(sheet, tmp_path / "pairs.png", "k3y", "ipplan measures study")
    assert (tmp_path / "pairs.png").stat().st_size > 10_000
    shown = [text.get_text() for axes in sheet.axes for text in axes.texts if len(text.get_text()) == 1]
    assert shown, "the pair that undoes itself is in the picture"
    about = {"scale": "1/1", "replicates": 2, "to": "2022-01", "command": "x", "code": "0" * 32}
    page = report.page(about, [], {}, [], found, ranked, {"arm, seed 1": "too hot"})
    assert "`agency_supervision` + `ip_finance_pilots`" in page and "arm, seed 1: too hot" in page
    stored.write(tmp_path, about, [], [], found, ranked)
    assert (tmp_path / stored.PAIRS).read_text().count("\n") == len(found) + 1


def test_a_ratio_of_changes_has_the_jackknifes_interval() -> None:
    target = np.array([2.0, 2.0, 2.0, 2.0])
    ratio, low, high = ratio_of_changes(target, -0.5 * target)
    assert (ratio, low, high) == (0.5, 0.5, 0.5)
    ratio, low, high = ratio_of_changes(target, np.array([-1.0, -0.5, -1.5, -1.0]))
    assert low < ratio < high and ratio == 0.5


def test_the_command_makes_a_study_and_coverage_reads_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "measures"
    size = ["--scale", "1/10000", "--seeds", "2", "--to", "2022-01"]
    arguments = ["measures", "study", *size, "--only", "trademark_fee_cut,trademark_filing_rules", "--out", str(out)]
    assert main(arguments) == 0
    kept = stored.read(out)
    assert kept is not None and kept.made_of() == "with this code"
    assert {one.measure for one in kept.effects} == {"trademark_fee_cut", "trademark_filing_rules"}
    page = (out / stored.TABLE).read_text(encoding="utf-8")
    for words in ("no evidence about the world", "## Placebos", "bit for bit | moves nothing", "No run failed"):
        assert words in page
    capsys.readouterr()
    assert main(["measures", "coverage", "--out", str(out), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 85
    for row in rows:
        known = row["measure"] in schema.measures()
        assert row["status"] == ("in the model" if known else "missing")
        assert not known or (row["moves"] and row["tests"] and row["effects"])


def test_a_study_that_is_stopped_says_what_it_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(study: Study, arms: object, records: Records, report: object) -> None:
        records.add("history", 1, {"x": np.zeros(3)})
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "run", stopped)
    arguments = ["measures", "study", "--only", "subsidy_exit", "--to", "2022-01", "--out", str(tmp_path)]
    assert main(arguments) == 130
    assert "1 runs are kept" in capsys.readouterr().err
    assert len((tmp_path / "runs.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["measures", "cover"], "Did you mean 'coverage'?"),
        (["measures", "study", "--only", "subsidy_exits"], "Did you mean 'subsidy_exit'?"),
        (["measures", "study", "--to", "2021-01"], "from 2022-01"),
        (["measures", "study", "--seeds", "0"], "--seeds"),
        (["measures", "study", "--scale", "2"], "--scale"),
    ],
)
def test_a_mistake_is_one_sentence(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1
