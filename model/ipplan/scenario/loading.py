"""From a path to a checked scenario, with the baseline it names and what the command line puts in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from ipplan import clock
from ipplan.errors import InputError
from ipplan.scenario import values
from ipplan.scenario.base import entries, join
from ipplan.scenario.check import Checker
from ipplan.scenario.format import Bases, ScenarioFile
from ipplan.scenario.horizon import until
from ipplan.scenario.reading import parse, plain, read_bytes, shown_path
from ipplan.scenario.scenario import Scenario
from ipplan.scenario.sentence import complain, translate
from ipplan.schema import Measure


def _whole_text(low: int, high: int, what: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        sign = text.removeprefix("-")
        given: Any = int(text) if sign.isascii() and sign.isdigit() and len(sign) < 20 else text
        return values.whole(given, low, high, what)

    return read


def _end(text: str) -> int:
    end = values.month(text)
    if not clock.FIRST_MONTH < end <= clock.LAST_END:
        raise values.Wrong(f"{clock.label(end)} is out of range; write a month from "
                           f"{clock.label(clock.FIRST_MONTH + 1)} to {clock.label(clock.LAST_END)}")
    return end


_OVERRIDES: Mapping[str, Callable[[str], Any]] = {
    "scale": values.scale,
    "replicates": _whole_text(1, values.MAX_REPLICATES, "the number of replicates"),
    "seed": _whole_text(0, values.MAX_SEED, "a seed"),
    "to": _end,
}


def load(path: str | Path, overrides: Mapping[str, str] | None = None) -> Scenario:
    """Return the scenario of a file.

    ``overrides`` are texts from the command line for ``scale``, ``replicates``, ``seed`` and ``to``, held to the same
    rules as the file. Raises InputError, one sentence, for every mistake in the file or in a baseline it names.
    """
    return _load(Path(path), dict(overrides or {}), ())


def _load(path: Path, overrides: Mapping[str, str], chain: tuple[Path, ...]) -> Scenario:
    file, own, _ = _checked(path, overrides, ())
    baseline = None
    if file.baseline is not None:
        baseline = _baseline(file.baseline, path, shown_path(path), (*chain, path.resolve()))
    return Scenario(_stem(path), path, file, own, baseline)


def _checked(
    path: Path, overrides: Mapping[str, str], chain: tuple[Path, ...]
) -> tuple[ScenarioFile, dict[str, Measure], dict[str, Any]]:
    """Return a file as checked, without baseline, its own measures and its table; ``chain`` are those based on it."""
    name = shown_path(path)
    table = _table(path, name, chain)
    try:
        file = ScenarioFile.model_validate(table)
    except ValidationError as error:
        raise translate(error, name, table) from None
    own = Checker(file, table, name).run()
    return _override(file, overrides, name), own, table


def _table(path: Path, name: str, chain: tuple[Path, ...]) -> dict[str, Any]:
    """Return the table of a file, joined with what it takes over from others, each of which must be sound itself."""
    table = parse(read_bytes(path), name)
    _flatten_primitives(table)
    try:
        bases = Bases.model_validate(table).base
    except ValidationError as error:
        raise translate(error, name, table) from None
    chain = (*chain, path.resolve())
    taken = []
    for place, base in enumerate(bases):
        other = _beside(base.file, path)
        if _real(other) in chain:
            raise complain(name, ("base", place, "file"), table, "a scenario cannot take over from itself")
        try:
            _, _, found = _checked(other, {}, chain)
        except InputError as error:
            raise InputError(f"{name}: base: {error}") from None

        def refuse(key: str, problem: str, place: int = place) -> NoReturn:
            raise complain(name, ("base", place, key), table, problem)

        taken.append((found, entries(base, found, _stem(other), refuse), other))
    return join(table, taken, path.parent) if taken else table


def _beside(given: str, path: Path) -> Path:
    """Return the file that ``path`` names: a name beside it, or a path from its folder."""
    other = Path(given)
    if other.suffix != ".toml":
        other = other.with_name(other.name + ".toml") if other.name else other
    return path.parent / other


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path


def _override(file: ScenarioFile, overrides: Mapping[str, str], name: str) -> ScenarioFile:
    changes = {}
    for key, text in overrides.items():
        try:
            changes[key] = _OVERRIDES[key](text)
        except ValueError as error:
            raise InputError(f"--{key}: {error}.") from None
    if "to" not in changes:
        return file.model_copy(update=changes)
    cut = until(file.model_copy(update=changes), changes["to"])
    if file.measures and not cut.measures:
        raise InputError(f"--to: every measure of {name} lies outside the horizon {clock.label(file.start)} to "
                         f"{clock.label(cut.to)}; write a later month.")
    return cut


def _baseline(given: str, path: Path, name: str, chain: tuple[Path, ...]) -> Scenario:
    """Load the scenario that ``path`` names as its baseline."""
    other = _beside(given, path)
    there = _real(other)
    if there in chain:
        round_trip = " -> ".join(plain(step.stem, 40) for step in (*chain[chain.index(there):], there))
        raise InputError(f"{name}: baseline: a scenario cannot be its own baseline ({round_trip}); name another one, "
                         "or leave the key out.")
    try:
        return _load(other, {}, chain)
    except InputError as error:
        raise InputError(f"{name}: baseline: {error}") from None


def _flatten_primitives(table: dict[str, Any]) -> None:
    """Join the dotted ids of ``[primitives]``: TOML reads ``agencies.fee`` without quotes as nested tables."""
    given = table.get("primitives")
    if not isinstance(given, dict):
        return
    flat: dict[str, Any] = {}
    waiting = [("", given)]
    while waiting:
        prefix, branch = waiting.pop(0)
        for key, value in branch.items():
            deeper = isinstance(value, dict) and value and not {"value", "unit"} & value.keys()
            if deeper and any(isinstance(inner, dict) for inner in value.values()):
                waiting.append((f"{prefix}{key}.", value))
            else:
                flat.setdefault(f"{prefix}{key}", value)
    table["primitives"] = flat


def _stem(path: Path) -> str:
    """Return the name of a scenario: its file's, in characters that every file system takes."""
    kept = "".join(c if c.isalnum() or c in "-_." else "_" for c in path.stem).strip(".")
    return kept.encode("utf-8", "replace").decode("utf-8")[:60] or "scenario"
