"""Every way a table can fail its format, turned into one sentence: file, key, what is wrong, what would be right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ipplan import drivers, schema
from ipplan.errors import InputError, nearest
from ipplan.scenario.format import ScenarioFile, keys_of, table_at
from ipplan.scenario.reading import plain

Location = tuple[int | str, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TABLES = {
    "base": "[[base]] with two brackets, once for each file",
    "measures": "[[measures]] with two brackets, once for each entry",
    "targets": "[[targets]] with two brackets, once for each target",
    "moves": "[[measure.ID.moves]] with two brackets, once for each move",
    "expects": "[[measure.ID.expects]] with two brackets, once for each indicator",
    "costs": "[[measure.ID.costs]] with two brackets, once for each cost",
    "primitives": '[primitives] and below it "agencies.fee" = { value = 1200, unit = "yuan" }',
    "drivers": '[drivers.gdp] and below it unit = "trillion yuan" and values = { 2027 = 150.0 }',
    "measure": "[measure.ID] and below it what the measure is",
    "title": 'title = { en = "...", zh = "..." }',
    "resolved": "[resolved], or leave it out: only a finished run writes it",
}
_NEEDED = {
    "title": 'title = "..."',
    "file": 'file = "fifteenth_plan", a name beside this file',
    "to": 'to = "2031-01", the first month that is not run',
    "from": 'from = "2026-01", the month in which the measure starts',
    "measure": 'measure = "..." with an id that "ipplan list measures" prints',
    "unit": 'the unit that "ipplan list primitives" or "ipplan list drivers" prints',
    "values": "values = { 2027 = 150.0 }, years and numbers",
    "value": "value = a number",
    "indicator": 'indicator = "..." with an id that "ipplan list indicators" prints',
    "year": "year = 2030",
    "direction": 'direction = "at_least" or "at_most"',
    "primitive": 'primitive = "..." with an id that "ipplan list primitives" prints',
    "channel": "channel = a word; measures of one channel overlap instead of adding up",
    "effect": "effect = a number (log points, or units on a linear scale)",
    "sign": 'sign = "+", "-", "+/-" (either way) or "0" (not at all)',
    "lag": "lag = [3, 24], the months from its announcement in which it should show",
    "kind": 'kind = "staff", "money" or "burden" (on honest applicants)',
    "what": 'what = "..." in a few words',
    "en": 'en = "..."',
}


class Taken(dict[str, Any]):
    """An entry or target that a scenario takes over from another file, whose name sentences about it tell."""

    def __init__(self, table: Mapping[str, Any], source: str) -> None:
        super().__init__(table)
        self.source = source


def where(location: Location, table: Any) -> str:
    """Return how people find a place: ``measures entry 2 (rights_quality), strength``."""
    words = ""
    value = table
    for step in location:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
            words += f" entry of '{value.source}'" if isinstance(value, Taken) else f" entry {step + 1}"
            for key in ("measure", "indicator", "primitive"):
                if isinstance(value, dict) and isinstance(value.get(key), str):
                    words += f" ({plain(value[key], 60)})"
                    break
        else:
            value = value.get(step) if isinstance(value, dict) else None
            step = plain(step, 80)
            inside = " entry " in words  # an entry's number, or whose it is
            between = ", " if inside else "." if words else ""
            words += between + (step if inside or _BARE.fullmatch(step) else f'"{step}"')
    return words


def complain(name: str, location: Location, table: Any, problem: str) -> InputError:
    """Return the error that says ``problem`` about the key at ``location`` of the file ``name``."""
    place = where(location, table)
    end = "" if problem.endswith(("?", ".")) else "."
    return InputError(f"{name}: {place}: {problem}{end}" if place else f"{name}: {problem}{end}")


def _unit(location: Location) -> str:
    """Return the unit to write for a primitive or driver, empty for one that is not known."""
    table, key = (str(step) for step in location[:2])
    one = schema.primitives().get(key) if table == "primitives" else drivers.drivers().get(key)
    return f'unit = "{one.unit}"' if one else ""


def translate(error: ValidationError, name: str, table: Any) -> InputError:
    """Return one sentence for the first mistake; a misspelt key comes before the key that it leaves missing."""
    rank = {"extra_forbidden": 0, "missing": 2}
    first = min(error.errors(include_url=False), key=lambda e: rank.get(e["type"], 1))
    location: Location = tuple(step for step in first["loc"] if step != "[key]")
    key = location[-1] if location else ""
    kind = first["type"]
    if kind == "extra_forbidden":
        known = keys_of(table_at(location[:-1]))
        listed = ", ".join(k for k in known if k != "resolved")
        hint = nearest(key, known)
        if len(location) > 1 and key in keys_of(ScenarioFile):  # TOML gives a key to the table above it
            hint = f" '{key}' belongs at the top of the file, above the first table."
        return complain(name, location, table, f"there is no such key; the keys here are {listed}.{hint}")
    if kind == "missing":
        unit = _unit(location) if key == "unit" else ""
        problem = f"the key '{key}' is missing; write {unit or _NEEDED.get(str(key), 'it')}"
        return complain(name, location[:-1], table, problem)
    if kind == "value_error":
        return complain(name, location, table, str(first["ctx"]["error"]))
    if location[:1] == ("primitives",) and len(location) == 2:
        return complain(name, location, table, 'a value comes with its unit; write { value = 1200, unit = "yuan" }')
    if isinstance(key, int) or (location[:1] in (("measure",), ("drivers",)) and len(location) == 2):
        key = location[-2]
    if location == ("measure",) and isinstance(table["measure"], list):
        return complain(name, location, table, "a measure of your own has an id; write [measure.ID], or [[measures]] "
                                               "for an entry that puts a measure on a date")
    return complain(name, location, table, f"has another form than expected; write {_TABLES.get(str(key), 'a table')}")
