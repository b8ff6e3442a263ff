"""Hundreds of broken scenario files, made by rule: each key of a whole file given each wrong kind of value."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ipplan.cli import MISTAKE, main
from ipplan.errors import InputError
from ipplan.scenario import load

Place = tuple[str | int, ...]

WHOLE: dict[str, Any] = {
    "title": "T", "description": "D", "from": "2017-01", "to": "2031-01", "scale": "1/1000", "replicates": 2,
    "seed": 1, "baseline": "beside", "evidenced": False, "history": "history", "history_without": ["14th"],
    "measures": [{"measure": "rights_quality", "from": "2026-01", "to": "2027-01", "strength": 1.0,
                  "build_up": "6 months", "provinces": ["Guangdong"], "applicants": ["university"], "plan": "p",
                  "additive": False}],
    "primitives": {"agencies.fee": {"value": 1200, "unit": "yuan"}},
    "drivers": {"gdp": {"unit": "trillion yuan", "values": {"2027": 150.0}}},
    "measure": {"mine": {"title": {"en": "a", "zh": "b"}, "source": "s", "delay": "2 months", "build_up": "6 months",
                         "applicants": ["university"], "side_effects": "x", "moves": [
                             {"primitive": "agencies.fee", "channel": "c", "effect": 0.3, "unit": "log points",
                              "range": [0.1, 0.5], "evidence": "none", "known_from": "2026-01", "status": "assumed"}]}},
    "targets": [{"indicator": "invention_pendency_months", "value": 14, "year": 2030, "direction": "at_most",
                 "unit": "months", "source": "o"}],
    "base": [{"file": "other", "plans": ["p"], "without": ["q"], "from": "2027-01", "to": "2028-01", "strength": 1.0,
              "provinces": ["Guangdong"]}],
}  # fmt: skip
BARE = ("nan", "-inf", "9223372036854775808", "2026-01-01", "07:32:00")
NEVER = (*BARE, {}, {"a": 1}, [[]], "a\u0000b", "\u202e")
"""What no key takes (a table of tables, which may be empty, aside)."""
TEXTS = ("title", "description", "plan", "en", "zh", "source", "side_effects", "channel", "evidence")
NOT_TEXT = ("", "2026-13", "2026-2", "1/0", "x" * 300)
"""What no key takes but those that hold free text."""
NOT_NUMBER = (True, -1, 10**30, 1e300)
"""What no key takes but numbers of free size."""


def toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value if value in BARE else json.dumps(value, ensure_ascii=True)
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(str(key))} = {toml(one)}" for key, one in value.items()) + " }"
    return repr(value)


def text(table: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(key)} = {toml(value)}\n" for key, value in table.items())


def places(branch: Any, above: Place = ()) -> Iterator[Place]:
    """Yield where every key and every item of a list lies."""
    for key, value in branch.items() if isinstance(branch, dict) else enumerate(branch):
        yield (*above, key)
        if isinstance(value, dict | list):
            yield from places(value, (*above, key))


def with_value(place: Place, value: Any) -> str:
    table = copy.deepcopy(WHOLE)
    branch: Any = table
    for step in place[:-1]:
        branch = branch[step]
    branch[place[-1]] = value
    return text(table)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    head = 'title = "O"\nto = "2031-01"\n'
    entry = '[[measures]]\nmeasure = "{}"\nfrom = "2026-01"\nplan = "{}"\n'
    (tmp_path / "beside.toml").write_text(head)
    (tmp_path / "other.toml").write_text(head + entry.format("open_licensing", "p") + entry.format("plan_targets", "q"))
    return tmp_path


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load(path)
    return str(caught.value)


def test_the_whole_file_is_sound(folder: Path) -> None:
    path = folder / "plan.toml"
    path.write_text(text(WHOLE))
    assert len(load(path).file.measures) == 2


@pytest.mark.parametrize("place", list(places(WHOLE)), ids=lambda place: ".".join(map(str, place)))
def test_every_key_refuses_what_is_no_value_of_it(folder: Path, place: Place) -> None:
    free = place[-1] in TEXTS
    empty = place[-1] in ("primitives", "drivers", "measure")
    wrong: list[Any] = [value for value in NEVER if value != {} or not empty]
    wrong += [] if free else NOT_TEXT
    wrong += [value for value in NOT_NUMBER if not (value is True and place[-1] in ("evidenced", "additive"))
              and (value != -1 or place[-2:-1] != ("range",))]
    path = folder / "plan.toml"
    for value in wrong:
        path.write_text(with_value(place, value))
        said = refused(path)
        assert "plan.toml: " in said, value
        assert str(next(step for step in place if isinstance(step, str))) in said, (value, said)
        assert "\n" not in said
        assert said[-1] in ".?"
        assert len(said) < 600, said


@pytest.mark.parametrize("place", [p for p in places(WHOLE) if isinstance(p[-1], str)],
                         ids=lambda place: ".".join(map(str, place)))  # fmt: skip
def test_every_key_misspelt_is_named(folder: Path, place: Place) -> None:
    if place[-1] in ("mine", "2027", "measures", "agencies.fee"):
        return  # names of one's own; and `measure`, a key too
    table = copy.deepcopy(WHOLE)
    branch: Any = table
    for step in place[:-1]:
        branch = branch[step]
    slip = f"{place[-1]}x"
    branch[slip] = branch.pop(place[-1])
    path = folder / "plan.toml"
    path.write_text(text(table))
    said = refused(path)
    assert slip in said
    assert f"Did you mean '{place[-1]}'?" in said


@pytest.mark.parametrize("content", [
    b"", b"\xff\xfet\x00i\x00", b"\x00" * 100, b"title = 'x'\n" + b"#" * 50_000_000, b"a=" + b"[" * 10_000,
    b"a = {" * 500, b"title = 'x'\ntitle = 'y'", b"<title>x</title>", b"title: x", b'{"title": "x"}',
], ids=["empty", "utf16", "zeros", "large", "deep", "tables", "twice", "html", "yaml", "json"])  # fmt: skip
def test_what_is_no_scenario_is_refused_by_the_command_and_leaves_nothing(
    folder: Path, content: bytes, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "plan.toml").write_bytes(content)
    monkeypatch.chdir(folder)
    assert main(["run", "plan.toml"]) == MISTAKE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("plan.toml: ")
    assert err.count("\n") == 1
    assert not (folder / "results").exists()


def test_paths_that_lead_nowhere(folder: Path) -> None:
    loop = folder / "loop.toml"
    loop.symlink_to(loop)
    for path in (loop, folder, folder / "none.toml", folder / "plan.toml" / "x", Path("\0")):
        assert len(refused(path)) < 600
    (folder / "plan.toml").write_text('title = "T"\nto = "2031-01"\nbaseline = "loop"\n')
    assert "baseline: " in refused(folder / "plan.toml")


def test_circles_of_files_are_seen(folder: Path) -> None:
    for one, other in (("a", "b"), ("b", "c"), ("c", "a")):
        (folder / f"{one}.toml").write_text(f'title = "T"\nto = "2031-01"\nbaseline = "{other}"\n')
    assert "a -> b -> c -> a" in refused(folder / "a.toml")
    for one, other in (("a", "b"), ("b", "c"), ("c", "a")):
        (folder / f"{one}.toml").write_text(f'title = "T"\nto = "2031-01"\n[[base]]\nfile = "{other}"\n')
    assert "cannot take over from itself" in refused(folder / "a.toml")
