"""The command line: mistakes are one sentence and leave nothing behind; lists are tables or JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipplan.cli import main
from ipplan.cli import run as run_command

WHOLE = '''title = "Fuzz"
description = "words"
from = "2017-01"
to = "2030-01"
scale = "1/1000"
replicates = 4
seed = 12
baseline = "base"
history = "history"
history_without = ["13th"]
[primitives]
"agencies.fee" = { value = 1200, unit = "yuan" }
[[measures]]
measure = "rights_quality"
from = "2026-01"
to = "2027-01"
strength = 1.0
build_up = "6 months"
provinces = ["Guangdong", "北京", "31"]
applicants = ["university", "sme"]
[[measures]]
measure = "mine"
from = "2026-01"
[measure.mine]
title = { en = "Mine", zh = "我的" }
delay = "2 months"
[[measure.mine.moves]]
primitive = "agencies.fee_ratio.*"
channel = "guide"
effect = 0.2
range = [0.1, 0.4]
known_from = "2025-06"
status = "assumed"
[[targets]]
indicator = "hv_inventions_per_10k"
value = 20
year = 2029
direction = "at_least"
'''
NASTY = (
    "true", "-1", "nan", "inf", "-inf", "1e999", "0x" + "f" * 4000, "9" * 4400, '""', '"x"', "[]", "{}", "[[]]",
    "2026-01-01", "2026-13", '"2026-00"', '"\\u0000"', '"\\n"', "'''a\nb'''", '"' + "长" * 3000 + '"', '"1/0"',
    '"../../x"', "07:32:00",
    "[1, 'a', {}]", '{ value = "x", unit = 3 }', "0", "0.0", "-0.0", "1_000", "3.5", '"Guangdnog"', "",
)  # fmt: skip


class Reached(BaseException):
    """Raised in place of simulating: the file was taken."""


def reach(*_: object, **__: object) -> None:
    raise Reached


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "base.toml").write_text('title = "Base"\nto = "2030-01"\n')
    return folder


def attempt(place: Path, content: bytes, *options: str) -> None:
    """Run the file: it is taken, or refused with one line, code 2 and nothing written."""
    path = place / "plan.toml"
    path.write_bytes(content)
    before = sorted(place.rglob("*"))
    errors = place.parent / "stderr"
    with errors.open("w+", encoding="utf-8") as stream, pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_command, "Draft", reach)
        patch.setattr(sys, "stderr", stream)
        try:
            code = main(["run", str(path), "--results", str(place / "results"), *options])
        except Reached:
            return
    lines = errors.read_text(encoding="utf-8").splitlines()
    assert code == 2
    assert len(lines) == 1, lines
    assert "plan.toml: " in lines[0] or lines[0].startswith(("--", "ipplan"))
    assert "Traceback" not in lines[0]
    assert len(lines[0]) < 1200
    assert sorted(place.rglob("*")) == before


fuzz = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


@fuzz
@given(st.binary(max_size=400))
def test_any_bytes(place: Path, content: bytes) -> None:
    attempt(place, content)


@fuzz
@given(st.data())
def test_files_with_bytes_changed(place: Path, data: st.DataObject) -> None:
    content = bytearray(WHOLE.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(content) - 1, 0)))
        act = data.draw(st.sampled_from(["change", "insert", "remove", "cut"]))
        if act == "change":
            content[at : at + 1] = data.draw(st.binary(min_size=1, max_size=1))
        elif act == "insert":
            content[at:at] = data.draw(st.binary(min_size=1, max_size=6))
        elif act == "remove":
            del content[at : at + data.draw(st.integers(1, 20))]
        else:
            del content[at + 1 :]
    attempt(place, bytes(content))


@fuzz
@given(st.data())
def test_files_with_values_and_lines_changed(place: Path, data: st.DataObject) -> None:
    lines = WHOLE.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        act = data.draw(st.sampled_from(["value", "value", "value", "drop", "double", "swap"]))
        key, equals, _value = lines[at].partition(" = ")
        if act == "value" and equals:
            lines[at] = f"{key} = {data.draw(st.sampled_from(NASTY))}"
        elif act == "drop":
            lines[at] = ""
        elif act == "double":
            lines.insert(at, lines[data.draw(st.integers(0, len(lines) - 1))])
        else:
            other = data.draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
    attempt(place, "\n".join(lines).encode())


@fuzz
@given(st.lists(st.tuples(
    st.sampled_from(["--scale", "--replicates", "--seed", "--to", "--workers", "--out", "--nonsense", "-x"]),
    st.one_of(st.sampled_from(["", "0", "-1", "3", "1/0", "nan", "1e9", "2030-13", "x" * 5000, "١"]),
              st.text(max_size=8)),
), min_size=1, max_size=3))  # fmt: skip
def test_any_options(place: Path, pairs: list[tuple[str, str]]) -> None:
    options = [f"{option}={value}" for option, value in pairs if "\0" not in value and option != "--out"]
    attempt(place, WHOLE.encode(), *options)


def test_the_file_that_is_mutated_is_taken(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_command, "Draft", reach)
    with pytest.raises(Reached):
        (place / "plan.toml").write_text(WHOLE)
        main(["run", str(place / "plan.toml"), "--results", str(place / "results")])


@pytest.mark.parametrize("words, said", [
    ([], "name a command"), (["rnu"], "Did you mean 'run'?"), (["run"], "FILE"), (["run", "a", "b"], "no argument 'b'"),
    (["run", "x", "--sclae", "1"], "Did you mean '--scale'?"), (["run", "x", "--rep", "1"], "no option '--rep'"),
    (["run", "x", "--scale"], "--scale"), (["list"], "WHAT"), (["list", "measure"], "Did you mean 'measures'?"),
    (["show"], "RUN"), (["show", "nowhere"], "no run folder"), (["--nonsense"], "no option"),
    (["run", "nowhere"], "no such"), (["explain"], "this is missing: MEASURE; see ipplan explain --help"),
    (["explain", "nosuch"], "ipplan list measures"), (["fit", "--out", "/"], "cannot be written"),
    (["measures", "coverage", "--scale", "1/100"], "add --run"),
    (["measures", "study", "--json"], "option of coverage"),
    (["run", "nowhere", "--workers", "0"], "workers"), (["run", "nowhere", "--workers", "two"], "workers"),
])  # fmt: skip
def test_mistakes_on_the_command_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert said in captured.err


@pytest.mark.parametrize("what", ["measures", "primitives", "indicators", "drivers", "scenarios", "targets"])
def test_lists(what: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[1])
    assert main(["list", what, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) >= 3
    ids = [row["id"] for row in rows]
    assert len(set(ids)) == len(ids)
    assert all(row["status"] for row in rows)
    if what != "scenarios":
        assert all(row["source"] and row["unit"] and row["title_en"] for row in rows)
    assert main(["list", what]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(rows) + 1


def test_help_comes_at_once_and_loads_nothing_heavy() -> None:
    code = "import sys; from ipplan.cli import main\ntry: main(['--help'])\nexcept SystemExit: print(*sys.modules)"
    began = time.perf_counter()
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert time.perf_counter() - began < 3  # far above the usual 0.1 s: says nothing on a busy machine, yet no import
    assert "scenario" in found.stdout
    assert not {"numpy", "numba", "pydantic", "matplotlib", "rich"} & set(found.stdout.split())


def test_a_reader_who_leaves_is_no_error() -> None:
    command = f"{sys.executable} -m ipplan list primitives | head -1"
    found = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert found.stdout.startswith("id ")
    assert found.stderr == ""


def test_unwritable_places_are_told_before_anything_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plan.toml").write_text('title = "T"\nto = "2018-01"\n')
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("years of work")
    plan = str(tmp_path / "plan.toml")
    before = sorted(tmp_path.rglob("*"))
    for options, said in (
        (["--out", str(tmp_path / "taken")], "no run"),
        (["--out", str(tmp_path / "taken"), "--force"], "no run"),
        (["--out", plan], "file"),
        (["--results", plan], "cannot be written"),
        (["--results", "/proc/none"], "cannot be written"),
        (["--out", ""], "empty"),
        (["--out", "/"], "no run"),
        (["--results", "x" * 5000], "cannot be written"),
    ):
        assert main(["run", plan, *options]) == 2, options
        captured = capsys.readouterr()
        assert captured.err.count("\n") == 1
        assert said in captured.err or (said == "no run" and "cannot be a run folder" in captured.err), captured.err
    assert sorted(tmp_path.rglob("*")) == before


def test_text_that_no_terminal_shows_stays_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "no\nsuch\x1b[31mfile" + os.fsdecode(b"\xff")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "\x1b" not in error
