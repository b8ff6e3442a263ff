"""What a run folder holds: the scenario as resolved, the indicators, the annual table, the effects and the figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Self

from pyarrow import parquet
from rich.console import Console

from ipplan import clock, schema
from ipplan.analysis.compare import AnnualRow, EffectRow, Ensemble, annual_table, stack, write_rows
from ipplan.analysis.study import stored
from ipplan.cli.show import FIGURES, SUMMARY
from ipplan.indicators import SCHEMA, IndicatorFrame, tidy
from ipplan.report.rundata import OWN, Aim, Basis, MeasureDate, RunData, collect, short_title
from ipplan.report.table import show
from ipplan.runs import BASELINE, EVIDENCED, PLAN, Done, Draft
from ipplan.scenario import Resolved
from ipplan.schema.evidence import grounds

SCENARIO, BASELINE_SCENARIO = "scenario.toml", "baseline.toml"
INDICATORS, ANNUAL, EFFECTS = "indicators.parquet", "annual.csv", "effects.csv"
SUMMARY_WIDTH = 120


class Collector:
    """Takes runs as they finish: every one goes to indicators.parquet at once, and is kept for the tables."""

    def __init__(self, folder: Path, key: str) -> None:
        """Open ``indicators.parquet`` in ``folder``; the key of the run stands in its metadata."""
        self.frames: dict[str, dict[int, IndicatorFrame]] = {}
        schema = SCHEMA.with_metadata({"ipplan.key": key})
        self._file = (folder / INDICATORS).open("wb")  # Arrow takes no path that is not UTF-8
        self._writer = parquet.ParquetWriter(self._file, schema, compression="zstd")

    def take(self, done: Done) -> None:
        """Write one run and keep it."""
        self._writer.write_table(tidy(done.frame, done.run, done.replicate).replace_schema_metadata(None))
        self.frames.setdefault(done.run, {})[done.replicate] = done.frame

    def __enter__(self) -> Self:
        """Return the collector."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._writer.close()
        self._file.close()

    def ensembles(self) -> dict[str, Ensemble]:
        """Return run -> its replicates; with a baseline, only replicates that both came to their end, if any did."""
        paired = set(self.frames.get(BASELINE, {})) & set(self.frames.get(PLAN, {}))
        if EVIDENCED in self.frames:
            paired &= set(self.frames[EVIDENCED])
        found = {}
        for run in (BASELINE, PLAN, EVIDENCED):
            frames = self.frames.get(run, {})
            kept = sorted(paired or frames)
            if frames:
                found[run] = stack(run, [frames[replicate] for replicate in kept])
        return found


def aims(resolved: Resolved) -> list[Aim]:
    """Return the planner's own targets, then the official ones that are indicators here and fall due in the horizon.

    An official target that the planner states too stands once, as the planner's own.
    """
    found = [Aim(one.indicator, one.year, one.value, one.direction) for one in resolved.targets]
    years = clock.full_years(resolved.start, resolved.end)
    stated = set(found)
    for one in schema.targets():
        if one.series in schema.indicators() and one.target_year in years:
            official = Aim(one.series, one.target_year, one.target, one.direction, one.plan)
            if replace(official, plan=OWN) not in stated:
                found.append(official)
    return list(dict.fromkeys(found))


def dates(resolved: Resolved) -> list[MeasureDate]:
    """Return when measures begin and end, by their English titles."""
    known = {**schema.measures(), **resolved.own_measures}
    found = []
    for scheduled in resolved.schedule:
        entry = scheduled.entry
        name = short_title(known[entry.measure].title_en)
        if entry.strength > 0 and entry.start < resolved.end:
            found.append(MeasureDate(entry.start, name, entry.origin))
            if entry.end is not None and entry.end < resolved.end and entry.origin == "plan":
                found.append(MeasureDate(entry.end, name, entry.origin, ends=True))
    return found


def basis(resolved: Resolved) -> tuple[Basis, ...]:
    """Return the measures that the plan schedules, each with what it stands on, by name."""
    known = {**schema.measures(), **resolved.own_measures}
    named = {one.entry.measure for one in resolved.schedule if one.entry.origin == "plan" and one.entry.strength > 0}
    shipped, own = stored.read(stored.home()), stored.read(stored.own_home(resolved.name))
    found = []
    for name in sorted(named):
        study = own if name in resolved.own_measures else shipped
        found.append(Basis(known[name], grounds(known[name], known), study.central(name) if study else {}))
    return tuple(found)


def changed(resolved: Resolved) -> tuple[str, ...]:
    """Return the primitives, dated paths and parts of the history in which a plan differs from its baseline."""
    other = resolved.baseline
    if other is None:
        return ()
    names = [name for name, value in resolved.primitives.items() if value.value != other.primitives[name].value]
    paths = resolved.drivers.keys() | other.drivers.keys()
    names += [name for name in sorted(paths) if resolved.drivers.get(name) != other.drivers.get(name)]
    past = ((resolved.history, resolved.history_without), (other.history, other.history_without))
    return (*names, *(["the history"] if past[0] != past[1] else []))


def report_data(resolved: Resolved, ensembles: dict[str, Ensemble]) -> RunData:
    """Return what tables and figures need; if no run of the plan came to its end, the baseline stands alone."""
    main = PLAN if PLAN in ensembles else BASELINE
    baseline = ensembles.get(BASELINE) if main == PLAN else None
    if baseline is not None and baseline.replicates != ensembles[PLAN].replicates:
        baseline = None  # no replicate of both came to its end: nothing can be paired
    scale = f"{resolved.scale.numerator}/{resolved.scale.denominator}"
    data = collect(resolved.title, scale, ensembles[main], baseline, aims(resolved), dates(resolved))
    evidenced = ensembles.get(EVIDENCED)
    if baseline is None or (evidenced is not None and evidenced.replicates != baseline.replicates):
        evidenced = None
    return replace(data, basis=basis(resolved), changed=changed(resolved), evidenced=evidenced)


def write(draft: Draft, resolved: Resolved, collector: Collector, figures: bool, command: str) -> None:
    """Write everything but the manifest; ``command`` (which rebuilds the run) goes into the figures' metadata."""
    folder = draft.folder
    (folder / SCENARIO).write_text(resolved.to_toml(), encoding="utf-8")
    if resolved.baseline is not None:
        (folder / BASELINE_SCENARIO).write_text(resolved.baseline.to_toml(), encoding="utf-8")
    ensembles = collector.ensembles()
    data = report_data(resolved, ensembles)
    write_rows(folder / ANNUAL, AnnualRow, annual_table(ensembles.values()))
    write_rows(folder / EFFECTS, EffectRow, data.effects)
    with (folder / SUMMARY).open("w", encoding="utf-8") as file:
        show(data, Console(file=file, width=SUMMARY_WIDTH))
    if figures:
        from ipplan.report.figures import draw  # matplotlib is slow to load

        draw(data, folder / FIGURES, draft.key, command)
