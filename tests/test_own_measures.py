"""A planner's own measure works the same in every command: run, explain, list, study, coverage, evidence, echo."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ipplan import schema
from ipplan.analysis.study import stored
from ipplan.analysis.study.running import world_of
from ipplan.cli import main
from ipplan.cli.folder import basis
from ipplan.errors import InputError
from ipplan.scenario import load, resolve

OWN = """
title = "A guide for fees of marks"
to = "2022-01"
baseline = "baseline"
scale = "1/10000"
replicates = 2

[measure.mark_fee]
title = { en = "Dearer marks", zh = "商标费" }
source = "ours"
sentence = "Marks cost more."
adoption = "national"
target_group = "Owners of marks"
build_up = "2 months"
side_effects = "Small owners file less."

[[measure.mark_fee.moves]]
primitive = "filing.fee.trademark"
channel = "our fee"
effect = 1.0
range = [0.5, 1.5]
evidence = "a study of ours"
known_from = "2020-01"
status = "estimated"

[[measure.mark_fee.expects]]
indicator = "trademark_applications"
sign = "-"
lag = [1, 12]

[[measure.mark_fee.expects]]
indicator = "bad_faith_trademark_filings"
sign = "-"
lag = [1, 12]
side_effect = true
note = "Dearer for them too."

[[measure.mark_fee.costs]]
kind = "money"
what = "fees paid"
range = [1, 2]
unit = "100 million yuan a year"

[measure.hunch]
[[measure.hunch.moves]]
primitive = "agencies.fee"
channel = "hunch"
effect = 0.1
[[measure.hunch.expects]]
indicator = "patent_agencies"
sign = "+/-"
lag = [1, 12]

