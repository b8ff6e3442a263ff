"""What a run folder holds: the scenario as resolved, the indicators, the annual table, the effects and the figures."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pyarrow import parquet

from ipplan.analysis.compare import AnnualRow, EffectRow, Ensemble, annual_table, effects_table, stack, write_rows
from ipplan.indicators import SCHEMA, IndicatorFrame, tidy
from ipplan.runs import BASELINE, PLAN, Done
from ipplan.scenario import Resolved

SCENARIO, BASELINE_SCENARIO = "scenario.toml", "baseline.toml"
INDICATORS, ANNUAL, EFFECTS, FIGURES = "indicators.parquet", "annual.csv", "effects.csv", "figures"


class Collector:
    """Takes runs as they finish: every one goes to indicators.parquet at once, and is kept for the tables."""

    def __init__(self, folder: Path, key: str) -> None:
        """Open ``indicators.parquet`` in ``folder``; the key of the run stands in its metadata."""
        self.frames: dict[str, dict[int, IndicatorFrame]] = {}
        schema = SCHEMA.with_metadata({"ipplan.key": key})
        self._writer = parquet.ParquetWriter(folder / INDICATORS, schema, compression="zstd")

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

    def ensembles(self) -> dict[str, Ensemble]:
        """Return run -> its replicates; with a baseline, only replicates that both came to their end, if any did."""
        paired = set(self.frames.get(BASELINE, {})) & set(self.frames.get(PLAN, {}))
        found = {}
        for run in (BASELINE, PLAN):
            frames = self.frames.get(run, {})
            kept = sorted(paired or frames)
            if frames:
                found[run] = stack(run, [frames[replicate] for replicate in kept])
        return found


def write(folder: Path, key: str, resolved: Resolved, collector: Collector, figures: bool) -> None:
    """Write everything but the manifest."""
    (folder / SCENARIO).write_text(resolved.to_toml(), encoding="utf-8")
    if resolved.baseline is not None:
        (folder / BASELINE_SCENARIO).write_text(resolved.baseline.to_toml(), encoding="utf-8")
    ensembles = collector.ensembles()
    write_rows(folder / ANNUAL, AnnualRow, annual_table(ensembles.values()))
    both = BASELINE in ensembles and PLAN in ensembles and ensembles[BASELINE].replicates == ensembles[PLAN].replicates
    effects = effects_table(ensembles[BASELINE], ensembles[PLAN]) if both else []
    write_rows(folder / EFFECTS, EffectRow, effects)
