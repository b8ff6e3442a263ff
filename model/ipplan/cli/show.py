"""``ipplan show``: the table of a finished run, and what it is a run of."""

from __future__ import annotations

import argparse
from pathlib import Path

from ipplan.errors import InputError, nearest
from ipplan.runs.store import is_whole, read_manifest
from ipplan.scenario.reading import plain, shown_path

SUMMARY, FIGURES = "summary.txt", "figures"


def execute(given: argparse.Namespace) -> int:
    """Print the run's title, key and table."""
    folder = Path(given.run)
    manifest = read_manifest(folder)
    if manifest is None:
        raise InputError(f"{shown_path(folder)}: this is no run folder; a run folder holds a manifest.json."
                         f"{_neighbour(folder)}")
    if not is_whole(folder):
        raise InputError(f"{shown_path(folder)}: this run folder is damaged, files are missing or cut; make it again: "
                         f"{plain(manifest.get('command', ''), 300)}")
    print_summary(folder)
    print(f"key {manifest['key']}, {manifest['replicates']} replicates at scale {manifest['scale']}, seed "
          f"{manifest['seed']}; made again by: {manifest['command']}")
    return 0


def _neighbour(folder: Path) -> str:
    """Suggest the newest run of the same scenario beside ``folder``, or the run whose name comes nearest."""
    try:
        beside = sorted((path for path in folder.parent.glob("*") if read_manifest(path)),
                        key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return ""
    name = folder.name.rpartition("-")[0] or folder.name
    for path in beside:
        if path.name.rpartition("-")[0] == name:
            return f" Did you mean '{shown_path(path)}'?"
    return nearest(folder.name, [path.name for path in beside])


def print_summary(folder: Path) -> None:
    """Print the table that the run left in its folder."""
    print((folder / SUMMARY).read_text(encoding="utf-8"), end="")


def has_figures(folder: Path) -> bool:
    """Return whether a run folder holds pictures."""
    return (folder / FIGURES).is_dir()
