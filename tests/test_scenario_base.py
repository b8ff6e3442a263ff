"""``[[base]]`` and ``additive``: variants of a plan that repeat nothing are the plan, changed as they say."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from ipplan import clock, schema
from ipplan.errors import InputError
from ipplan.scenario import Resolved, load, resolve

PLAN = """
title = "Plan"
to = "2031-01"
seed = 7
[primitives]
"agencies.fee" = { value = 1200, unit = "yuan" }
[[measures]]
measure = "subsidy_exit"
from = "2026-01"
plan = "one"
[[measures]]
measure = "utility_model_check"
from = "2027-01"
to = "2029-01"
strength = 0.8
plan = "two"
[[measures]]
measure = "open_licensing"
from = "2026-06"
provinces = ["Guangdong", "Zhejiang"]
[[targets]]
indicator = "grants_invention"
value = 1e6
year = 2030
direction = "at_least"
"""
BASE = 'title = "Variant"\n[[base]]\nfile = "plan"\n'

Row = tuple[str, str, str | None, float, str]


def variant(folder: Path, text: str) -> Resolved:
    (folder / "plan.toml").write_text(PLAN)
    (folder / "variant.toml").write_text(text)
    return resolve(load(folder / "variant.toml"))


def rows(resolved: Resolved) -> list[Row]:
    found = [one for one in resolved.schedule if one.entry.origin == "plan"]
    return [(one.entry.measure, clock.label(one.entry.start),
             None if one.entry.end is None else clock.label(one.entry.end), round(one.entry.strength, 9), one.plan)
            for one in found]  # fmt: skip


ALL: list[Row] = [
    ("subsidy_exit", "2026-01", None, 1.0, "one"),
    ("utility_model_check", "2027-01", "2029-01", 0.8, "two"),
    ("open_licensing", "2026-06", None, 1.0, "plan"),
]


def test_a_variant_that_changes_nothing_is_the_plan(tmp_path: Path) -> None:
    found = variant(tmp_path, BASE)
    whole = resolve(load(tmp_path / "plan.toml"))
    assert rows(found) == ALL
    assert found.canonical() == whole.canonical().replace(b'"title": "Plan"', b"").replace(b'"Plan"', b'"Variant"')
    assert (found.title, found.seed, found.overrides) == ("Variant", 7, {"agencies.fee": 1200.0})


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ('plans = ["one"]', ALL[:1]),
        ('without = ["one", "open_licensing"]', ALL[1:2]),
        ("strength = 0.5", [(*row[:3], row[3] / 2, row[4]) for row in ALL]),
        ('to = "2027-06"', [("subsidy_exit", "2026-01", "2027-06", 1.0, "one"),
                            ("utility_model_check", "2027-01", "2027-06", 0.8, "two"),
                            ("open_licensing", "2026-06", "2027-06", 1.0, "plan")]),
        ('from = "2029-01"', [("subsidy_exit", "2029-01", None, 1.0, "one"),
                              ("open_licensing", "2029-01", None, 1.0, "plan")]),
        ('provinces = ["Guangdong"]', ALL),
        ('provinces = ["Beijing"]', ALL[:2]),
    ],
)  # fmt: skip
def test_what_is_taken_over(tmp_path: Path, keys: str, expected: list[Row]) -> None:
    found = variant(tmp_path, BASE + keys)
    assert rows(found) == expected
    if "provinces" in keys:
        assert all(one.entry.provinces is not None and len(one.entry.provinces) == 1 for one in found.schedule
                   if one.entry.origin == "plan")  # fmt: skip


def test_what_the_file_says_itself_counts(tmp_path: Path) -> None:
    text = BASE.replace("[[base]]", 'seed = 8\nto = "2032-01"\n[[base]]') + """
[primitives]
"agencies.fee" = { value = 1300, unit = "yuan" }
[[measures]]
measure = "agency_supervision"
from = "2028-01"
[[targets]]
indicator = "grants_invention"
value = 2e6
year = 2031
direction = "at_least"
"""
    found = variant(tmp_path, text)
    assert rows(found) == [("agency_supervision", "2028-01", None, 1.0, "variant"), *ALL]
    assert (found.seed, clock.label(found.end), found.overrides) == (8, "2032-01", {"agencies.fee": 1300.0})
    assert [target.value for target in found.targets] == [2e6]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BASE + 'plans = ["thre"]', ("base entry 1, plans", "no entry there has the label 'thre'")),
        (BASE + 'without = ["subsidy_exits"]', ("Did you mean 'subsidy_exit'?",)),
        (BASE + "strength = 1.5\n[[base]]\nfile = \"plan\"\nplan = [\"one\"]", ("base entry 2, plan", "'plans'")),
        (BASE.replace('"plan"', '"variant"'), ("cannot take over from itself",)),
        (BASE.replace('"plan"', '"plam"'), ("base:", "there is no such file")),
        (BASE + 'provinces = ["Guangdon"]', ("Did you mean 'Guangdong'?",)),
        ('title = "V"\nbase = "plan"', ("[[base]] with two brackets",)),
        ('title = "V"\n[[base]]\nplans = ["one"]', ("the key 'file' is missing",)),
        (BASE + '[[measures]]\nmeasure = "subsidy_exit"\nfrom = "2027-01"', ("overlaps with entry", "additive = true")),
        (BASE + '[[measures]]\nmeasure = "subsidy_exit"\nfrom = "2027-01"\nadditive = 1', ("neither true nor false",)),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        variant(tmp_path, text)
    sentence = str(caught.value)
    assert "\n" not in sentence and "variant.toml: " in sentence
    for word in words:
        assert word in sentence


def test_a_strength_beyond_the_most_is_refused_with_the_factor_that_fits(tmp_path: Path) -> None:
    (tmp_path / "strong.toml").write_text(PLAN.replace("strength = 0.8", "strength = 1.2"))
    with pytest.raises(InputError, match=r"1\.5 makes 1\.8 of 'utility_model_check'.*write at most 1\.25"):
        variant(tmp_path, BASE.replace('"plan"', '"strong"') + "strength = 1.5")


def test_a_variant_of_a_variant_and_bases_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "half.toml").write_text(BASE + "strength = 0.5")
    quarter = variant(tmp_path, BASE.replace('"plan"', '"half"') + "strength = 0.5")
    assert [row[3] for row in rows(quarter)] == [0.25, 0.2, 0.25]
    (tmp_path / "half.toml").write_text(BASE.replace('"plan"', '"variant"'))
    with pytest.raises(InputError, match="cannot take over from itself"):
        load(tmp_path / "variant.toml")


def test_additive_entries_add_and_are_echoed(tmp_path: Path) -> None:
    found = variant(tmp_path, BASE + """
