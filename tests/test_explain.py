"""``ipplan explain``: every measure can be told, with every number and its ground; a planner's own too."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from ipplan import schema
from ipplan.cli import main
from ipplan.levers import Entry, PrimitivePaths
from ipplan.report.explain import after, explain
from ipplan.schema.evidence import grounds, parts, push

OWN = """
title = "Own"
to = "2030-01"
[measure.fee_guide]
title = { en = "Guide prices", zh = "指导价" }
build_up = "6 months"
side_effects = "Agencies may leave."
[[measure.fee_guide.moves]]
primitive = "agencies.fee"
channel = "fee guide"
effect = 0.3
[[measures]]
measure = "fee_guide"
from = "2027-01"
strength = 0.5
provinces = ["Guangdong"]
"""


def told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(arguments)
    out, error = capsys.readouterr()
    return code, " ".join(out.split()), error


@pytest.mark.parametrize("name", schema.measures())
def test_every_measure_can_be_told(name: str) -> None:
    known = schema.measures()
    text = " ".join(explain(known[name], known).split())
    for part in parts(known[name], known):
        for move in part.moves:
            assert move.primitive in text
            assert " ".join(move.evidence.rstrip(".").split()) in text
        for one in part.expects:
            assert one.indicator in text
    assert " will " not in text.split("What it does")[0]
    assert "if these assumptions hold" in text


def test_a_planners_own_measure_is_told_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    code, out, _ = told(["explain", "fee_guide", "--scenario", str(file)], capsys)
    assert code == 0
    for words in ("Guide prices (指导价)", "from 2027-01 on, at strength 0.5, in Guangdong", "agencies.fee",
                  "the planner's assumption", "Agencies may leave.", "100 % of the push is assumed"):
        assert words in out
    code, out, _ = told(["explain", "subsidy_exit", "--scenario", str(file)], capsys)
    assert code == 0 and "does not schedule it" in out


def test_an_unknown_measure_is_one_sentence_with_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, error = told(["explain", "subsidy_exits"], capsys)
    assert (code, out) == (2, "")
    assert error.count("\n") == 1 and "Did you mean 'subsidy_exit'?" in error and "--scenario" in error


def test_the_value_that_is_told_is_the_value_that_a_run_reads() -> None:
    known, primitives = schema.measures(), schema.primitives()
    move = known["agency_rectification"].moves[0]
    name = move.primitive
    paths = PrimitivePaths((Entry("agency_rectification", 0, None, 1.0, build_up=0.0),))
    assert paths.path(name, 24)[-1, 0] == pytest.approx(after(move, primitives[name]), rel=1e-12)


def test_the_push_is_the_share_of_the_room_ahead() -> None:
    primitives = schema.primitives()
    for measure in schema.measures().values():
        for move in measure.moves:
            assert 0.0 <= push(move, primitives) <= 1.0
    move = schema.measures()["stock_patent_revitalization"].moves[0]
    one = primitives[move.primitive]
    assert push(move, primitives) == pytest.approx(move.effect / (one.high - one.value))


def test_every_declared_effect_is_what_a_measure_alone_does_at_strength_one() -> None:
    """The link is exact but where an effect takes more than nine tenths of the room: there it says so."""
    primitives = schema.primitives()
    for measure in schema.measures().values():
        for move in measure.moves:
            for name in move.primitives if move.switch_to is None and move.effect else ():
                one = primitives[name]
                value = after(move, one)
                size = math.log(value / one.value) if one.scale == "log" else value - one.value
                if push(move.model_copy(update={"primitives": (name,)}), primitives) <= 0.9:
                    assert size == pytest.approx(move.effect, rel=1e-9), (measure.id, name)
                else:
                    assert (measure.id, name) in {
                        ("subsidy_exit", "filing.payoff.foreign"),  # nobody pays foreigners
                        ("subsidy_exit", "examination.never_requested"),  # the fitted share leaves little more
                    }


def test_a_measure_without_an_assumed_effect_rests_on_none() -> None:
    known = schema.measures()
    assert grounds(known["trademark_fee_cut"]).assumed == 0.0
    assert grounds(known["brics_cooperation"]).assumed == 1.0
    assert grounds(known["trademark_fee_cut"]).evidenced and not grounds(known["brics_cooperation"]).evidenced
    for measure in known.values():
        assert 0.0 <= grounds(measure).assumed <= 1.0
