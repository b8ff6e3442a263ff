"""What a run says about itself: what was run, with which code, where, how long, and how to run it again."""

from __future__ import annotations

import platform
import resource
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ipplan
from ipplan import clock
from ipplan.runs.batch import Batch, Failed, processors
from ipplan.runs.code import COMPUTING, SHOWING, code_hash, versions
from ipplan.runs.keys import replicate_seed
from ipplan.scenario import Resolved
from ipplan.scenario.reading import shown_path


def command(resolved: Resolved, path: Path) -> str:
    """Return the command that rebuilds the run from its scenario file, whatever that file's own settings."""
    words = [
        "ipplan", "run", shown_path(path),
        "--scale", f"{resolved.scale.numerator}/{resolved.scale.denominator}",
        "--replicates", str(resolved.replicates),
        "--seed", str(resolved.seed),
        "--to", clock.label(resolved.end),
    ]  # fmt: skip
    return shlex.join(words + ["--evidenced"] * resolved.evidenced)


def peak_memory() -> int:
    """Return the largest number of bytes that this process, or one of those it started, has held in memory."""
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return most if sys.platform == "darwin" else most * 1024


def manifest(
    batch: Batch, path: Path, failures: Sequence[Failed], started: datetime, seconds: float
) -> dict[str, Any]:
    """Return the manifest of a run; the store adds the key, the list of files and the mark that it is complete."""
    resolved = batch.resolved
    return {
        "what": "a run of ipplan: see scenario.toml for every value, and results/README.md for the files",
        "key": "",
        "scenario": resolved.name,
        "title": resolved.title,
        "baseline": None if resolved.baseline is None else resolved.baseline.name,
        "from": clock.label(resolved.start),
        "to": clock.label(resolved.end),
        "scale": f"{resolved.scale.numerator}/{resolved.scale.denominator}",
        "replicates": resolved.replicates,
        "seed": resolved.seed,
        "replicate_seeds": [replicate_seed(resolved.seed, r) for r in range(resolved.replicates)],
        "runs": list(batch.runs),
        "failed": [{"run": one.run, "replicate": one.replicate, "reason": one.reason} for one in failures],
        "command": command(resolved, path),
        "command_from_this_folder": "ipplan run scenario.toml",
        "code": {"version": ipplan.__version__, "hash": code_hash()},
        "python": platform.python_version(),
        "packages": versions((*COMPUTING, *SHOWING)),
        "machine": {"system": platform.system(), "processor": platform.machine(), "processors": processors(),
                    "workers": batch.workers},
        "started": started.astimezone(UTC).isoformat(timespec="seconds"),
        "wall_time_seconds": round(seconds, 2),
        "peak_memory_bytes": peak_memory(),
    }
