"""The plan with evidenced measures only: what is left out, and that the result says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ipplan import schema
from ipplan.analysis.study.findings import Effect
from ipplan.cli import main
from ipplan.errors import InputError
from ipplan.report.grounds import belief
from ipplan.runs import BASELINE, EVIDENCED, PLAN, Batch, Done, run_key
from ipplan.scenario import Resolved, load, resolve
from ipplan.schema.evidence import grounds

FIFTEENTH = Path(__file__).parents[1] / "scenarios" / "fifteenth_plan.toml"
PLAN_TEXT = """
title = "Two measures"
to = "2022-01"
baseline = "baseline"
scale = "1/10000"
replicates = 2
evidenced = true
[[measures]]
measure = "brics_cooperation"
from = "2019-01"
"""


def small(folder: Path, text: str = PLAN_TEXT) -> Path:
    (folder / "baseline.toml").write_text('title = "Base"\nto = "2022-01"\n')
    (folder / "plan.toml").write_text(text)
    return folder / "plan.toml"


def planned(resolved: Resolved) -> set[str]:
    return {one.entry.measure for one in resolved.schedule if one.entry.origin == "plan"}


def test_only_measures_with_evidence_are_left_and_history_stays() -> None:
    plan = resolve(load(FIFTEENTH))
    part = plan.with_evidence_only()
    assert planned(part) and planned(part) - planned(plan) <= {"subsidy_exit", "utility_model_check"}
    assert all(grounds(schema.measures()[name]).evidenced for name in planned(part))
    assert not grounds(schema.measures()["prefiling_evaluation"]).evidenced
    assert "prefiling_evaluation" not in planned(part) and "rights_quality" not in planned(part)
    history = [one for one in plan.schedule if one.entry.origin == "history"]
    assert [one for one in part.schedule if one.entry.origin == "history"] == history


def test_a_plan_without_any_evidence_is_its_baseline_bit_for_bit(tmp_path: Path) -> None:
    resolved = resolve(load(small(tmp_path)))
    batch = Batch(resolved, 1)
    assert batch.runs == (BASELINE, PLAN, EVIDENCED)
    frames = {(done.run, done.replicate): done.frame for done in batch if isinstance(done, Done)}
    assert len(frames) == 6
    for replicate in range(2):
        one, none = frames[EVIDENCED, replicate], frames[BASELINE, replicate]
        np.testing.assert_array_equal(one.monthly, none.monthly)


def test_it_is_part_of_the_key_and_of_the_echo(tmp_path: Path) -> None:
    resolved = resolve(load(small(tmp_path)))
    assert run_key(resolved) != run_key(replace(resolved, evidenced=False))
    (tmp_path / "again.toml").write_text(resolved.to_toml())
    assert resolve(load(tmp_path / "again.toml")).evidenced


def test_the_summary_shows_both_and_lists_what_has_no_evidence_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = PLAN_TEXT.replace("evidenced = true\n", "") + (
        '[[measures]]\nmeasure = "bilateral_cooperation"\nfrom = "2019-01"\n'
        '[[measures]]\nmeasure = "trademark_filing_rules"\nfrom = "2019-01"\n'
        '[[measures]]\nmeasure = "agency_rectification"\nfrom = "2019-01"\n')
    arguments = ["run", str(small(tmp_path, text)), "--evidenced", "--no-figures", "--out", str(tmp_path / "run")]
    assert main(arguments) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "The plan with evidenced measures only, beside all" in out and "if these assumptions hold" in out
    without = "Without any evidence: bilateral_cooperation, brics_cooperation, trademark_filing_rules."
    assert without in out
    assert "evidenced" in (tmp_path / "run" / "annual.csv").read_text()
    assert out.index("agency_rectification") < out.index("bilateral_cooperation")


def test_it_needs_a_baseline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = small(tmp_path, PLAN_TEXT.replace('baseline = "baseline"\n', ""))
    with pytest.raises(InputError, match="nothing to compare with"):
        load(path)
    assert main(["run", str(tmp_path / "baseline.toml"), "--evidenced"]) == 2
    assert "has no baseline" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("effect", "words"),
    [((2.0, 1.5, 2.5, "holds"), "5 times"), ((2.0, -1.0, 5.0, "not seen"), "not clear of zero"),
     ((-2.0, -2.5, -1.5, "contrary"), "against its sign")],
)  # fmt: skip
def test_what_one_would_have_to_believe(effect: tuple[float, float, float, str], words: str) -> None:
    measure = schema.measures()["brics_cooperation"]
    first = measure.expects[0].indicator
    value, low, high, verdict = effect
    one = Effect(measure.id, 1.0, first, "+", 2024, 2027, 1000.0, value, low, high, 8, verdict)
    assert words in belief(measure, {first: one})
    assert belief(measure, {}) == "not studied yet"
