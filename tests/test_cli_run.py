"""``ipplan run`` from file to folder: what is in it, when it is reused, and that it is whole or not there."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from ipplan.cli import main
from ipplan.indicators import NATION
from ipplan.runs import is_whole, read_manifest

PLAN = '''
title = "A small plan"
to = "2019-01"
scale = "1/10000"
replicates = 2
baseline = "base"
[[measures]]
measure = "bad_faith_filing_governance"
from = "2017-07"
strength = 1.5
[[targets]]
indicator = "invention_grant_rate"
value = 50
year = 2018
direction = "at_least"
'''


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "base.toml").write_text('title = "Base"\nto = "2019-01"\n')
    (folder / "plan.toml").write_text(PLAN)
    return folder


@pytest.fixture(scope="module")
def finished(place: Path) -> Path:
    assert main(["run", str(place / "plan.toml"), "--results", str(place / "results"), "--workers", "2"]) == 0
    [folder] = (place / "results").iterdir()
    return folder


def test_the_folder_explains_itself(finished: Path) -> None:
    manifest = read_manifest(finished)
    assert manifest is not None
    assert finished.name == f"plan-{manifest['key'][:12]}"
    assert is_whole(finished)
    assert manifest["failed"] == []
    assert manifest["command"].startswith("ipplan run ")
    for name in ("scenario.toml", "baseline.toml", "indicators.parquet", "annual.csv", "effects.csv", "summary.txt"):
        assert name in manifest["files"]
    pictures = sorted((finished / "figures").glob("*.png"))
    assert pictures
    assert all(manifest["key"].encode() in picture.read_bytes() for picture in pictures)
    stored = parquet.read_schema(finished / "indicators.parquet").metadata
    assert stored[b"ipplan.key"].decode() == manifest["key"]


def test_the_tables_are_tidy_and_agree(finished: Path) -> None:
    table = parquet.read_table(finished / "indicators.parquet")
    assert table.column_names == ["run", "replicate", "month", "indicator", "province", "group", "value"]
    assert set(table["run"].to_pylist()) == {"baseline", "plan"}
    assert set(table["replicate"].to_pylist()) == {0, 1}
    months = set(table["month"].to_pylist())
    assert (min(months), max(months), len(months)) == ("2017-01", "2018-12", 24)
    rows = [row for row in table.to_pylist() if row["indicator"] == "applications_invention" and row["group"] == "all"]
    with (finished / "annual.csv").open(encoding="utf-8") as file:
        annual = list(csv.DictReader(file))
    assert list(annual[0]) == ["run", "indicator", "group", "unit", "year", "mean", "p05", "p50", "p95", "observed"]
    total = [sum(row["value"] for row in rows if (row["run"], row["replicate"], row["province"]) == ("plan", r, NATION)
                 and row["month"].startswith("2018")) for r in (0, 1)]
    [line] = [row for row in annual if (row["run"], row["indicator"], row["group"], row["year"]) == (
        "plan", "applications_invention", "all", "2018")]
    assert float(line["mean"]) == pytest.approx(np.mean(total))
    assert float(line["observed"]) > 1e6
    with (finished / "effects.csv").open(encoding="utf-8") as file:
        assert csv.DictReader(file).fieldnames == [
            "indicator", "group", "year", "effect", "low", "high", "share_positive"]


def test_a_second_run_reuses_the_folder(finished: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*")}
    assert main(["run", str(place / "plan.toml"), "--results", str(place / "results")]) == 0
    assert "reusing" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in finished.rglob("*")} == before


def test_the_scenario_in_the_folder_makes_the_same_run(finished: Path, place: Path) -> None:
    out = place / "again"
    assert main(["run", str(finished / "scenario.toml"), "--out", str(out), "--workers", "1", "--quiet"]) == 0
    one, two = read_manifest(finished), read_manifest(out)
    assert one is not None
    assert two is not None
    assert one["key"] == two["key"]
    for name in ("indicators.parquet", "annual.csv", "effects.csv", "summary.txt"):
        assert (finished / name).read_bytes() == (out / name).read_bytes(), name


def test_show_prints_the_table(finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(finished)]) == 0
    shown = capsys.readouterr().out
    assert (finished / "summary.txt").read_text(encoding="utf-8") in shown
    assert "seed 1" in shown
    assert main(["show", str(finished.with_name("plan-000000000000"))]) == 2
    assert finished.name in capsys.readouterr().err


def test_out_is_the_folder_and_force_replaces_another_run(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "mine"
    base = ["run", str(place / "base.toml"), "--scale", "1/10000", "--replicates", "1", "--out", str(out), "--quiet"]
    assert main([*base, "--no-figures", "--to", "2018-01"]) == 0
    assert is_whole(out)
    assert not (out / "figures").exists()
    assert main([*base, "--to", "2018-01"]) == 0  # the same run, now with figures
    assert (out / "figures").is_dir()
    assert main([*base, "--to", "2018-02"]) == 2
    assert main([*base, "--to", "2018-02", "--force", "--no-figures"]) == 0
    manifest = read_manifest(out)
    assert manifest is not None
    assert manifest["to"] == "2018-02"
    assert manifest["runs"] == ["plan"]
    assert [path.name for path in out.parent.iterdir()] == ["mine"]


def test_a_horizon_without_a_full_year_still_makes_a_folder(place: Path, tmp_path: Path) -> None:
    plan = tmp_path / "short.toml"
    plan.write_text('title = "Short"\nto = "2017-03"\nscale = "1/10000"\nreplicates = 1\n')
    assert main(["run", str(plan), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    assert (tmp_path / "out" / "annual.csv").read_text().count("\n") == 1


def test_a_run_in_which_nothing_succeeds_leaves_nothing(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise FloatingPointError("nothing works")

    monkeypatch.setattr("ipplan.runs.batch.simulate", broken)
    assert main(["run", str(place / "plan.toml"), "--results", str(tmp_path / "results")]) == 1
    assert "no run succeeded: FloatingPointError: nothing works." in capsys.readouterr().err
    assert list((tmp_path / "results").iterdir()) == []


@contextmanager
def started(place: Path, results: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a run that takes long, and wait until it is writing; it is ended with the test."""
    command = [sys.executable, "-m", "ipplan", "run", str(place / "plan.toml"), "--results", str(results),
               "--replicates", "1000", "--scale", "1/1000"]  # fmt: skip
    # A background job of a shell ignores Ctrl-C and hands that down; with a handler here the child starts without.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        signal.signal(signal.SIGINT, before)
        try:
            patience = time.monotonic() + 120
            while not any(results.glob(".*/indicators.parquet")) and process.poll() is None:
                assert time.monotonic() < patience
                time.sleep(0.05)
            time.sleep(0.5)
            assert process.poll() is None
            yield process
        finally:
            process.kill()


