"""The signs that measures declare (V25), at a small size: a check of the code, not of the world.

The whole study is ``ipplan measures study``; its stored result is in experiments/measures. Here every measure runs at
its largest strength on a few seeds, and no declared sign may be clearly contradicted (99 % intervals over pairs) unless
the schema holds a written reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from ipplan import clock, data, schema
from ipplan.analysis.study.design import placebo_arms, singles
from ipplan.analysis.study.findings import CONTRARY, UNMOVED, placebo_findings, single_effects
from ipplan.analysis.study.records import Records
from ipplan.analysis.study.running import Study, run

STRENGTH = 1.5
STUDY = Study(Fraction(1, 4000), 4, clock.month("2027-01"), 2)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    found = Records(tmp_path_factory.mktemp("study") / "runs.jsonl", STUDY.about())
    yield found
    found.close()


@pytest.mark.parametrize("name", schema.measures())
def test_the_declared_signs_are_not_contradicted(name: str, records: Records) -> None:
    run(STUDY, singles([name], [STRENGTH]), records)
    assert not records.failures
    notes = {one.indicator: one.note for one in schema.measures()[name].expects}
    effects = single_effects(STUDY, records, [name], [STRENGTH])
    assert effects
    for one in effects:
        if one.verdict == CONTRARY:
            assert notes[one.indicator], one
    assert any(one.verdict != UNMOVED for one in effects), "the measure reaches no indicator that it declares"


def test_placebos_move_nothing(records: Records) -> None:
    """V26. The shuffled treatment is held to its 99 % interval; on fixed seeds a false alarm would be a fixed one."""
    run(STUDY, placebo_arms(), records)
    for one in placebo_findings(STUDY, records):
        assert one.verdict == "moves nothing", one


def test_every_row_of_the_plans_names_a_test_that_is_there() -> None:
    root = Path(__file__).parents[2]
    for name, test in data.measure_tests().items():
        assert name in schema.measures()
        file, _, function = test.partition("::")
        assert f"def {function}(" in (root / file).read_text(encoding="utf-8")
        assert name in (root / file).read_text(encoding="utf-8")
