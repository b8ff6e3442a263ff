"""Every shipped measure says all that a measure has to say; what nobody knows is marked as assumed."""

from __future__ import annotations

import pytest

from ipplan import clock, schema
from ipplan.errors import InputError
from ipplan.schema import Measure

INCOMPLETE: tuple[str, ...] = ()
"""Measures that are still allowed to lack something: none."""


def unfinished(measure: Measure) -> list[str]:
    """Return what a measure does not say."""
    needed = ("sentence", "adoption", "target_group", "side_effects", "expects")
    lacks = [key for key in needed if not getattr(measure, key)]
    if measure.moves:
        kinds = {cost.kind for cost in measure.costs}
        lacks += [f"costs: {kind}" for kind in ("staff", "money", "burden") if kind not in kinds]
    return lacks


def test_every_measure_says_all_it_has_to() -> None:
    lacking = {name: found for name, measure in schema.measures().items() if (found := unfinished(measure))}
    assert set(lacking) == set(INCOMPLETE), lacking


@pytest.mark.parametrize("name", schema.measures())
def test_what_a_measure_names_is_there(name: str) -> None:
    known = schema.indicators()
    measure = schema.measures()[name]
    for one in measure.expects:
        assert one.indicator in known
        assert one.lag[0] <= one.lag[1] <= 120
    assert len({one.indicator for one in measure.expects}) == len(measure.expects)
    for cost in measure.costs:
        assert not cost.indicator or cost.indicator in known
        assert cost.status == "assumed" or cost.source
    assert any("一" <= letter <= "鿿" for letter in measure.title_zh)
    for move in measure.moves:
        assert clock.month(move.known_from) <= clock.month("2026-11")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('kind = "staff", what = "x", source = "x", status = "assumed"', "needs a range, or the indicator"),
        ('kind = "staff", what = "x", source = "x", status = "assumed", range = [2, 1], unit = "y"', "goes up"),
        ('kind = "staff", what = "x", source = "x", status = "assumed", range = [1, 2]', "has a unit"),
        ('kind = "time", what = "x", source = "x", status = "assumed", indicator = "y"', "'money' or 'burden'"),
    ],
)
def test_a_bad_cost_is_refused(line: str, words: str) -> None:
    head = '[measure.a]\ntitle = { en = "A", zh = "甲" }\nsource = "x"\nparts = ["subsidy_exit"]\n'
    text = f"{head}costs = [{{ {line} }}]"
    table = schema.parse_toml(text, "m.toml")["measure"]
    with pytest.raises(InputError, match=words):
        schema.parse_measures(table, "m.toml", schema.primitives(), schema.measures())
