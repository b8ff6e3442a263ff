"""``ipplan measures``: coverage of the plans' rows, and the study that shows what each measure does in the model."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipplan import clock, data, schema
from ipplan.cli import INTERRUPTED
from ipplan.cli.numbers import scale_given, whole_number
from ipplan.errors import InputError, nearest
from ipplan.scenario import Scenario, load, resolve
from ipplan.scenario.reading import plain, shown_path
from ipplan.scenario.values import Wrong, month
from ipplan.schema import Measure
from ipplan.schema.evidence import expectations

if TYPE_CHECKING:
    from ipplan.analysis.study.records import Records
    from ipplan.analysis.study.running import Study
    from ipplan.analysis.study.stored import Stored

ACTIONS = ("coverage", "study")
ANY_TEST = "tests/properties/test_measure_signs.py::test_the_declared_signs_are_not_contradicted"
SCALE, SEEDS = "1/1000", "16"
"""The study's size; experiments/README.md says what it costs and how wide the intervals are."""
NO_TEST = "no test: what a planner writes, no test of the code knows"


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
    scenario = load(Path(given.scenario)) if given.scenario else None
    if scenario is not None and not scenario.own_measures:
        raise InputError(f"{shown_path(scenario.path)}: holds no measure of its own; write [measure.ID] tables, or "
                         "leave --scenario out for the measures of the model.")
    return _coverage(given, scenario) if given.action == "coverage" else _study(given, scenario)


def _size(given: argparse.Namespace, scenario: Scenario | None, scale: str, seeds: str) -> Study:
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
    number = whole_number(given.seeds or seeds, "--seeds", 1, 1000)
    return Study(Fraction(text), number, end, workers, resolve(scenario) if scenario else None)


def _names(given: argparse.Namespace, scenario: Scenario | None, known: Mapping[str, Measure]) -> tuple[str, ...]:
    """Return what is studied: what ``--only`` names, else the planner's own measures, else the model's."""
    names = tuple(given.only.split(",")) if given.only else tuple(scenario.own_measures if scenario else known)
    for name in names:
        if name not in known:
            raise InputError(f"--only: there is no measure '{plain(name)}'.{nearest(name, known)}")
        if not expectations(known[name], known):
            raise InputError(f"measure '{plain(name)}' declares no indicator that it should move; write "
                             f"[[measure.{plain(name)}.expects]] entries, so that there is something to look for.")
    return names


class _Progress:
    """Says how many runs are done, and how long the rest takes at the pace so far."""

    def __init__(self, later: int = 0) -> None:
        """Begin; ``later`` are runs that follow those it is told about."""
        self.later, self.start = later, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        terminal = sys.stderr.isatty()
        if not terminal and done % 100 and done != total:
            return
        left = (time.monotonic() - self.start) / done * (total - done + self.later) / 60
        then = f", then some {self.later} of pairs" if self.later else ""
        line = f"{done} of {total} runs{then}: {left:.0f} minutes left "
        print(f"\r{line:<70}" if terminal else line, end="" if terminal and done < total else "\n", file=sys.stderr,
              flush=True)  # fmt: skip


def _folder(given: argparse.Namespace, scenario: Scenario | None) -> Path:
    from ipplan.analysis.study import stored

    if given.out:
        return Path(given.out)
    return stored.own_home(scenario.name) if scenario else stored.HOME


def _study(given: argparse.Namespace, scenario: Scenario | None) -> int:
    """Run what is missing, write the tables, and say where they are."""
    from ipplan.analysis.study import design, findings, interactions, stored
    from ipplan.analysis.study.records import Records
    from ipplan.analysis.study.running import run
    from ipplan.report import study as report

    study = _size(given, scenario, SCALE, SEEDS)
    names = _names(given, scenario, study.known)
    folder = _folder(given, scenario)
    records = Records(folder / stored.RUNS, study.about(), given.fresh)
    try:
        later = 0 if given.no_interactions else len(design.pairs(names[: design.STRONGEST])) * study.replicates
        arms = [*design.singles(names, known=study.known), *design.placebo_arms()]
        run(study, arms, records, _Progress(later if len(names) > 1 else 0))
        effects = findings.single_effects(study, records, names)
        ten = findings.strongest(study, records, names) if not given.no_interactions else ()
        arms = design.pairs(ten, study.known) if len(ten) > 1 else []
        run(study, arms, records, _Progress())
        pairs = interactions.interactions(study, records, ten) if arms else []
    except KeyboardInterrupt:
        print(f"\nStopped; {len(records.done)} runs are kept, the same command goes on from there.", file=sys.stderr)
        return INTERRUPTED
    finally:
        records.close()
    ranked = interactions.ranks(pairs, ten) if pairs else []
    placebos = findings.placebo_findings(study, records)
    reversals = {name: findings.reversals(study, records, name) for name in names}
    about = _about(given, study, ten, reversals, records)
    stored.write(folder, about, effects, placebos, pairs, ranked)
    page = report.page(about, effects, reversals, placebos, pairs, ranked, about["failed"], study.known)
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
    options += [("--scenario", given.scenario)] if given.scenario else []
    words = ["ipplan", "measures", "study", *(word for pair in options for word in pair)]
    return {
        "what": "the study of measures: see table.md", **study.about(), "replicates": study.replicates,
        "command": shlex.join(words + ["--no-interactions"] * bool(given.no_interactions)),
        "date": datetime.now(UTC).date().isoformat(), "strongest": list(ten),
        "reversals": {name: found for name, found in reversals.items() if found},
        "failed": {f"{arm}, seed {seed}": reason for (arm, seed), reason in sorted(records.failures.items())},
    }  # fmt: skip


