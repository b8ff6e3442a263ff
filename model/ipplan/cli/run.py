"""``ipplan run``: from a scenario file to a run folder and a table, with a progress bar in between."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ipplan.cli.show import has_figures, print_summary
from ipplan.errors import InputError
from ipplan.runs import KEY_DIGITS, Batch, Draft, Failed, holds, is_compiled, run_key
from ipplan.runs.manifest import command, manifest
from ipplan.scenario import Resolved, load, resolve
from ipplan.scenario.reading import plain, shown_path
from ipplan.scenario.values import whole

_OVERRIDES = ("scale", "replicates", "seed", "to")
MAX_WORKERS = 1024


def execute(given: argparse.Namespace) -> int:
    """Run the scenario unless its folder is there already; print the table and where the folder is."""
    path = Path(given.file)
    overrides = {key: value for key in _OVERRIDES if (value := getattr(given, key)) is not None}
    workers = _workers(given.workers)
    resolved = resolve(load(path, overrides))
    if given.evidenced:
        if resolved.baseline is None:
            raise InputError(f"--evidenced: {plain(resolved.name)} has no baseline to compare with; name one there.")
        resolved = replace(resolved, evidenced=True)
    key = run_key(resolved)
    target = _target(given, resolved, key)
    figures = not given.no_figures
    there = holds(target, key)
    if there and not given.force and (has_figures(target) or not figures):
        _report(target, given.quiet, f"This run is there already; reusing {shown_path(target)}")
        return 0
    # figures need every run in memory, so a folder without them is run again and replaced
    with Draft(target, key, replace=given.force or there) as draft:
        if not _simulate(resolved, path, draft, workers, figures, given.quiet):
            return 1
    _report(target, given.quiet, f"The run is in {shown_path(target)}")
    return 0


def _workers(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return whole(int(text) if text.isascii() and text.isdigit() and len(text) < 9 else text, 1, MAX_WORKERS,
                     "the number of workers")
    except ValueError as error:
        raise InputError(f"--workers: {error}.") from None


def _target(given: argparse.Namespace, resolved: Resolved, key: str) -> Path:
    """Return the folder a run lands in, as an absolute path."""
    named = given.out if given.out is not None else given.results
    if not named.strip():
        raise InputError(f"--{'out' if given.out is not None else 'results'}: the name is empty; name a folder.")
    try:
        folder = Path(named).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(f"{plain(named)}: results cannot be written here ({plain(error)}).") from None
    if given.out is None:
        return folder / f"{resolved.name}-{key[:KEY_DIGITS]}"
    if not folder.name:
        raise InputError(f"--out: {plain(named)} cannot be a run folder; name a new one.")
    return folder


def _simulate(
    resolved: Resolved, path: Path, draft: Draft, workers: int | None, figures: bool, quiet: bool
) -> bool:
    """Run everything into the draft and commit it; return whether any run came to its end."""
    from ipplan.cli.folder import Collector, write  # loads what draws and compares: only when there is something to run

    started, clock = datetime.now(UTC), time.perf_counter()
    batch = Batch(resolved, workers)
    failures: list[Failed] = []
    if not quiet and sys.stderr.isatty() and not is_compiled():
        _compile()
    outcomes = iter(batch)  # before the threads of the progress bar: processes are forked
    with Collector(draft.folder, draft.key) as collector, _progress(batch, quiet):
        for outcome in outcomes:
            if isinstance(outcome, Failed):
                failures.append(outcome)
            else:
                collector.take(outcome)
    if len(failures) == len(batch):
        reasons = {failure.reason for failure in failures}
        more = f" ({len(reasons)} different reasons)" if len(reasons) > 1 else ""
        print(f"ipplan run: no run succeeded{more}: {_ended(failures[0].reason)}", file=sys.stderr)
        return False
    write(draft, resolved, collector, figures, command(resolved, path))
    draft.commit(manifest(batch, path, failures, started, time.perf_counter() - clock))
    for failure in failures:
        print(f"{failure.run}, replicate {failure.replicate} failed: {_ended(failure.reason)}", file=sys.stderr)
    return True


def _compile() -> None:
    """Compile the model, and tell how far this is in one line that ends with it."""
    from ipplan.runs.batch import processors
    from ipplan.runs.compiling import compile_all

    about = "Compiling the model; this is done once and takes about half a minute"
    print(f"{about} ...", end="", file=sys.stderr, flush=True)
    compile_all(processors(), lambda done, of: print(f"\r{about}: {done} of {of} parts", end="", file=sys.stderr,
                                                     flush=True))  # fmt: skip
    print(file=sys.stderr)


def _ended(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."


def _report(target: Path, quiet: bool, sentence: str) -> None:
    if not quiet:
        print_summary(target)
    print(sentence)


@contextmanager
def _progress(batch: Batch, quiet: bool) -> Iterator[None]:
    """Show a bar on stderr while the block runs, if a person is there to see it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
               TimeElapsedColumn(), TimeRemainingColumn())  # fmt: skip
    resolved = batch.resolved
    about = f"{resolved.name}: {len(batch)} runs of {resolved.months} months at {resolved.scale}"
    ended = threading.Event()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(plain(about), total=batch.months)

        def watch() -> None:
            while not ended.wait(0.1):
                bar.update(task, completed=batch.simulated)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()
