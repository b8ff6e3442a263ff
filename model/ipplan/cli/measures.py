"""``ipplan measures``: coverage of the plans' rows, and the study that shows what each measure does in the model."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipplan import clock, data, schema
from ipplan.cli.numbers import scale_given, whole_number
from ipplan.errors import InputError, nearest
from ipplan.scenario.reading import plain, shown_path
from ipplan.scenario.values import Wrong, month

if TYPE_CHECKING:
    from ipplan.analysis.study.records import Records
    from ipplan.analysis.study.running import Study
    from ipplan.analysis.study.stored import Stored

ACTIONS = ("coverage", "study")
ANY_TEST = "tests/properties/test_measure_signs.py::test_the_declared_signs_are_not_contradicted"


def execute(given: argparse.Namespace) -> int:
    """Print the coverage, or run the study."""
    if given.action not in ACTIONS:
        raise InputError(f"ipplan measures: there is no '{plain(given.action)}'; write {' or '.join(ACTIONS)}."
                         f"{nearest(given.action, ACTIONS)}")
    reads = given.action == "coverage" and not given.run
    idle = ("scale", "seeds", "workers") if reads else ("run", "json") if given.action == "study" else ()
    if name := next((name for name in idle if getattr(given, name)), None):
        what = "coverage reads the stored study; add --run" if reads else "this is an option of coverage"
        raise InputError(f"--{name}: {what}, or leave it out.")
    return _coverage(given) if given.action == "coverage" else _study(given)


def _size(given: argparse.Namespace, scale: str, seeds: str) -> Study:
    from ipplan.analysis.study.running import Study
    from ipplan.runs.batch import processors

    text = given.scale or scale
    scale_given(text, "--scale")
    try:
        end = month(given.to)
    except Wrong as error:
        raise InputError(f"--to: {error}.") from None
    if not clock.month("2022-01") <= end <= clock.LAST_END:
        raise InputError(f"--to: '{given.to}' should be a month from 2022-01 to {clock.label(clock.LAST_END)}.")
    workers = processors() if given.workers is None else whole_number(given.workers, "--workers", 1, 1024)
    return Study(Fraction(text), whole_number(given.seeds or seeds, "--seeds", 1, 1000), end, workers)


def _names(given: argparse.Namespace) -> tuple[str, ...]:
    known = schema.measures()
    names = tuple(given.only.split(",")) if given.only else tuple(known)
    for name in names:
        if name not in known:
            raise InputError(f"--only: there is no measure '{plain(name)}'.{nearest(name, known)}")
    return names


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty() or done % 100 == 0 or done == total:
        print(f"\r{done} of {total} runs", end="" if sys.stderr.isatty() and done < total else "\n", file=sys.stderr,
              flush=True)  # fmt: skip


def _study(given: argparse.Namespace) -> int:
    """Run what is missing, write the tables, and say where they are."""
    from ipplan.analysis.study import design, findings, interactions, stored
    from ipplan.analysis.study.records import Records
    from ipplan.analysis.study.running import run
    from ipplan.report import study as report

    study, names = _size(given, "1/1000", "16"), _names(given)
    folder = Path(given.out) if given.out else stored.HOME
    records = Records(folder / stored.RUNS, study.about(), given.fresh)
    try:
        run(study, [*design.singles(names), *design.placebo_arms()], records, _progress)
        effects = findings.single_effects(study, records, names)
        ten = findings.strongest(study, records, names) if not given.no_interactions else ()
        arms = design.pairs(ten) if len(ten) > 1 else []
        run(study, arms, records, _progress)
        pairs = interactions.interactions(study, records, ten) if arms else []
    finally:
        records.close()
    ranked = interactions.ranks(pairs, ten) if pairs else []
    placebos = findings.placebo_findings(study, records)
    reversals = {name: findings.reversals(study, records, name) for name in names}
    about = _about(given, study, ten, reversals, records)
    stored.write(folder, about, effects, placebos, pairs, ranked)
    page = report.page(about, effects, reversals, placebos, pairs, ranked, about["failed"])
    (folder / stored.TABLE).write_text(page, encoding="utf-8")
    if pairs:
        from ipplan.report.figures import interactions as picture
        from ipplan.report.figures import style

        subtitle = f"{study.replicates} seeds at scale {about['scale']}, effects of 2021 on, last three full years"
        style.save(picture.draw(pairs, ten, subtitle), folder / stored.PICTURE, about["code"], about["command"])
    print(f"The study is in {shown_path(folder)}: {shown_path(folder / stored.TABLE)}")
    return 0


def _about(
    given: argparse.Namespace, study: Study, ten: tuple[str, ...], reversals: dict[str, list[str]], records: Records
) -> dict[str, Any]:
    options = [("--scale", str(study.scale)), ("--seeds", str(study.replicates)), ("--to", clock.label(study.end))]
    options += [("--only", given.only)] if given.only else []
    words = ["ipplan", "measures", "study", *(word for pair in options for word in pair)]
    return {
        "what": "the study of measures: see table.md", **study.about(), "replicates": study.replicates,
        "command": shlex.join(words + ["--no-interactions"] * bool(given.no_interactions)),
        "date": datetime.now(UTC).date().isoformat(), "strongest": list(ten),
        "reversals": {name: found for name, found in reversals.items() if found},
        "failed": {f"{arm}, seed {seed}": reason for (arm, seed), reason in sorted(records.failures.items())},
    }  # fmt: skip


def _coverage(given: argparse.Namespace) -> int:
    """Print every row of the plans with its measure, what it moves, its test and its measured effects."""
    from ipplan.analysis.study import stored

    study = _small(given) if given.run else stored.read(Path(given.out) if given.out else stored.home())
    rows = [_row(row, study) for row in data.plan_rows()]
    if given.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return 0
    before = ""
    for row in rows:
        if (head := f"{row['plan']}, {row['part']}") != before:
            print(f"\n{head}" if before else head)
            before = head
        print("\n".join(_lines(row)))
    wanted = sorted({row["measure"] for row in rows})
    missing = [name for name in wanted if name not in schema.measures()]
    print(f"\n{len(wanted) - len(missing)} of {len(wanted)} measures of both plans are in the model.", end=" ")
    print(f"Missing: {', '.join(missing)}." if missing else "None is missing.")
    print(study.made() if study else "No study is stored; `ipplan measures study` makes one, --run a small one now.")
    print("A sign that holds verifies the code, not the world.")
    return 0


def _small(given: argparse.Namespace) -> Stored:
    """Run the measures of the plans at central strength and small scale, and keep nothing."""
    from ipplan.analysis.study import design, findings, stored
    from ipplan.analysis.study.records import Records
    from ipplan.analysis.study.running import run

    study = _size(given, "1/2000", "4")
    known = schema.measures()
    names = list(dict.fromkeys(row.measure for row in data.plan_rows() if row.measure in known))
    with tempfile.TemporaryDirectory() as folder:
        records = Records(Path(folder) / stored.RUNS, study.about())
        try:
            run(study, design.singles(names, [design.CENTRAL]), records, _progress)
            effects = findings.single_effects(study, records, names, [design.CENTRAL])
        finally:
            records.close()
    return stored.Stored(Path(), {**study.about(), "replicates": study.replicates}, tuple(effects))


def _row(row: data.PlanRow, study: Stored | None) -> dict[str, Any]:
    from ipplan.report.study import effect_words

    found: dict[str, Any] = {"plan": row.plan, "part": row.part, "what": row.what, "measure": row.measure}
    measure = schema.measures().get(row.measure)
    if measure is None:
        return {**found, "status": "missing"}
    effects = study.central(row.measure) if study else {}
    moved = [move.primitive for name in (*measure.parts, row.measure) for move in schema.measures()[name].moves]
    return {
        **found, "status": "in the model", "moves": list(dict.fromkeys(moved)),
        "tests": [test for test in (data.measure_tests().get(row.measure), f"{ANY_TEST}[{row.measure}]") if test],
        "effects": {one.indicator: {"declared": one.sign, "lag_months": list(one.lag),
                                    "measured": effect_words(effects[one.indicator]) if one.indicator in effects
                                    else "not measured"} for one in measure.expects},
    }  # fmt: skip


def _lines(row: dict[str, Any]) -> list[str]:
    lines = [f"  {row['what']}: {row['measure']}"]
    if row["status"] == "missing":
        return [f"{lines[0]} - MISSING: not in this version of the model"]
    lines += [f"    moves {', '.join(row['moves'])}", *(f"    shown by {test}" for test in row["tests"])]
    lines += [f"    {indicator} ({one['declared']}): {one['measured']}" for indicator, one in row["effects"].items()]
    return lines