def _coverage(given: argparse.Namespace, scenario: Scenario | None) -> int:
    """Print every row of the plans with its measure, what it moves, its test and its measured effects."""
    from ipplan.analysis.study import stored
    from ipplan.analysis.study.running import world_of

    study = _size(given, scenario, "1/2000", "4")
    asked = _asked(scenario)
    if given.run:
        kept: Stored | None = _small(study, [row.measure for row in asked if row.measure in study.known])
    else:
        kept = stored.read(_folder(given, scenario) if given.out or scenario else stored.home())
    rows = [_row(row, study.known, kept) for row in asked]
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
    missing = [name for name in wanted if name not in study.known]
    if scenario is None:
        print(f"\n{len(wanted) - len(missing)} of {len(wanted)} measures of both plans are in the model.", end=" ")
        print(f"Missing: {', '.join(missing)}." if missing else "None is missing.")
    made = f"`ipplan measures study{f' --scenario {shown_path(scenario.path)}' if scenario else ''}`"
    print(kept.made(world_of(study.given)) if kept else f"No study is stored; {made} makes one, --run a small one now.")
    print("A sign that holds verifies the code, not the world.")
    return 0


def _asked(scenario: Scenario | None) -> list[data.PlanRow]:
    """Return the rows of both plans, or one for each of a planner's own measures."""
    if scenario is None:
        return list(data.plan_rows())
    return [data.PlanRow(scenario.title, "measures of its own", one.title_en, name)
            for name, one in scenario.own_measures.items()]  # fmt: skip


def _small(study: Study, asked: list[str]) -> Stored:
    """Run some measures at central strength and small scale, and keep nothing."""
    from ipplan.analysis.study import design, findings, stored
    from ipplan.analysis.study.records import Records
    from ipplan.analysis.study.running import run

    names, strengths = list(dict.fromkeys(asked)), [design.CENTRAL]
    with tempfile.TemporaryDirectory() as folder:
        records = Records(Path(folder) / stored.RUNS, study.about())
        try:
            run(study, design.singles(names, strengths, study.known), records, _Progress())
            effects = findings.single_effects(study, records, names, strengths)
        finally:
            records.close()
    return stored.Stored(Path(), {**study.about(), "replicates": study.replicates}, tuple(effects))


def _row(row: data.PlanRow, known: Mapping[str, Measure], study: Stored | None) -> dict[str, Any]:
    from ipplan.report.study import effect_words

    found: dict[str, Any] = {"plan": row.plan, "part": row.part, "what": row.what, "measure": row.measure}
    measure = known.get(row.measure)
    if measure is None:
        return {**found, "status": "missing"}
    effects = study.central(row.measure) if study else {}
    moved = [move.primitive for name in (*measure.parts, row.measure) for move in known[name].moves]
    shipped = row.measure in schema.measures()
    tests = [data.measure_tests().get(row.measure), f"{ANY_TEST}[{row.measure}]"] if shipped else [NO_TEST]
    return {
        **found, "status": "in the model", "moves": list(dict.fromkeys(moved)),
        "tests": [test for test in tests if test],
        "effects": {one.indicator: {"declared": one.sign, "lag_months": list(one.lag),
                                    "measured": effect_words(effects[one.indicator]) if one.indicator in effects
                                    else "not measured"} for one in expectations(measure, known)},
    }  # fmt: skip


def _lines(row: dict[str, Any]) -> list[str]:
    lines = [f"  {row['what']}: {row['measure']}"]
    if row["status"] == "missing":
        return [f"{lines[0]} - MISSING: not in this version of the model"]
    lines += [f"    moves {', '.join(row['moves'])}", *(f"    shown by {test}" for test in row["tests"])]
    lines += [f"    {indicator} ({one['declared']}): {one['measured']}" for indicator, one in row["effects"].items()]
    return lines
