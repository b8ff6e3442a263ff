"""``ipplan list``: the schema as a table for people, or as JSON."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ipplan import clock, data, drivers, schema
from ipplan.errors import InputError, nearest
from ipplan.scenario import load
from ipplan.scenario.check import MOST_FACTOR
from ipplan.scenario.reading import plain, shown_path
from ipplan.schema import Measure, Move

Row = dict[str, Any]
_WEAKEST = ("assumed", "calibrated", "estimated", "observed")


def execute(given: argparse.Namespace) -> int:
    """Print what was asked for."""
    if given.what not in LISTS:
        raise InputError(f"ipplan list: there is no list of '{plain(given.what)}'; the lists are {', '.join(LISTS)}."
                         f"{nearest(given.what, LISTS)}")
    if given.scenario and given.what != "measures":
        raise InputError(f"ipplan list: --scenario adds the measures of your own in a file; a list of {given.what} has "
                         "nothing to add, leave it out.")
    rows, columns = LISTS[given.what]
    found = measures(load(Path(given.scenario)).own_measures) if given.scenario else rows()
    if given.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        print(table([[column(row) for column in columns.values()] for row in found], list(columns)))
    return 0


def _status(measure: Measure, known: Mapping[str, Measure]) -> str:
    """Return the weakest ground any of its moves (or its parts' moves) stands on."""
    grounds = {move.status for one in (measure, *(known[p] for p in measure.parts)) for move in one.moves}
    return next((status for status in _WEAKEST if status in grounds), "assumed")


def measures(own: Mapping[str, Measure] | None = None) -> list[Row]:
    """Return the measures, each with its moves, their units, ranges, sources and status; a planner's own at the end."""
    from ipplan.report.explain import after

    primitives, known = schema.primitives(), {**schema.measures(), **(own or {})}
    history: dict[str, list[str]] = {}
    for entry in data.history_schedule():
        until = "on" if entry.end is None else f"to {clock.label(entry.end)}"
        text = f"from {clock.label(entry.start)} {until}, strength {entry.strength:g}"
        history.setdefault(entry.measure, []).append(text)
    found = []
    for measure in known.values():
        row = measure.model_dump(mode="json", exclude={"title"})
        for move in row["moves"]:
            first = primitives[move["primitives"][0]]
            move["unit"] = "log points" if first.scale == "log" else first.unit
            one = Move.model_validate(move)
            values = {name: primitives[name] for name in one.primitives}
            move["values"] = {name: [here.value, after(one, here)] for name, here in values.items()}
        found.append({
            "id": measure.id, "title_en": measure.title_en, "title_zh": measure.title_zh,
            "status": _status(measure, known),
            **row, "own": measure.id in (own or {}), "unit": "strength, 0 to 1.5 (1 = central)",
            "in_history": history.get(measure.id, []),
        })
    return found


def primitives() -> list[Row]:
    """Return the primitives, each with its value, unit, bounds, range, source and status."""
    fitted = schema.fitted().values
    return [
        {
            "id": one.id, "title_en": one.title_en, "title_zh": one.title_zh, "value": one.value, "unit": one.unit,
            "bounds": list(one.bounds), "range": list(one.range), "scale": one.scale, "scope": one.scope,
            "status": one.status, "source": one.source, "fit": one.fit, "fitted": one.id in fitted,
        }
        for one in sorted(schema.primitives().values(), key=lambda one: one.id)
    ]


def indicators() -> list[Row]:
    """Return the indicators with their units, definitions and sources."""
    found = []
    for one in schema.indicators().values():
        row = one.model_dump(mode="json", exclude={"title"})
        view = row.get("view", "official")
        found.append({**row, "title_en": one.title_en, "title_zh": one.title_zh, "view": view, "status": view,
                      "observed_years": sorted(data.observed(one.id)) if one.id in data.series() else []})
    return found


def targets() -> list[Row]:
    """Return the official targets of plans."""
    words = {True: "binding", False: "anticipatory"}
    return [{**one.model_dump(mode="json"), "status": words[one.binding]} for one in schema.targets()]


def paths() -> list[Row]:
    """Return the dated paths that a scenario may change, each with its unit and its values by year."""
    found = []
    for name in drivers.READ:
        one = drivers.drivers()[name]
        points = [{"year": p.year, "value": p.value, "status": p.status, "source": p.source, "note": p.note}
                  for p in one.points]
        found.append({"id": name, "title_en": name.replace("_", " "), "unit": one.unit, "kind": one.kind,
                      "status": one.points[-1].status, "source": one.points[-1].source, "points": points,
                      "factor_at_most": MOST_FACTOR})
    return found


def _path_end(row: Row) -> str:
    """Return the last value of a path that is not assumed, and what is assumed for its last year."""
    known = [point for point in row["points"] if point["status"] != "assumed"]
    shown = [*known[-1:], *(row["points"][-1:] if row["points"][-1] not in known[-1:] else [])]
    return ", ".join(f"{point['value']:g} in {point['year']} ({point['status']})" for point in shown)


def scenarios_folder() -> Path | None:
    """Return the folder of scenario files: here, or that of the source tree this package lies in."""
    for folder in (Path("scenarios"), Path(__file__).resolve().parents[3] / "scenarios"):
        if folder.is_dir():
            return folder
    return None


def scenarios() -> list[Row]:
    """Return the scenario files at hand; a file with a mistake is listed with what is wrong."""
    folder = scenarios_folder()
    found: list[Row] = []
    for path in sorted(folder.glob("*.toml")) if folder else []:
        try:
            one = load(path)
        except InputError as error:
            found.append({"id": path.stem, "file": shown_path(path), "status": "cannot be run", "problem": str(error)})
            continue
        found.append({
            "id": one.name, "title_en": one.title, "file": shown_path(path), "from": clock.label(one.start),
            "to": clock.label(one.end), "scale": f"{one.file.scale.numerator}/{one.file.scale.denominator}",
            "replicates": one.file.replicates, "seed": one.file.seed,
            "baseline": one.baseline.name if one.baseline else None,
            "measures": sorted({entry.measure for entry in one.file.measures}), "status": "ready",
        })
    return found


def _span(pair: Sequence[float]) -> str:
    return f"{pair[0]:g} to {pair[1]:g}"


def _months(number: float) -> str:
    return f"{number:g} month" + ("" if number == 1 else "s")


LISTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "measures": (measures, {
        "id": lambda r: r["id"], "title": lambda r: r["title_en"], "delay": lambda r: _months(r['delay']),
        "build-up": lambda r: _months(r['build_up']), "status": lambda r: r["status"],
        "acts through": lambda r: ", ".join(r["parts"]) or ", ".join(m["primitive"] for m in r["moves"]),
        "source": lambda r: r["source"],
    }),
    "primitives": (primitives, {
        "id": lambda r: r["id"], "value": lambda r: f"{r['value']:g}", "unit": lambda r: r["unit"],
        "range": lambda r: _span(r["range"]), "bounds": lambda r: _span(r["bounds"]), "status": lambda r: r["status"],
        "title": lambda r: r["title_en"], "source": lambda r: r["source"],
    }),
    "indicators": (indicators, {
        "id": lambda r: r["id"], "title": lambda r: r["title_en"], "unit": lambda r: r["unit"],
        "kind": lambda r: r["kind"], "view": lambda r: r["view"], "source": lambda r: r["source"],
    }),
    "targets": (targets, {
        "plan": lambda r: r["plan"], "indicator": lambda r: r["series"],
        "base": lambda r: "" if r["baseline"] is None else f"{r['baseline']:g} ({r['baseline_year']})",
        "target": lambda r: f"{r['direction'].replace('_', ' ')} {r['target']:g} in {r['target_year']}",
        "unit": lambda r: r["unit"], "status": lambda r: r["status"], "source": lambda r: r["source"],
    }),
    "drivers": (paths, {
        "id": lambda r: r["id"], "unit": lambda r: r["unit"], "kind": lambda r: r["kind"], "values": _path_end,
        "source": lambda r: r["source"],
    }),
    "scenarios": (scenarios, {
        "file": lambda r: r["file"], "title": lambda r: r.get("title_en", ""),
        "horizon": lambda r: f"{r['from']} to {r['to']}" if "from" in r else "",
        "baseline": lambda r: r.get("baseline") or "", "status": lambda r: r["status"],
        "measures": lambda r: r.get("problem") or ", ".join(r["measures"]),
    }),
}  # fmt: skip
"""What can be listed: its rows, and the columns of the table for people."""


def table(rows: list[list[str]], heads: list[str]) -> str:
    """Return rows as aligned columns; on a terminal the last column is cut at the edge, in a pipe it is whole."""
    from rich.cells import cell_len, set_cell_size

    lines = [heads, *rows]
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(heads))]
    edge = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    texts = []
    for line in lines:
        padded = [cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)]
        text = "  ".join(padded).rstrip()
        texts.append(set_cell_size(text, edge).rstrip() if edge and cell_len(text) > edge else text)
    return "\n".join(texts)