[[measures]]
measure = "subsidy_exit"
from = "2027-01"
strength = 0.25
provinces = ["Guangdong"]
additive = true
""")
    strengths = found.paths().strengths(found.end).by_cell("subsidy_exit")
    guangdong, beijing = 18 * 6, 0
    late, build_up = clock.month("2030-12"), schema.measures()["subsidy_exit"].build_up
    risen = 1 - math.exp(-(late - clock.month("2027-01")) / build_up)
    assert strengths[late, guangdong] - strengths[late, beijing] == pytest.approx(0.25 * risen)
    (tmp_path / "again.toml").write_text(found.to_toml())
    assert resolve(load(tmp_path / "again.toml")).canonical() == found.canonical()


HEAD = 'title = "T"\nto = "2031-01"\n'


def write(folder: Path, text: str, name: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_what_lies_beyond_the_end_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, HEAD + '[[measures]]\nmeasure = "subsidy_exit"\nfrom = "2026-01"\nto = "2029-01"\n'
          '[[measures]]\nmeasure = "plan_targets"\nfrom = "2028-06"\n[[targets]]\n'
          'indicator = "invention_pendency_months"\nvalue = 14\nyear = 2029\ndirection = "at_most"\n', "other.toml")
    found = load(write(tmp_path, 'title = "V"\nto = "2028-01"\n[[base]]\nfile = "other"\n', "plan.toml"))
    assert [(one.measure, one.to) for one in found.file.measures] == [("subsidy_exit", None)]
    assert found.file.targets == ()
    cut = load(tmp_path / "other.toml", {"to": "2028-01"})
    assert [(one.measure, one.to) for one in cut.file.measures] == [("subsidy_exit", None)]
    assert cut.file.targets == ()
    with pytest.raises(InputError, match=r"--to: every measure of .* lies outside the horizon"):
        load(tmp_path / "other.toml", {"to": "2025-01"})


def test_a_baseline_with_a_later_end_can_be_written_out_and_run_again(tmp_path: Path) -> None:
    write(tmp_path, HEAD + '[[measures]]\nmeasure = "subsidy_exit"\nfrom = "2026-01"\nto = "2029-01"\n'
          '[[measures]]\nmeasure = "plan_targets"\nfrom = "2028-06"\n', "baseline.toml")
    once = resolve(load(write(tmp_path, 'title = "P"\nto = "2028-01"\nbaseline = "baseline"\n', "plan.toml")))
    assert once.baseline is not None
    again = tmp_path / "run"
    again.mkdir()
    (again / "scenario.toml").write_text(once.to_toml(), encoding="utf-8")
    (again / "baseline.toml").write_text(once.baseline.to_toml(), encoding="utf-8")
    assert resolve(load(again / "scenario.toml")).canonical() == once.canonical()


@pytest.mark.parametrize(("keys", "words"), [
    ('from = "9999-12"', "lies outside what can be run"),
    ('from = "2027-01"\nto = "2026-01"', "does not come after the start"),
    ('to = "2026-01"', "no entry there is left in this span"),
    ('without = ["p", "p"]', "'p' stands twice"),
    ('strength = 1.0\n[[measures]]\nmeasure = "subsidy_exit"\nfrom = "2026-01"',
     "measures entry of 'other' (subsidy_exit): overlaps with entry 1 (subsidy_exit), from 2026-01 on"),
])  # fmt: skip
def test_a_base_that_brings_nothing_or_too_much_is_refused(tmp_path: Path, keys: str, words: str) -> None:
    write(tmp_path, HEAD + '[[measures]]\nmeasure = "subsidy_exit"\nfrom = "2026-01"\nplan = "p"\n', "other.toml")
    with pytest.raises(InputError) as caught:
        load(write(tmp_path, HEAD + f'[[base]]\nfile = "other"\n{keys}\n', "plan.toml"))
    assert words in str(caught.value)
