"""Measures of the planner's own: a ``[measure.ID]`` table becomes a measure like those of the schema."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from ipplan import clock, schema
from ipplan.errors import InputError, nearest
from ipplan.scenario.format import CostLine, Move, OwnMeasure
from ipplan.scenario.reading import plain
from ipplan.scenario.sentence import Location
from ipplan.schema import Measure, Primitive

Refuse = Callable[[Location, str], NoReturn]

_ID = re.compile(r"[a-z][a-z0-9_]{0,59}")
_EARLIEST = clock.month_of(1900)
"""No evidence on patents that a measure rests on is older."""


def own_measures(tables: Mapping[str, OwnMeasure], refuse: Refuse) -> dict[str, Measure]:
    """Return the planner's measures; ``refuse`` raises the sentence about a wrong one."""
    for name, table in tables.items():
        _check(name, table, tables, refuse)
    rows = {name: _row(name, table) for name, table in tables.items()}
    try:
        return schema.parse_measures(rows, "", schema.primitives(), schema.measures())
    except InputError as error:  # a rule of the schema that is not told above
        refuse(("measure",), str(error).removeprefix(": "))


def _check(name: str, table: OwnMeasure, tables: Mapping[str, OwnMeasure], refuse: Refuse) -> None:
    at: Location = ("measure", name)
    if not _ID.fullmatch(name):
        refuse(at, f"'{plain(name)}' is not an id; write small letters, digits and underscores, a letter first")
    if name in schema.measures():
        refuse(at, f"'{name}' is a measure of the model already; give your own measure another id")
    if not table.moves and not table.parts:
        refuse(at, "the measure does nothing; add [[measure.ID.moves]] entries, or parts")
    parts = {key: one.parts for key, one in schema.measures().items()} | {key: one.parts for key, one in tables.items()}
    for part in table.parts or ():
        if part not in parts or part == name:
            others = [other for other in parts if other != name]
            refuse((*at, "parts"), f"there is no measure '{plain(part)}' to be a part.{nearest(part, others)}")
        if deeper := parts[part]:
            refuse((*at, "parts"), f"'{part}' has parts itself; name those: {', '.join(deeper)}")
    _check_expects(table, at, refuse)
    for place, cost in enumerate(table.costs):
        _check_cost(cost, (*at, "costs", place), refuse)
    seen: set[tuple[str, str]] = set()
    for place, move in enumerate(table.moves):
        for primitive in _check_move(move, (*at, "moves", place), refuse):
            if (primitive, move.channel) in seen:
                refuse((*at, "moves", place, "primitive"), f"'{primitive}' is moved twice through the channel "
                       f"'{plain(move.channel)}'; keep one of the two")
            seen.add((primitive, move.channel))


def _check_expects(table: OwnMeasure, at: Location, refuse: Refuse) -> None:
    seen = set()
    for place, one in enumerate(table.expects):
        here: Location = (*at, "expects", place, "indicator")
        _check_indicator(one.indicator, here, refuse)
        if one.indicator in seen:
            refuse(here, f"'{one.indicator}' is expected twice; keep one of the two")
        seen.add(one.indicator)


def _check_indicator(name: str, at: Location, refuse: Refuse) -> None:
    known = schema.indicators()
    if name not in known:
        refuse(at, f"there is no indicator '{plain(name)}'; \"ipplan list indicators\" prints them "
                   f"all.{nearest(name, known)}")


def _check_cost(cost: CostLine, at: Location, refuse: Refuse) -> None:
    if cost.indicator is not None:
        _check_indicator(cost.indicator, (*at, "indicator"), refuse)
    elif cost.range is None:
        refuse(at, "write how much it costs: a range with its unit, or the indicator that counts it")
    if (cost.range is None) != (cost.unit is None):
        refuse(at, "a range comes with its unit, such as range = [10, 200] and unit = \"person-years a year\"")


