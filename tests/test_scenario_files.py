"""Scenario files: what is read, and every mistake as one sentence that names file, key and the right thing."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from ipplan.errors import InputError
from ipplan.scenario import load

HEAD = 'title = "Test"\nto = "2030-01"\n'
ENTRY = '[[measures]]\nmeasure = "subsidy_exit"\nfrom = "2026-01"\n'
OWN = '[measure.mine]\n[[measure.mine.moves]]\nprimitive = "agencies.fee"\nchannel = "fee"\n'


def write(folder: Path, text: str | bytes, name: str = "plan.toml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def complaint(folder: Path, text: str | bytes) -> str:
    path = write(folder, text)
    with pytest.raises(InputError) as caught:
        load(path)
    sentence = str(caught.value)
    assert "plan.toml: " in sentence
    assert "\n" not in sentence
    assert sentence[-1] in ".?"
    assert len(sentence) < 700
    return sentence


def test_a_small_file_gets_the_defaults(tmp_path: Path) -> None:
    scenario = load(write(tmp_path, HEAD))
    assert (scenario.name, scenario.start, scenario.end) == ("plan", 0, 156)
    assert (scenario.file.scale, scenario.file.replicates, scenario.file.history) == (Fraction(1, 1000), 16, "history")


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    write(tmp_path, HEAD, "other.toml")
    scenario = load(write(tmp_path, HEAD + """
