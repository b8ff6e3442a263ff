"""From the text of a table to its rows, and in one sentence what is wrong with a bad one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from ipplan.errors import InputError, nearest
from ipplan.schema.models import Frozen, Measure, Primitive

Row = TypeVar("Row", bound=Frozen)


@dataclass(frozen=True)
class Fitted:
    """What a fit has moved: values by primitive id, effects by ``measure/primitive``, and where they come from."""

    values: Mapping[str, float]
    effects: Mapping[str, float]
    provenance: Mapping[str, Any]


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """Return the table of a TOML text; InputError names the file."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where}: not valid TOML: {error}.") from None


def build(model: type[Row], row: Any, where: str) -> Row:
    """Return the row as its model; InputError with one sentence naming ``where``, the key and what is wrong."""
    if not isinstance(row, dict):
        raise InputError(f"{where}: should be a table, not {type(row).__name__}.")
    try:
        return model.model_validate(row)
    except ValidationError as error:
        # a misspelt key is also a missing one; naming the misspelling helps more
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in first["loc"])
    kind, text = first["type"], first["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        known = _fields(model, first["loc"])
        raise InputError(f"{where}: unknown key '{key}'.{nearest(first['loc'][-1], known)}")
    if kind == "missing":
        raise InputError(f"{where}: the key '{key}' is missing.")
    raise InputError(f"{where}: {key + ': ' if key else ''}{text}.")


def _fields(model: type[Frozen], place: tuple[int | str, ...]) -> Iterable[str]:
    for part in place[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            inner = model.model_fields[part].annotation
            args = [inner, *getattr(inner, "__args__", ())]
            found = [arg for arg in args if isinstance(arg, type) and issubclass(arg, Frozen)]
            if found:
                model = found[0]
    return [name for name in model.model_fields if name not in ("id", "primitives")]


def parse_primitives(table: Mapping[str, Any], where: str) -> dict[str, Primitive]:
    """Return the primitives of one file; a table of values stands for one primitive per suffix."""
    found: dict[str, Primitive] = {}
    for name, row in table.items():
        if not isinstance(row, dict):
            raise InputError(f"{where}: '{name}' should be a table.")
        for primitive, flat in _suffixed(name, row, where):
            if primitive in found:
                raise InputError(f"{where}: primitive '{primitive}' stands twice.")
            found[primitive] = build(Primitive, {"id": primitive, **flat}, f"{where}: primitive '{primitive}'")
    return found


def _suffixed(name: str, row: dict[str, Any], where: str) -> Iterable[tuple[str, dict[str, Any]]]:
    value = row.get("value")
    if not isinstance(value, dict):
        return [(name, row)]
    keys = [key for key, entry in row.items() if key != "title" and isinstance(entry, dict)]
    for key in keys:
        if set(row[key]) != set(value):
            raise InputError(f"{where}: primitive '{name}': '{key}' and 'value' should have the same suffixes.")
    return [(f"{name}.{suffix}", {**row, **{key: row[key][suffix] for key in keys}}) for suffix in value]


def parse_measures(
    table: Any, where: str, known: Mapping[str, Primitive], others: Mapping[str, Measure] | None = None
) -> dict[str, Measure]:
    """Return the measures of a ``[measure.ID]`` table (a file of the schema, or a planner's own in a scenario).

    ``known`` are the primitives that may be moved, ``others`` the measures that ``parts`` may name besides.
    """
    if not isinstance(table, dict):
        raise InputError(f"{where}: 'measure' should hold tables like [measure.my_measure].")
    found = {}
    for name, row in table.items():
        place = f"{where}: measure '{name}'"
        measure = build(Measure, {"id": name, **row} if isinstance(row, dict) else row, place)
        moves = tuple(move.model_copy(update={"primitives": _moved(move.primitive, known, place)})
                      for move in measure.moves)
        measure = measure.model_copy(update={"moves": moves})
        _check_moves(measure, known, place)
        found[name] = measure
    _check_parts(found, {**(others or {}), **found}, where)
    return found


def _moved(name: str, known: Mapping[str, Primitive], place: str) -> tuple[str, ...]:
    if name.endswith(".*"):
        ids = tuple(sorted(key for key in known if key.startswith(name[:-1])))
        if ids:
            return ids
        prefixes = {key.rpartition(".")[0] + ".*" for key in known}
        raise InputError(f"{place}: no primitive has the prefix '{name}'.{nearest(name, prefixes)}")
    if name not in known:
        raise InputError(f"{place}: unknown primitive '{name}'.{nearest(name, known)}")
    return (name,)


def _check_moves(measure: Measure, known: Mapping[str, Primitive], place: str) -> None:
    moved: set[tuple[str, str]] = set()
    for move in measure.moves:
        for name in move.primitives:
            primitive = known[name]
            if primitive.scale == "switch":
                raise InputError(f"{place}: '{name}' is a switch of definition; a scenario sets it, no measure does.")
            log = primitive.scale == "log"
            unit = "log points" if log else primitive.unit
            if move.unit is not None and move.unit != unit:
                raise InputError(f"{place}: the effect on '{name}' is in {unit}, not in '{move.unit}'.")
            low, high = primitive.bounds
            if move.switch_to is not None and not low <= move.switch_to <= high:
                raise InputError(f"{place}: switch_to {move.switch_to:g} is outside the bounds of '{name}' "
                                 f"[{low:g}, {high:g}] {primitive.unit}.")
            if (name, move.channel) in moved:
                raise InputError(f"{place}: moves '{name}' twice through channel '{move.channel}'.")
            moved.add((name, move.channel))


def _check_parts(found: Mapping[str, Measure], known: Mapping[str, Measure], where: str) -> None:
    for measure in found.values():
        for part in measure.parts:
            if part not in known:
                raise InputError(f"{where}: measure '{measure.id}': unknown part '{part}'.{nearest(part, known)}")
            if known[part].parts:
                raise InputError(f"{where}: measure '{measure.id}': part '{part}' has parts itself.")


def parse_fitted(text: str, where: str) -> Fitted:
    """Return the fitted values of a TOML text with ``[values]``, ``[effects]`` and ``[provenance]``."""
    table = parse_toml(text, where)
    for key in table:
        if key not in ("values", "effects", "provenance"):
            raise InputError(f"{where}: unknown table '{key}'.{nearest(key, ('values', 'effects', 'provenance'))}")
    for key in ("values", "effects"):
        for name, number in table.get(key, {}).items():
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise InputError(f"{where}: {key}: '{name}' should be a number.")
    return Fitted(table.get("values", {}), table.get("effects", {}), table.get("provenance", {}))


def with_values(table: Mapping[str, Primitive], values: Mapping[str, float], where: str) -> dict[str, Primitive]:
    """Return the primitives with fitted values in place; a value must lie inside the primitive's range."""
    changed = dict(table)
    for name, value in values.items():
        if name not in table:
            raise InputError(f"{where}: unknown primitive '{name}'.{nearest(name, table)}")
        row = {**table[name].model_dump(), "value": value, "status": "calibrated"}
        changed[name] = build(Primitive, row, f"{where}: primitive '{name}'")
    return changed


def with_effects(table: Mapping[str, Measure], effects: Mapping[str, float], where: str) -> dict[str, Measure]:
    """Return the measures with fitted effects (``measure/primitive``, as the move is written) in place."""
    changed = dict(table)
    keys = {f"{measure.id}/{move.primitive}" for measure in table.values() for move in measure.moves}
    for key, effect in effects.items():
        if key not in keys:
            raise InputError(f"{where}: unknown effect '{key}'.{nearest(key, keys)}")
        name, _, primitive = key.partition("/")
        measure = changed[name]
        moves = []
        for move in measure.moves:
            if move.primitive == primitive and move.switch_to is None:
                if not move.range[0] <= effect <= move.range[1]:
                    raise InputError(f"{where}: effect '{key}' = {effect:g} is outside its range "
                                     f"[{move.range[0]:g}, {move.range[1]:g}].")
                move = move.model_copy(update={"effect": float(effect), "status": "calibrated"})
            moves.append(move)
        changed[name] = measure.model_copy(update={"moves": tuple(moves)})
    return changed
