"""The schema: the packaged tables are whole, and a bad table is refused in one clear sentence."""

from __future__ import annotations

import numpy as np
import pytest

from ipplan import clock, data, schema, world
from ipplan.columns import whole
from ipplan.errors import InputError
from ipplan.schema import Measure, Primitive

GOOD = """
["office.rate"]
title = { en = "Rate", zh = "率" }
value = 3
unit = "per month"
bounds = [1, 10]
range = [2, 5]
scale = "log"
status = "assumed"
source = "test"
["filing.payoff"]
title = { en = "Payoff", zh = "收益" }
value = { large = 1.0, sme = 2.0 }
unit = "yuan"
bounds = [0.1, 9]
range = { large = [0.5, 1.5], sme = [1, 4] }
scale = "log"
status = "assumed"
source = "test"
"""
MEASURE = """
[measure.rule]
title = { en = "Rule", zh = "规则" }
source = "test"
delay = "2 months"
build_up = "1 year"
[[measure.rule.moves]]
primitive = "office.rate"
channel = "staff"
effect = 0.5
range = [0.2, 0.9]
evidence = "test"
known_from = "2020-01"
status = "assumed"
"""


def primitives(text: str = GOOD) -> dict[str, Primitive]:
    return schema.parse_primitives(schema.parse_toml(text, "p.toml"), "p.toml")


def measures(text: str) -> dict[str, Measure]:
    return schema.parse_measures(schema.parse_toml(text, "m.toml")["measure"], "m.toml", primitives())


def refused(call: object, *words: str) -> None:
    with pytest.raises(InputError) as caught:
        call()  # type: ignore[operator]
    text = str(caught.value)
    assert "\n" not in text
    for word in words:
        assert word in text, text


def test_a_table_of_values_is_one_primitive_per_suffix() -> None:
    found = primitives()
    assert set(found) == {"office.rate", "filing.payoff.large", "filing.payoff.sme"}
    sme = found["filing.payoff.sme"]
    assert (sme.value, sme.range_low, sme.range_high, sme.low, sme.high) == (2.0, 1.0, 4.0, 0.1, 9.0)
    assert (sme.title_en, sme.title_zh, sme.fit, sme.scope) == ("Payoff", "收益", False, "cell")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("value = 3", "value = 11", ("p.toml", "office.rate", "not strictly inside its bounds [1, 10]")),
        ("value = 3", "value = 1", ("not strictly inside",)),
        ("value = 3", "value = 6", ("not inside its range [2, 5]",)),
        ("value = 3", "value = true", ("value", "finite number")),
        ("value = 3", "value = nan", ("value", "finite number")),
        ("value = 3", 'value = "3"', ("value", "finite number")),
        ("bounds = [1, 10]", "bounds = [10, 1]", ("not in order",)),
        ("bounds = [1, 10]", "bounds = [0, 10]", ("log scale", "above zero")),
        ("bounds = [1, 10]", "bounds = [2.5, 10]", ("range [2, 5] is not inside its bounds",)),
        ('scale = "log"', 'scale = "logit"', ("scale",)),
        ('status = "assumed"', 'status = "guessed"', ("status",)),
        ('unit = "per month"', 'units = "per month"', ("unknown key 'units'", "Did you mean 'unit'?")),
        ('unit = "per month"\n', "", ("key 'unit' is missing",)),
        ("sme = [1, 4]", "smes = [1, 4]", ("filing.payoff", "same suffixes")),
        ('["office.rate"]', '["office.rate"', ("p.toml", "not valid TOML")),
    ],
)
def test_bad_primitives_are_refused(old: str, new: str, words: tuple[str, ...]) -> None:
    assert old in GOOD
    refused(lambda: primitives(GOOD.replace(old, new, 1)), *words)


def test_a_measure_is_read_with_its_durations() -> None:
    rule = measures(MEASURE)["rule"]
    assert (rule.delay, rule.build_up, rule.applicants) == (2.0, 12.0, None)
    assert rule.moves[0].primitives == ("office.rate",)
    starred = measures(MEASURE.replace("office.rate", "filing.payoff.*"))["rule"]
    assert starred.moves[0].primitives == ("filing.payoff.large", "filing.payoff.sme")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"office.rate"', '"office.rte"', ("m.toml", "rule", "unknown primitive 'office.rte'", "'office.rate'?")),
        ('"office.rate"', '"filing.pay.*"', ("no primitive has the prefix", "'filing.payoff.*'?")),
        ("effect = 0.5", "effect = 1.5", ("effect 1.5", "not inside its range [0.2, 0.9]")),
        ("effect = 0.5", 'effect = 0.5\nunit = "yuan"', ("in log points, not in 'yuan'",)),
        ("effect = 0.5\nrange = [0.2, 0.9]", "effect = 0\nrange = [0, 0]\nswitch_to = 12", ("switch_to 12", "[1, 10]")),
        ("effect = 0.5", "effect = 0.5\nswitch_to = 5", ("either an effect or a switch_to",)),
        ('"2 months"', '"two months"', ("delay", "not a duration")),
        ('"2 months"', '"2.5 months"', ("whole months",)),
        ('known_from = "2020-01"', 'known_from = "2020-13"', ("2020-13",)),
        ('channel = "staff"', 'chanel = "staff"', ("unknown key", "Did you mean 'channel'?")),
        ('source = "test"\n', 'source = "test"\napplicants = ["smes"]\n', ("unknown kind of applicant 'smes'",)),
        ('source = "test"\n', 'source = "test"\nparts = ["rul"]\n', ("unknown part 'rul'", "'rule'?")),
        ("[measure.rule]", "[measure]\nrule = 3\n[measure.x]", ("rule", "should be a table")),
    ],
)
def test_bad_measures_are_refused(old: str, new: str, words: tuple[str, ...]) -> None:
    assert old in MEASURE
    text = MEASURE.replace(old, new, 1)
    if "[measure.x]" in text:
        text = "[measure]\nrule = 3\n"
    refused(lambda: measures(text), *words)