def test_a_killed_run_leaves_nothing_whole_and_the_next_cleans_up(place: Path, tmp_path: Path) -> None:
    with started(place, tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    [left] = tmp_path.iterdir()
    assert left.name.startswith(".plan-")
    assert not is_whole(left)
    assert not (left / "manifest.json").exists()
    assert main(["run", str(place / "plan.toml"), "--results", str(tmp_path), "--quiet", "--no-figures"]) == 0
    [folder] = tmp_path.iterdir()
    assert is_whole(folder)


def test_ctrl_c_is_one_sentence_and_leaves_nothing(place: Path, tmp_path: Path) -> None:
    with started(place, tmp_path) as process:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "Stopped; nothing was kept.\n"
    assert list(tmp_path.iterdir()) == []


def test_results_do_not_depend_on_the_hash_seed(finished: Path, place: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ipplan", "run", str(place / "plan.toml"), "--out", str(tmp_path / "x"), "--quiet",
               "--no-figures"]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": "77"})
    assert json.loads((tmp_path / "x" / "manifest.json").read_text())["key"].startswith(finished.name[5:])
    for name in ("indicators.parquet", "annual.csv", "effects.csv", "scenario.toml"):
        assert (finished / name).read_bytes() == (tmp_path / "x" / name).read_bytes(), name
