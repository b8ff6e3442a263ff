"""Resolved scenarios: history plus plan, every value with its source, and a file that resolves to itself."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipplan import clock, data, schema
from ipplan.errors import InputError
from ipplan.scenario import Resolved, load, resolve

HEAD = 'title = "Plan"\nto = "2030-01"\n'


def resolved(folder: Path, text: str, name: str = "plan.toml", **overrides: str) -> Resolved:
    (folder / name).write_text(text, encoding="utf-8")
    return resolve(load(folder / name, overrides))


def test_history_is_there_unless_left_out(tmp_path: Path) -> None:
    everything = resolved(tmp_path, HEAD)
    assert len(everything.schedule) == len(data.history_schedule())
    assert {one.entry.origin for one in everything.schedule} == {"history"}
    without = resolved(tmp_path, HEAD + 'history_without = ["14th"]')
    assert {one.plan for one in without.schedule} == {"13th", "none"}
    assert resolved(tmp_path, HEAD + 'history = "none"').schedule == ()


def test_history_toml_is_the_history(tmp_path: Path) -> None:
    """The shipped file run without a history is the history, entry by entry."""
    shipped = resolve(load(Path(__file__).parents[1] / "scenarios" / "history.toml"))
    built_in = resolved(tmp_path, HEAD)
    def key(one: Resolved) -> set[tuple[str, int, int | None, float]]:
        return {(s.entry.measure, s.entry.start, s.entry.end, s.entry.strength) for s in one.schedule}

    assert key(shipped) == key(built_in)


def test_every_value_has_its_source(tmp_path: Path) -> None:
    found = resolved(tmp_path, HEAD + '[primitives]\n"agencies.fee" = { value = 1200, unit = "yuan" }\n').primitives
    assert set(found) == set(schema.primitives())
    assert (found["agencies.fee"].value, found["agencies.fee"].origin) == (1200.0, "scenario")
    others = [value for name, value in found.items() if name != "agencies.fee"]
    assert {value.origin for value in others} <= {"schema", "fitted"}
    assert all(value.source and value.unit and value.status for value in found.values())
    fitted = set(schema.fitted().values)
    assert {name for name, value in found.items() if value.origin == "fitted"} == fitted - {"agencies.fee"}


def test_a_plan_adds_to_history_and_never_switches_it_off(tmp_path: Path) -> None:
    text = '[[measures]]\nmeasure = "subsidy_exit"\nfrom = "2026-01"\nstrength = {}\n'
    base = resolved(tmp_path, HEAD).paths().strengths(156).nation["subsidy_exit"]
    idle = resolved(tmp_path, HEAD + text.format("0.0")).paths().strengths(156).nation["subsidy_exit"]
    more = resolved(tmp_path, HEAD + text.format("0.5")).paths().strengths(156).nation["subsidy_exit"]
    start = clock.month("2026-01")
    np.testing.assert_array_equal(idle, base)
    np.testing.assert_array_equal(more[:start], base[:start])
    assert more[-1, 0] == pytest.approx(base[-1, 0] + 0.5, abs=1e-3)


def test_a_baseline_shares_what_pairs_need(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('title = "B"\nto = "2020-01"\nscale = "1/50"\nseed = 9\nreplicates = 99\n')
    plan = resolved(tmp_path, HEAD + 'baseline = "base"\nseed = 4\n', scale="1/200", to="2029-01")
    assert plan.baseline is not None
    for name in ("start", "end", "scale", "seed", "replicates"):
        assert getattr(plan.baseline, name) == getattr(plan, name)
    assert (plan.seed, str(plan.scale), plan.baseline.name, plan.baseline.baseline) == (4, "1/200", "base", None)


def test_a_baseline_s_own_baseline_plays_no_part(tmp_path: Path) -> None:
    resolved(tmp_path, HEAD, "deep.toml")
    resolved(tmp_path, HEAD + 'baseline = "deep"', "base.toml")
    plan = resolved(tmp_path, HEAD + 'baseline = "base.toml"')
    assert plan.baseline is not None
    assert plan.baseline.baseline is None


def test_tables_are_computed_once_and_shared(tmp_path: Path) -> None:
    paths = resolved(tmp_path, HEAD).paths()
    one, two = (paths.table(("agencies.fee",), 12) for _ in range(2))
    assert one is not two and one.values is two.values  # each run has its own table over the values that all share


_LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Cf", "Co", "Cn", "Zl", "Zp"])
_WORDS = st.text(_LETTERS, min_size=1, max_size=20)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data_=st.data())
def test_what_is_written_reads_back_the_same(data_: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    draw = data_.draw
    folder = tmp_path_factory.mktemp("echo")
    title = draw(_WORDS.filter(str.strip))
    lines = [f"title = '''{title}'''" if "'" not in title else 'title = "T"', 'to = "2030-01"',
             f"seed = {draw(st.integers(0, 2**32 - 1))}", f'scale = "1/{draw(st.integers(1, 10_000))}"']  # fmt: skip
    if draw(st.booleans()):
        (folder / "base.toml").write_text(HEAD)
        lines.append('baseline = "base"')
    at = clock.month("2017-01")
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(at, clock.month("2028-01")))
        until = draw(st.integers(at + 1, clock.month("2030-01")))
        lines += ["[[measures]]", 'measure = "rights_quality"', f'from = "{clock.label(at)}"',
                  f'to = "{clock.label(until)}"', f"strength = {draw(st.floats(0, 1.5))!r}"]  # fmt: skip
        if draw(st.booleans()):
            lines.append(f'build_up = "{draw(st.integers(0, 240))} months"')
        if draw(st.booleans()):
            places = draw(st.lists(st.integers(0, 30), min_size=1, max_size=4, unique=True))
            known = [data.provinces()[place] for place in places]
            names = [draw(st.sampled_from([place.name_en, place.name_zh, str(place.code)])) for place in known]
            lines.append("provinces = [" + ", ".join(f'"{name}"' for name in names) + "]")
        at = until
        if at >= clock.month("2028-01"):
            break
    low, high = schema.primitives()["agencies.fee"].bounds
    value = draw(st.floats(low, high, exclude_min=True, exclude_max=True))
    lines += ["[primitives]", f'"agencies.fee" = {{ value = {value!r}, unit = "yuan" }}', "[measure.mine]",
              "[[measure.mine.moves]]", 'primitive = "agencies.fee"', 'channel = "x"',
              f"effect = {draw(st.floats(-2, 2))!r}"]
    first = resolved(folder, "\n".join(lines) + "\n")
    again = folder / "again"
    again.mkdir()
    (again / "scenario.toml").write_text(first.to_toml(), encoding="utf-8")
    if first.baseline is not None:
        (again / "baseline.toml").write_text(first.baseline.to_toml(), encoding="utf-8")
    second = resolve(load(again / "scenario.toml"))
    assert second.canonical() == first.canonical()
    assert tomllib.loads(first.to_toml())["resolved"]["history"]


def test_a_dated_path_of_the_planners_own_is_taken_echoed_and_part_of_the_key(tmp_path: Path) -> None:
    text = HEAD + '[drivers.gdp]\nunit = "trillion yuan"\nvalues = { 2027 = 150.0, 2030 = 168 }\n'
    found = resolved(tmp_path, text)
    assert found.drivers == {"gdp": {2027: 150.0, 2030: 168.0}}
    (tmp_path / "again").mkdir()
    assert resolved(tmp_path / "again", found.to_toml()).drivers == found.drivers
    assert found.canonical() != resolved(tmp_path, HEAD).canonical()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('[drivers.gdpp]\nunit = "yuan"\nvalues = { 2027 = 150 }', ("no driver 'gdpp'", "Did you mean 'gdp'?")),
        ('[drivers.gdp]\nunit = "yuan"\nvalues = { 2027 = 150 }', ("wrong unit", "trillion yuan")),
        ('[drivers.gdp]\nunit = "trillion yuan"\nvalues = { 2027 = 1500 }', ("1500 in 2027 is out of range",)),
        ('[drivers.gdp]\nunit = "trillion yuan"\nvalues = { 1999 = 15 }', ("1999 is out of range", "a year")),
        ('[drivers.gdp]\nunit = "trillion yuan"\nvalues = { soon = 15 }', ("'soon' is not a whole number",)),
        ('[drivers.gdp]\nunit = "trillion yuan"\nvalues = {}', ("an empty table holds no years",)),
        ("[drivers]\ngdp = 150", ("drivers.gdp",)),
        ('[drivers.gdp]\nvalues = { 2027 = 150 }', ("'unit' is missing",)),
    ],
)
def test_a_bad_path_is_refused_in_one_sentence(tmp_path: Path, table: str, words: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        resolved(tmp_path, HEAD + table + "\n")
    said = str(caught.value)
    assert "\n" not in said
    for word in words:
        assert word in said, said