def _check_move(move: Move, at: Location, refuse: Refuse) -> list[str]:
    known = schema.primitives()
    if move.primitive.endswith(".*"):
        ids = sorted(key for key in known if key.startswith(move.primitive[:-1]))
    else:
        ids = [move.primitive] if move.primitive in known else []
    if not ids:
        names = [*known, *{key.rpartition(".")[0] + ".*" for key in known}]
        several = any(key.startswith(move.primitive + ".") for key in known)
        hint = f" Did you mean '{move.primitive}.*'?" if several else nearest(move.primitive, names)
        refuse((*at, "primitive"), f"there is no primitive '{plain(move.primitive)}'; \"ipplan list primitives\" "
                                   f"prints them all.{hint}")
    if (move.effect is None) == (move.switch_to is None):
        refuse(at, "write either an effect (log points, or units on a linear scale) or switch_to (a value)")
    for primitive in ids:
        _check_size(move, known[primitive], at, refuse)
    if move.known_from is not None and not _EARLIEST <= move.known_from < clock.LAST_END:
        refuse((*at, "known_from"), f"{clock.label(move.known_from)} cannot be when the evidence became known; write "
                                    f"a month from {clock.label(_EARLIEST)} to {clock.label(clock.LAST_END - 1)}")
    if move.effect is not None and move.range is not None and not move.range[0] <= move.effect <= move.range[1]:
        refuse((*at, "range"), f"the effect {move.effect:g} lies outside its range [{move.range[0]:g}, "
                               f"{move.range[1]:g}]; widen the range")
    return ids


def _check_size(move: Move, primitive: Primitive, at: Location, refuse: Refuse) -> None:
    if primitive.scale == "switch":
        refuse((*at, "primitive"), f"'{primitive.id}' is a switch of definition, which no measure moves; set it under "
                                   "[primitives]")
    log = primitive.scale == "log"
    unit = "log points" if log else primitive.unit
    if move.unit is not None and move.unit != unit:
        refuse((*at, "unit"), f"'{plain(move.unit)}' is the wrong unit; effects on '{primitive.id}' are in {unit}")
    width = math.log(primitive.high / primitive.low) if log else primitive.high - primitive.low
    given = {"effect": (move.effect,), "range": move.range}
    for key, sizes in given.items():
        for size in sizes or ():
            if size is not None and abs(size) > width:
                refuse((*at, key), f"{size:g} is out of range; the whole feasible range of '{primitive.id}' is "
                                   f"{width:.3g} {unit} wide")
    if move.switch_to is not None and not primitive.low < move.switch_to < primitive.high:
        refuse((*at, "switch_to"), f"{move.switch_to:g} is out of range; write a value strictly between "
                                   f"{primitive.low:g} and {primitive.high:g} {primitive.unit}")


def _row(name: str, table: OwnMeasure) -> dict[str, Any]:
    """Return the measure as a row of the schema; what was not said is marked as the planner's assumption."""
    english = table.title.en if table.title else name.replace("_", " ")
    return {
        "title": {"en": english, "zh": (table.title.zh if table.title else None) or english},
        "source": table.source or "the planner's own measure",
        "sentence": table.sentence or "",
        "adoption": table.adoption,
        "target_group": table.target_group or "",
        "delay": float(table.delay),
        "build_up": float(table.build_up),
        "applicants": table.applicants,
        "parts": table.parts or (),
        "side_effects": table.side_effects or "",
        "moves": [_move_row(move) for move in table.moves],
        "expects": [{**one.model_dump(), "note": one.note or ""} for one in table.expects],
        "costs": [_cost_row(cost) for cost in table.costs],
    }


def _cost_row(cost: CostLine) -> dict[str, Any]:
    words = {key: getattr(cost, key) or "" for key in ("unit", "indicator")}
    return {**cost.model_dump(), **words, "source": cost.source or "none given: the planner's assumption"}


def _move_row(move: Move) -> dict[str, Any]:
    effect = move.effect or 0.0
    return {
        "primitive": move.primitive,
        "channel": move.channel,
        "effect": effect,
        "range": move.range or (effect, effect),
        "evidence": move.evidence or "none given: the planner's assumption",
        "known_from": clock.label(clock.FIRST_MONTH if move.known_from is None else move.known_from),
        "status": move.status,
        "unit": move.unit,
        "switch_to": move.switch_to,
    }