[[measures]]
measure = "mark_fee"
from = "2020-01"
strength = 0.5
[[measures]]
measure = "hunch"
from = "2020-01"
"""
TINY = ["--scale", "1/10000", "--seeds", "2", "--to", "2022-01"]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "baseline.toml").write_text('title = "Base"\nto = "2022-01"\n', encoding="utf-8")
    (tmp_path / "fees.toml").write_text(OWN, encoding="utf-8")
    return tmp_path / "fees.toml"


def told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(arguments) == 0
    return " ".join(capsys.readouterr().out.split())


def test_it_says_all_that_a_measure_of_the_model_says(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = told(["explain", "mark_fee", "--scenario", str(file)], capsys)
    for words in ("Dearer marks (商标费)", "What the plan says: Marks cost more.", "Owners of marks",
                  "A rule of the nation", "(trademark_applications): down, 1 to 12 months", "Dearer for them too.",
                  "Of this a run shows: bad_faith_trademark_filings",
                  "Money, fees paid: 1 to 2 x 100 million yuan a year",
                  "The effect, 1.00 log points, may lie between 0.50", "0 % of the push is assumed",
                  "Not studied yet"):
        assert words in out, words
    shown = json.loads(" ".join(told(["list", "measures", "--scenario", str(file), "--json"], capsys).split()))
    assert [row["id"] for row in shown] == [*schema.measures(), "mark_fee", "hunch"]
    assert [row["own"] for row in shown[-3:]] == [False, True, True]
    old, new = shown[-2]["moves"][0]["values"]["filing.fee.trademark"]
    assert new == pytest.approx(old * 2.718281828)
    assert [row["status"] for row in shown[-2:]] == ["estimated", "assumed"]


def test_what_it_says_survives_the_echo(file: Path, tmp_path: Path) -> None:
    one = resolve(load(file))
    (tmp_path / "again.toml").write_text(one.to_toml(), encoding="utf-8")
    again = resolve(load(tmp_path / "again.toml"))
    assert again.own_measures == one.own_measures
    assert world_of(again) == world_of(one) != ""


def test_only_what_has_evidence_counts_as_evidenced(file: Path) -> None:
    kept = resolve(load(file)).with_evidence_only()
    planned = {one.entry.measure for one in kept.schedule if one.entry.origin == "plan"}
    assert planned == {"mark_fee"}


def test_it_is_studied_and_the_commands_read_what_was_found(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = ["measures", "study", "--scenario", str(file), *TINY]
    assert "The study is in results/measures-fees" in told(study, capsys)
    found = stored.read(stored.own_home("fees"))
    assert found is not None and {one.measure for one in found.effects} == {"mark_fee", "hunch"}
    effect = found.central("mark_fee")["trademark_applications"]
    assert effect.effect < 0 and effect.replicates == 2
    page = (found.folder / stored.TABLE).read_text(encoding="utf-8")
    assert "| `mark_fee` |" in page.partition("## Side effects that can be seen")[2].partition("## Each measure")[0]
    rows = json.loads(told(["measures", "coverage", "--scenario", str(file), "--json"], capsys))
    assert [row["measure"] for row in rows] == ["mark_fee", "hunch"]
    assert rows[0]["effects"]["trademark_applications"]["measured"].startswith(("−", "-"))
    assert "with this code" in told(["explain", "mark_fee", "--scenario", str(file)], capsys)
    assert any(one.effects for one in basis(resolve(load(file))))
    file.write_text(OWN.replace("effect = 1.0", "effect = 0.9"), encoding="utf-8")
    assert "another version of your measures" in told(["explain", "mark_fee", "--scenario", str(file)], capsys)
    assert main(study) == 2
    assert "--fresh" in capsys.readouterr().err


def test_the_shipped_study_is_left_alone_and_measures_can_be_mixed(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["measures", "study", "--scenario", str(file), "--only", "mark_fee,trademark_fee_cut", *TINY,
                 "--out", str(tmp_path / "both")]  # fmt: skip
    told(arguments, capsys)
    assert not (tmp_path / "experiments").exists() and not (tmp_path / "results").exists()
    found = stored.read(tmp_path / "both")
    assert found is not None
    up, down = (found.central(name)["trademark_applications"] for name in ("trademark_fee_cut", "mark_fee"))
    assert up.effect > 0 > down.effect


def test_the_report_names_it(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = told(["run", str(file), "--evidenced", "--no-figures"], capsys)
    assert "What the plan rests on: 2 effects of 2 measures: 1 estimated, 1 assumed." in out
    assert "Without any evidence: hunch." in out
    assert "What each measure rests on" in out and "mark_fee" in out


WRONG = (
    ('[[measure.mark_fee.expects]]\nindicator = "trademark_application"\nsign = "-"\nlag = [1, 2]', "Did you mean"),
    ('[[measure.mark_fee.expects]]\nindicator = "trademark_applications"\nsign = "-"\nlag = [1, 2]', "expected twice"),
    ('[[measure.mark_fee.expects]]\nindicator = "patent_agencies"\nsign = "up"\nlag = [1, 2]', "is not a sign"),
    ('[[measure.mark_fee.expects]]\nindicator = "patent_agencies"\nsign = "+"', "the key 'lag' is missing"),
    ('[[measure.mark_fee.expects]]\nindicator = "patent_agencies"\nsign = "+"\nlag = 3', "two numbers of months"),
    ('[[measure.mark_fee.expects]]\nindicator = "patent_agencies"\nsign = "+"\nlag = [4, 3]', "smaller number first"),
    ('[[measure.mark_fee.expects]]\nindicator = "patent_agencies"\nsgn = "+"', "Did you mean 'sign'?"),
    ('[[measure.mark_fee.costs]]\nkind = "time"\nwhat = "x"', "is not a kind of cost"),
    ('[[measure.mark_fee.costs]]\nkind = "staff"\nwhat = "x"', "a range with its unit, or the indicator"),
    ('[[measure.mark_fee.costs]]\nkind = "staff"\nwhat = "x"\nrange = [1, 2]', "a range comes with its unit"),
    ('[[measure.mark_fee.costs]]\nkind = "staff"\nwhat = "x"\nindicator = "agencie"', "there is no indicator"),
    ('[measure.mark_fee.expects]\nindicator = "x"', "[[measure.ID.expects]]"),
)  # fmt: skip


@pytest.mark.parametrize(("more", "words"), WRONG)
def test_a_mistake_is_one_sentence(file: Path, more: str, words: str) -> None:
    text = OWN.replace("[[measure.mark_fee.expects]]", "[[measure.x.expects]]") if more.startswith("[measure.") else OWN
    file.write_text(f"{text}\n{more}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load(file)
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert str(caught.value).startswith("fees.toml: ")


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        (OWN.replace("[[measure.hunch.expects]]", "[[measure.mark_fee.expects]]"), [], "declares no indicator"),
        ('title = "x"\nto = "2022-01"\n', [], "holds no measure of its own"),
        (OWN, ["--only", "hunhc"], "Did you mean 'hunch'?"),
    ],
)
def test_a_study_without_a_question_is_refused(
    file: Path, text: str, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text, encoding="utf-8")
    assert main(["measures", "study", "--scenario", str(file), *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


def test_a_list_of_something_else_takes_no_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "primitives", "--scenario", str(file)]) == 2
    assert "nothing to add" in capsys.readouterr().err