def test_fitted_values_and_effects_override_and_are_calibrated() -> None:
    fitted = schema.parse_fitted('[values]\n"office.rate" = 4.5\n[effects]\n"rule/office.rate" = 0.3\n', "fitted.toml")
    changed = schema.with_values(primitives(), fitted.values, "fitted.toml")["office.rate"]
    assert (changed.value, changed.status) == (4.5, "calibrated")
    move = schema.with_effects(measures(MEASURE), fitted.effects, "fitted.toml")["rule"].moves[0]
    assert (move.effect, move.status, move.primitives) == (0.3, "calibrated", ("office.rate",))
    refused(lambda: schema.with_values(primitives(), {"office.rate": 9.0}, "fitted.toml"), "fitted.toml", "range")
    refused(lambda: schema.with_values(primitives(), {"office.rat": 3.0}, "fitted.toml"), "'office.rate'?")
    refused(lambda: schema.with_effects(measures(MEASURE), {"rule/office.rate": 2}, "fitted.toml"), "range")
    refused(lambda: schema.parse_fitted("[value]\nx = 1", "fitted.toml"), "Did you mean 'values'?")
    refused(lambda: schema.parse_fitted('[values]\nx = "1"', "fitted.toml"), "number")


def test_the_packaged_tables_are_whole() -> None:
    known = schema.primitives()
    assert len(known) > 150
    for name, primitive in known.items():
        assert primitive.id == name and primitive.admits(primitive.value)
        prefix, _, suffix = name.rpartition(".")
        if suffix == world.KINDS[0]:
            assert all(f"{prefix}.{kind}" in known for kind in world.KINDS), prefix
    indicators = schema.indicators()
    for measure in schema.measures().values():
        assert measure.source and (measure.parts or measure.moves)
        assert measure.expects and measure.side_effects, measure.id
        for expected in measure.expects:
            assert expected.indicator in indicators, (measure.id, expected.indicator)
            assert expected.lag[0] < expected.lag[1]
        for move in measure.moves:
            for name in move.primitives:
                primitive = known[name]
                if primitive.scale == "linear":
                    assert abs(move.effect) <= primitive.high - primitive.low


@pytest.mark.parametrize("family", [
    "applicants.brand_share", "applicants.design_share", "applicants.field_share", "start.filer_share.invention",
    "start.filer_share.utility_model", "start.agencies.share",
])  # fmt: skip
def test_shares_add_up_to_one(family: str) -> None:
    shares = np.array([one.value for name, one in schema.primitives().items() if name.rpartition(".")[0] == family])
    assert len(shares) >= 3
    assert whole(shares) is shares  # as they stand: no bit changes
    np.testing.assert_allclose(whole(2.0 * shares), shares, rtol=1e-12)


def test_the_measures_of_the_issue_work() -> None:
    known = schema.measures()
    for name in ("bad_faith_filing_governance", "agency_rectification", "agency_supervision", "rights_quality",
                 "subsidy_exit", "utility_model_check", "prefiling_evaluation", "precise_examination",
                 "stock_patent_revitalization", "transformation_mechanisms", "malicious_trademark_governance"):
        assert name in known
    assert known["rights_quality"].parts == ("subsidy_exit", "utility_model_check", "prefiling_evaluation")


def test_effects_a_fit_may_move_worked_before_2022() -> None:
    early = {entry.measure for entry in data.history_schedule() if entry.start < clock.month("2022-01")}
    for measure in schema.measures().values():
        for move in measure.moves:
            assert not move.fit or measure.id in early


def test_targets_have_ids_and_titles() -> None:
    found = {target.id: target for target in schema.targets()}
    assert len(found) == 26
    assert found["14th_ip_plan/hv_inventions_per_10k"].title_en.startswith("High-value")
