"""The study as it is kept in a folder: tables as CSV, what it is of as JSON."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from ipplan.analysis.study.findings import Effect, Placebo
from ipplan.analysis.study.interactions import Interaction, Rank
from ipplan.runs.code import code_hash

RUNS, ABOUT, TABLE, PICTURE = "runs.jsonl", "study.json", "table.md", "interactions.png"
EFFECTS, PLACEBOS, PAIRS, RANKS = "effects.csv", "placebos.csv", "interactions.csv", "combiners.csv"
HOME = Path("experiments") / "measures"
"""Where the study of the model's own measures is kept."""
OWN = "measures-"
"""Folders in results/ that hold the study of a planner's own measures begin so."""


@dataclass(frozen=True)
class Stored:
    """What a folder holds: the study's settings and results, and the effects."""

    folder: Path
    about: Mapping[str, Any]
    effects: tuple[Effect, ...]

    def made_of(self, world: str = "") -> str:
        """Return what it was made with, in words; ``world`` is the digest of the planner's world it is asked about."""
        if self.about.get("code") != code_hash():
            return f"with other code ({str(self.about['code'])[:12]}), so it may differ now"
        if self.about.get("world", "") != world:
            return "with another version of your measures or their world, so it may differ now"
        return "with this code"

    def central(self, measure: str) -> dict[str, Effect]:
        """Return indicator -> effect of a measure at strength 1."""
        return {one.indicator: one for one in self.effects if one.measure == measure and one.strength == 1.0}

    def made(self, world: str = "") -> str:
        """Return how it was made, in a sentence."""
        about = self.about
        return (f"Study of measures: {about['replicates']} seeds at scale {about['scale']} to {about['to']}, "
                f"{self.made_of(world)}; 99 % intervals.")  # fmt: skip


def own_home(scenario: str) -> Path:
    """Return the folder for the study of the own measures of a scenario of this name."""
    return Path("results") / f"{OWN}{scenario}"


def home() -> Path | None:
    """Return the folder of the stored study: below this folder, or in the source tree this package lies in."""
    for root in (Path(), Path(__file__).resolve().parents[4]):
        if (root / HOME / ABOUT).is_file():
            return root / HOME
    return None


def read(folder: Path | None) -> Stored | None:
    """Return the study that a folder holds, None if there is none."""
    if folder is None or not (folder / ABOUT).is_file() or not (folder / EFFECTS).is_file():
        return None
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    with (folder / EFFECTS).open(encoding="utf-8", newline="") as file:
        rows = tuple(_effect(row) for row in csv.DictReader(file))
    return Stored(folder, about, rows)


def _effect(row: Mapping[str, str]) -> Effect:
    def number(key: str) -> float:
        return float(row[key]) if row[key] else math.nan

    return Effect(row["measure"], number("strength"), row["indicator"], row["sign"], int(row["first_year"]),
                  int(row["last_year"]), number("level"), number("effect"), number("low"), number("high"),
                  int(row["replicates"]), row["verdict"])  # fmt: skip


def write(
    folder: Path, about: Mapping[str, Any], effects: Sequence[Effect], placebos: Sequence[Placebo],
    pairs: Sequence[Interaction], ranked: Sequence[Rank],
) -> None:  # fmt: skip
    """Write the tables; the settings last, because they say that the rest is there."""
    folder.mkdir(parents=True, exist_ok=True)
    _table(folder / EFFECTS, Effect, effects)
    _table(folder / PLACEBOS, Placebo, placebos)
    if pairs:
        _table(folder / PAIRS, Interaction, pairs)
        _table(folder / RANKS, Rank, ranked)
    (folder / ABOUT).write_text(json.dumps(about, indent=2, ensure_ascii=True) + "\n", encoding="utf-8")


def _table(path: Path, kind: type, rows: Iterable[Effect | Placebo | Interaction | Rank]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in fields(kind)])
        writer.writerows([_text(value) for value in astuple(row)] for row in rows)


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(_text(one) for one in value)
    if not isinstance(value, float):
        return str(value)
    return f"{value:.6g}" if math.isfinite(value) else ""
