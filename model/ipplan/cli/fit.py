"""``ipplan fit``: fit the marked parameters to 2017-2021 and write ``data/fitted.toml``."""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from ipplan.cli.numbers import scale_given, seeds_given, whole_number
from ipplan.errors import InputError
from ipplan.schedule import history


def execute(given: argparse.Namespace) -> int:
    """Run the fit, print its progress and what it found, write the file."""
    scale = scale_given(given.scale, "--scale")
    seeds = seeds_given(given.seeds, "--seeds")
    steps = whole_number(given.steps, "--steps", 0, 1000)
    refine = whole_number(given.refine, "--refine", 0, 1000)
    if steps + refine == 0:
        raise InputError("--steps and --refine: one of them must be above 0.")
    target = Path(given.out) if given.out else Path(str(files("ipplan.data").joinpath("fitted.toml")))
    if not target.parent.is_dir():
        raise InputError(f"--out: '{target.parent}' is no folder.")
    if target.is_dir() or not os.access(target.parent, os.W_OK):  # told before the fit, which takes an hour
        raise InputError(f"--out: '{target}' cannot be written; name a file in a folder of yours.")
    import numpy as np

    from ipplan.analysis import fit, hindcast
    from ipplan.runs.batch import processors
    from ipplan.runs.code import code_hash

    def report(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    job = fit.Fit(history(), scale, seeds, processors(), report)
    report(f"{len(job.unknowns)} parameters, {len(job.wanted)} points, {len(seeds)} seed(s), scale {given.scale}")
    began = time.perf_counter()
    place = job.run(steps, refine, None if given.fresh else job.last_place())
    values, effects = job.named(place)
    mean = np.mean([job.simulate(values, effects, seed) for seed in seeds], axis=0)
    share = hindcast.hit_share(hindcast.errors(mean, job.wanted))
    fresh = " --fresh" if given.fresh else ""
    text = fit.toml(job, place, {
        "method": "robust least squares over scaled errors (soft L1, then a smooth count of misses), secant updates",
        "command": f"ipplan fit --scale {given.scale} --seeds {given.seeds} --steps {steps} --refine {refine}" + fresh,
        "window": "2017-2021", "points": len(job.wanted), "parameters": len(job.unknowns),
        "share_within_one_scaled_error_on_fitted_seeds": round(share, 4),
        "date": datetime.now(UTC).date().isoformat(), "code": code_hash(),
    })  # fmt: skip
    draft = target.with_suffix(".partial")
    draft.write_text(text, encoding="utf-8")
    draft.replace(target)
    print(f"{share:.1%} of {len(job.wanted)} points within one scaled error; {len(job.unknowns)} parameters in "
          f"{time.perf_counter() - began:.0f} s; written to {target.name}")
    return 0
