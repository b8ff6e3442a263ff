"""What runs of the study left, one line of JSON each, written at once: a killed study goes on where it stopped."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ipplan.errors import InputError
from ipplan.scenario.reading import shown_path

Values = Mapping[str, NDArray[np.float64]]
"""Series -> yearly values."""


class Records:
    """The runs of a study: arm and seed -> yearly values, or why the run failed.

    The first line of the file says what study it is of; lines of another study are refused, a torn last line is not
    counted.
    """

    def __init__(self, path: Path, study: Mapping[str, Any], fresh: bool = False) -> None:
        """Open or begin the file; ``fresh`` drops what is there."""
        self.path = path
        self.done: dict[tuple[str, int], dict[str, NDArray[np.float64]]] = {}
        self.failures: dict[tuple[str, int], str] = {}
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        if fresh or not path.exists() or not self._read(dict(study)):
            path.write_text(json.dumps({"study": dict(study)}) + "\n", encoding="utf-8")
        self._file = path.open("a", encoding="utf-8")

    def _read(self, study: dict[str, Any]) -> bool:
        """Read what is there; tell whether it is of this study. A torn last line is cut off."""
        lines = self.path.read_bytes().splitlines(keepends=True)
        whole = [line for line in lines if line.endswith(b"\n")]
        if not whole:
            return False
        if json.loads(whole[0]).get("study") != json.loads(json.dumps(study)):
            raise InputError(f"{shown_path(self.path)}: holds runs of another code, scale or horizon; --fresh drops "
                             "them, or name another folder with --out.")
        for line in whole[1:]:
            self._take(json.loads(line))
        if len(whole) < len(lines):
            os.truncate(self.path, sum(map(len, whole)))
        return True

    def _take(self, row: Mapping[str, Any]) -> None:
        key = (row["arm"], row["seed"])
        if "failed" in row:
            self.failures[key] = row["failed"]
        else:
            self.failures.pop(key, None)
            values = {name: np.array(one, dtype=float) for name, one in row["values"].items()}
            self.done[key] = {**self.done.get(key, {}), **values}

    def holds(self, arm: str, seed: int, keep: frozenset[str]) -> bool:
        """Tell whether a run is there with all the series that are wanted."""
        return keep <= self.done.get((arm, seed), {}).keys()

    def add(self, arm: str, seed: int, values: Values) -> None:
        """Keep a run."""
        listed = {name: [None if np.isnan(x) else float(x) for x in one.ravel()] for name, one in values.items()}
        self._write({"arm": arm, "seed": seed, "values": listed})

    def fail(self, arm: str, seed: int, reason: str) -> None:
        """Keep that a run failed, and why; it is tried again when the study is resumed."""
        self._write({"arm": arm, "seed": seed, "failed": reason})

    def _write(self, row: Mapping[str, Any]) -> None:
        with self._lock:
            self._file.write(json.dumps(row) + "\n")
            self._file.flush()
            self._take(row)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def table(self, arm: str, name: str, seeds: tuple[int, ...]) -> NDArray[np.float64]:
        """Return yearly values [seed, year]; NaN where a run failed."""
        rows = [self.done.get((arm, seed), {}).get(name) for seed in seeds]
        width = next((len(row) for row in rows if row is not None), 0)
        return np.array([np.full(width, np.nan) if row is None else row for row in rows])