from = "2017-01"
scale = 0.01
replicates = 3
seed = 4294967295
baseline = "other"
history_without = ["14th"]
description = \"\"\"two
lines\"\"\"
[primitives]
"agencies.fee" = { value = 1200, unit = "yuan" }
screening.threshold = { value = 2.0, unit = "sd" }
[[measures]]
measure = "rights_quality"
from = "2026-01"
to = "2027-01"
strength = 1.5
build_up = "6 months"
provinces = ["Guangdong", "北京", "31", 44]
applicants = ["university", "institute"]
""".replace(', 44', "") + """
[[measures]]
measure = "rights_quality"
from = "2027-01"
[measure.fee_guide]
title = { en = "Fee guide", zh = "指导价" }
delay = "2 months"
build_up = "6 months"
[[measure.fee_guide.moves]]
primitive = "agencies.fee_ratio.*"
channel = "guide"
effect = 0.2
range = [0.1, 0.4]
evidence = "none"
known_from = "2025-06"
status = "assumed"
[[targets]]
indicator = "hv_inventions_per_10k"
value = 20
year = 2029
direction = "at_least"
"""))
    assert scenario.file.scale == Fraction(1, 100)
    assert set(scenario.file.primitives) == {"agencies.fee", "screening.threshold"}
    assert scenario.own_measures["fee_guide"].moves[0].primitives == (
        "agencies.fee_ratio.honest", "agencies.fee_ratio.volume")
    assert scenario.baseline is not None
    assert scenario.baseline.name == "other"


@pytest.mark.parametrize("content, words", [
    (b"", "empty"),
    (b"  \n\t\n", "empty"),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary"),
    ("title = 'é'".encode("latin-1"), "UTF-8"),
    (b"title = 'x'\n" + b"#" * 1_000_001, "larger than"),
    (b"title = ", "not valid TOML"),
    (b"title = 'x'\nto = 2030-01", 'to = "2030-01"'),
    (b"title = x", 'title = "x"'),
    (b"a = " + b"[" * 5000 + b"]" * 5000, "nested too deeply"),
    (b"a = " + b"[" * 50 + b"]" * 50, "nested too deeply"),
    (b"seed = " + b"9" * 5000, "not valid TOML"),
    (b"seed = 0x" + b"f" * 50_000, "a huge number"),
    (b"title = 'x'\ntitle = 'y'", "not valid TOML"),
])
def test_unreadable_files(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in complaint(tmp_path, content)


@pytest.mark.parametrize("text, key, words", [
    ('title = "T"', "", "the key 'to' is missing"),
    ('to = "2030-01"', "", "the key 'title' is missing"),
    (HEAD + 'sclae = "1/100"', "sclae", "Did you mean 'scale'?"),
    ('titel = "T"\nto = "2030-01"', "titel", "Did you mean 'title'?"),
    (HEAD + "scale = 3", "scale", "out of range"),
    (HEAD + 'scale = "3"', "scale", "out of range"),
    (HEAD + 'scale = "1/0"', "scale", "divides by zero"),
    (HEAD + 'scale = "1/10001"', "scale", "out of range"),
    (HEAD + 'scale = "-1/100"', "scale", "not a scale"),
    (HEAD + "scale = -0.1", "scale", "out of range"),
    (HEAD + "scale = nan", "scale", "out of range"),
    (HEAD + "scale = inf", "scale", "out of range"),
    (HEAD + "scale = true", "scale", "not a scale"),
    (HEAD + 'scale = "a hundredth"', "scale", "not a scale"),
    (HEAD + "replicates = 1000000", "replicates", "1 to 1,000"),
    (HEAD + "replicates = 0", "replicates", "out of range"),
    (HEAD + "replicates = 1.5", "replicates", "not a whole number"),
    (HEAD + "replicates = true", "replicates", "not a whole number"),
    (HEAD + "seed = -1", "seed", "out of range"),
    (HEAD + "seed = 4294967296", "seed", "out of range"),
    (HEAD + "seed = 0x" + "f" * 5000, "seed", "out of range"),
    (HEAD + 'from = "2018-01"', "from", "end of 2016"),
    ('title = "T"\nto = "2017-01"', "to", "does not come after"),
    ('title = "T"\nto = "2036-02"', "to", "2036-01"),
    ('title = "T"\nto = "2030-13"', "to", "does not exist"),
    ('title = "T"\nto = "2030-1"', "to", "not a month"),
    ('title = "T"\nto = "2030-01\\n"', "to", "not a month"),
    ('title = "T"\nto = 2030-01-01', "to", '"2030-01"'),
    ('title = "T"\nto = 2030', "to", "not a month"),
    ('title = ""\nto = "2030-01"', "title", "empty"),
    (HEAD + "[[measure]]\nmeasure = 'subsidy_exit'", "measure", "or [[measures]] for an entry"),
    (HEAD + 'history_without = "14th"', "history_without", 'like ["14th"]'),
    (HEAD + 'history_without = ["14th", "14th"]', "history_without", "stands twice"),
    (HEAD + "[drivers]\ngdp = 150", "drivers.gdp", 'write [drivers.gdp] and below it unit = "trillion yuan"'),
    (HEAD + '[drivers.gdp]\nvalues = { 2027 = 150.0 }', "drivers.gdp", 'write unit = "trillion yuan"'),
    (HEAD + '[drivers.gdp]\nunit = "trillion yuan"\nvalues = { 2027 = "x" }', "drivers.gdp.values", "in 2027, 'x'"),
    (HEAD + '[primitives]\n"agencies.fee" = { value = 1200 }', 'primitives."agencies.fee"', 'write unit = "yuan"'),
    ('title = 3\nto = "2030-01"', "title", "not text"),
    (HEAD + 'baseline = "nowhere"', "baseline", "no such file"),
    (HEAD + 'baseline = "plan"', "baseline", "own baseline"),
    (HEAD + 'baseline = "plan.toml"', "baseline", "own baseline"),
    (HEAD + 'baseline = "\\u0000"', "baseline", "control character"),
    (HEAD + 'history = "histroy"', "history", "Did you mean 'history'?"),
    (HEAD + 'history_without = ["14"]', "history_without", "Did you mean '14th'?"),
    (HEAD + 'history_without = "14th"', "history_without", "not a list"),
    (HEAD + '[measures]\nmeasure = "subsidy_exit"', "measures", "[[measures]]"),
    (HEAD + "measures = 3", "measures", "[[measures]]"),
    (HEAD + "measures = [3]", "measures entry 1", "[[measures]]"),
    (HEAD + "primitives = 3", "primitives", "[primitives]"),
    (HEAD + "targets = {}", "targets", "[[targets]]"),
])
def test_mistakes_at_the_top(tmp_path: Path, text: str, key: str, words: str) -> None:
    sentence = complaint(tmp_path, text)
    assert f"plan.toml: {key}" in sentence
    assert words in sentence


@pytest.mark.parametrize("change, key, words", [
    ('measure = "subsidy_exti"\nfrom = "2026-01"', "measure", "Did you mean 'subsidy_exit'?"),
    ('measure = "subsidy_exit"', "", "the key 'from' is missing"),
    ('from = "2026-01"', "", "the key 'measure' is missing"),
    ('measure = 3\nfrom = "2026-01"', "measure", "not text"),
    ('measure = "subsidy_exit"\nfrom = "2016-12"', "from", "outside the horizon"),
    ('measure = "subsidy_exit"\nfrom = "2030-01"', "from", "outside the horizon"),
    ('measure = "subsidy_exit"\nfrom = "2026-02-30"', "from", "not a month"),
    ('measure = "subsidy_exit"\nfrom = "2026-00"', "from", "does not exist"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nto = "2026-05"', "to", "does not come after"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nto = "2030-02"', "to", "outside the horizon"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nstrength = 1.6', "strength", "0 to 1.5"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nstrength = -0.1', "strength", "0 to 1.5"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nstrength = true', "strength", "not a number"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nstrength = "1"', "strength", "not a number"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nstrength = nan', "strength", "not a finite number"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nbuild_up = 6', "build_up", '"6 months"'),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nbuild_up = "6 weeks"', "build_up", "not a duration"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nbuild_up = "9999 months"', "build_up", "too long"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nprovinces = ["Guangdnog"]', "provinces", "'Guangdong'?"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nprovinces = ["广西省府"]', "provinces", "Did you mean '广西'?"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nprovinces = [99]', "provinces", "no province"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nprovinces = ["Beijing", "北京"]', "provinces", "same province"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nprovinces = []', "provinces", "empty"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nprovinces = "Beijing"', "provinces", "not a list"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\napplicants = ["universities"]', "applicants", "'university'?"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nseed = 1', "seed", "belongs at the top of the file"),
    ('measure = "subsidy_exit"\nfrom = "2026-05"\nstrenght = 1', "strenght", "Did you mean 'strength'?"),
])
def test_mistakes_in_entries(tmp_path: Path, change: str, key: str, words: str) -> None:
    sentence = complaint(tmp_path, HEAD + "[[measures]]\n" + change)
    assert "measures entry 1" in sentence
    assert key in sentence
    assert words in sentence


@pytest.mark.parametrize("first, second, fits", [
    ('from = "2026-01"', 'from = "2027-01"', False),
    ('from = "2026-01"\nto = "2027-01"', 'from = "2027-01"', True),
    ('from = "2026-01"\nto = "2027-01"', 'from = "2026-12"', False),
    ('from = "2026-01"\nprovinces = ["Beijing"]', 'from = "2026-01"\nprovinces = ["上海"]', True),
    ('from = "2026-01"\nprovinces = ["Beijing"]', 'from = "2026-01"\nprovinces = ["11", "12"]', False),
    ('from = "2026-01"\nprovinces = ["Beijing"]', 'from = "2026-01"', False),
    ('from = "2026-01"\napplicants = ["sme"]', 'from = "2026-01"\napplicants = ["large"]', True),
    ('from = "2026-01"\napplicants = ["sme"]', 'from = "2026-01"\napplicants = ["large", "sme"]', False),
])
@pytest.mark.parametrize("other", ["subsidy_exit", "rights_quality"])
def test_overlapping_entries(tmp_path: Path, first: str, second: str, fits: bool, other: str) -> None:
    """A measure and one it is part of count as the same; spans are half-open, so they may touch."""
    text = f'{HEAD}[[measures]]\nmeasure = "subsidy_exit"\n{first}\n[[measures]]\nmeasure = "{other}"\n{second}\n'
    if fits:
        load(write(tmp_path, text))
    else:
        assert "overlaps with entry 1 (subsidy_exit" in complaint(tmp_path, text)


@pytest.mark.parametrize("line, words", [
    ('"agencies.fe" = { value = 1, unit = "yuan" }', "Did you mean 'agencies.fee'?"),
    ('"agencies.fee" = 1200', "comes with its unit"),
    ('"agencies.fee" = { value = 1200 }', "the key 'unit' is missing"),
    ('"agencies.fee" = { value = 1200, unit = "CNY" }', 'unit = "yuan"'),
    ('"agencies.fee" = { value = 20000, unit = "yuan" }', "strictly between 200 and 20000 yuan"),
    ('"agencies.fee" = { value = true, unit = "yuan" }', "not a number"),
    ('"agencies.fee" = { value = inf, unit = "yuan" }', "not a finite number"),
    ('"agencies.fee" = { value = 1e400, unit = "yuan" }', "not a finite number"),
    ('"agencies.fee" = { value = 1200, unit = "yuan", note = "x" }', "no such key"),
    ('"agencies.fee_ratio" = { value = 1, unit = "-" }', "agencies.fee_ratio.honest"),
    ("agencies = { fee = 3 }", "no such key"),
    ("agencies = 3", "comes with its unit"),
])
def test_mistakes_in_primitives(tmp_path: Path, line: str, words: str) -> None:
    sentence = complaint(tmp_path, f"{HEAD}[primitives]\n{line}\n")
    assert "plan.toml: primitives" in sentence
    assert words in sentence


def test_a_switch_of_definition_is_nought_or_one_and_no_measure_moves_it(tmp_path: Path) -> None:
    switch = '"definition.ten_years_from_grant" = { value = %s, unit = "switch" }\n'
    scenario = load(write(tmp_path, f"{HEAD}[primitives]\n{switch % 1}"))
    assert scenario.file.primitives["definition.ten_years_from_grant"].value == 1.0
    for value in ("0.5", "2", "-1"):
        assert "write 0 or 1" in complaint(tmp_path, f"{HEAD}[primitives]\n{switch % value}")
    moved = OWN.replace("agencies.fee", "definition.ten_years_from_grant") + "effect = 0.5\n"
    assert "which no measure moves" in complaint(tmp_path, HEAD + moved)


@pytest.mark.parametrize("text, words", [
    ("[measure.subsidy_exit]\nparts = ['utility_model_check']", "already"),
    ("[measure.Bad-Id]\nparts = ['subsidy_exit']", "not an id"),
    ("[measure.mine]", "does nothing"),
    ("[measure.mine]\nparts = ['mine']", "no measure 'mine'"),
    ("[measure.mine]\nparts = ['rights_quality']", "has parts itself"),
    ("[measure.mine]\nparts = ['subsidy_exti']", "Did you mean 'subsidy_exit'?"),
    (OWN, "either an effect"),
    (OWN + "effect = 0.1\nswitch_to = 500", "either an effect"),
    (OWN + "effect = nan", "not a finite number"),
    (OWN + "effect = 1e9", "out of range"),
    (OWN + "effect = true", "not a number"),
    (OWN + "effect = 0.1\nrange = [0.2, 0.3]", "outside its range"),
    (OWN + "effect = 0.1\nrange = [0.3, 0.2]", "smaller number first"),
    (OWN + "effect = 0.1\nrange = [0.1, 0.2, 0.3]", "a list of 3 is not a range"),
    (OWN + "effect = 0.1\nrange = [0.1, 1e30]", "the whole feasible range"),
    (OWN + 'effect = 0.1\nknown_from = "9999-12"', "cannot be when the evidence became known"),
    (OWN + "effect = 0.1\nrange = 0.2", "not a range"),
    (OWN + "effect = 0.1\nunit = 'yuan'", "log points"),
    (OWN + "switch_to = 20000", "strictly between"),
    (OWN + "effect = 0.1\nstatus = 'asumed'", "Did you mean 'assumed'?"),
    (OWN + "effect = 0.1\nknown_from = '2025'", "not a month"),
    (OWN.replace("agencies.fee", "agencies.fe") + "effect = 0.1", "Did you mean 'agencies.fee'?"),
    (OWN.replace("agencies.fee", "agencies.fee_ratio") + "effect = 0.1", "Did you mean 'agencies.fee_ratio.*'?"),
    (OWN + "effect = 0.1\n" + OWN.split("\n", 1)[1] + "effect = 0.2", "moved twice"),
    ("[measure.mine]\ndelay = '2 moons'\nparts = ['subsidy_exit']", "not a duration"),
    ("[measure.mine]\napplicants = ['cats']\nparts = ['subsidy_exit']", "kind of applicant"),
    ("[measure.mine]\ntitle = 'Mine'\nparts = ['subsidy_exit']", "{ en = "),
    ("[measure]\nmine = 3", "[measure.ID]"),
])
def test_mistakes_in_own_measures(tmp_path: Path, text: str, words: str) -> None:
    sentence = complaint(tmp_path, HEAD + text)
    assert "plan.toml: measure" in sentence
    assert words in sentence


@pytest.mark.parametrize("change, words", [
    ({"indicator": '"hv_inventions"'}, "Did you mean"),
    ({"indicator": '"displacement_to_trademarks"'}, "no level"),
    ({"value": "true"}, "not a number"),
    ({"year": "2030"}, "full years are 2017 to 2029"),
    ({"year": "2030.0"}, "not a whole number"),
    ({"direction": '"at_leats"'}, "Did you mean 'at_least'?"),
    ({"unit": '"patents"'}, "wrong unit"),
])
def test_mistakes_in_targets(tmp_path: Path, change: dict[str, str], words: str) -> None:
    right = {"indicator": '"hv_inventions_per_10k"', "value": "20", "year": "2029", "direction": '"at_least"'}
    lines = "\n".join(f"{key} = {value}" for key, value in (right | change).items())
    sentence = complaint(tmp_path, f"{HEAD}[[targets]]\n{lines}\n")
    assert "targets entry 1" in sentence
    assert words in sentence


def test_applicants_a_measure_does_not_act_on(tmp_path: Path) -> None:
    text = OWN.replace("[measure.mine]", "[measure.mine]\napplicants = ['university']") + "effect = 0.1\n"
    entry = '[[measures]]\nmeasure = "mine"\nfrom = "2026-01"\napplicants = ["foreign"]\n'
    assert "does not act on 'foreign'" in complaint(tmp_path, HEAD + text + entry)


def test_a_baseline_may_not_lead_back(tmp_path: Path) -> None:
    write(tmp_path, HEAD + 'baseline = "plan"', "other.toml")
    assert "own baseline (plan -> other -> plan)" in complaint(tmp_path, HEAD + 'baseline = "other"')


def test_a_mistake_in_the_baseline_names_both_files(tmp_path: Path) -> None:
    write(tmp_path, "title = 3", "other.toml")
    sentence = complaint(tmp_path, HEAD + 'baseline = "other"')
    assert "plan.toml: baseline: " in sentence
    assert "other.toml: title: " in sentence


def test_things_that_are_no_files(tmp_path: Path) -> None:
    absent = tmp_path / "absent.toml"
    for path, words in ((tmp_path, "folder"), (absent, "no such file"), (Path("/dev/null"), "regular")):
        with pytest.raises(InputError, match=words):
            load(path)


def test_the_nearest_file_is_suggested(tmp_path: Path) -> None:
    write(tmp_path, HEAD)
    with pytest.raises(InputError, match=r"Did you mean '.*plan\.toml'\?"):
        load(tmp_path / "paln.toml")


@pytest.mark.parametrize("key, text, words", [
    ("scale", "3", "--scale: "), ("scale", "1/0", "zero"), ("replicates", "1e6", "whole number"),
    ("replicates", "1000000", "1 to 1,000"), ("seed", "-1", "out of range"), ("seed", "x", "--seed: "),
    ("to", "2030-13", "does not exist"), ("to", "2036-02", "2036-01"), ("to", "2025-01", "outside the horizon"),
])
def test_overrides_are_held_to_the_same_rules(tmp_path: Path, key: str, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        load(write(tmp_path, HEAD + ENTRY), {key: text})


def test_overrides_replace_the_file_s_values(tmp_path: Path) -> None:
    file = load(write(tmp_path, HEAD), {"scale": "1/50", "replicates": "2", "seed": "7", "to": "2020-01"}).file
    assert (file.scale, file.replicates, file.seed, file.to) == (Fraction(1, 50), 2, 7, 36)


@pytest.mark.parametrize(("indicator", "value", "words"), [
    ("bad_faith_share", 120, "from 0 to 100"), ("grants_invention", -1, "from 0 to"),
    ("grants_invention", 1e300, "from 0 to"),
])  # fmt: skip
def test_a_target_no_world_could_show_is_refused(tmp_path: Path, indicator: str, value: float, words: str) -> None:
    target = f'[[targets]]\nindicator = "{indicator}"\nvalue = {value}\nyear = 2029\ndirection = "at_most"\n'
    said = complaint(tmp_path, HEAD + target)
    assert "value: " in said
    assert words in said
    target = target.replace(f"value = {value}", "value = -0.5").replace(indicator, "quality_of_grants")
    load(write(tmp_path, HEAD + target))
