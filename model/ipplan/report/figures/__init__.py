"""The pictures of a run folder: ``draw`` writes them all."""

from __future__ import annotations

from pathlib import Path

from ipplan.report.figures import conduct, dockets, history, main_indicators, paired_effects, provinces, style
from ipplan.report.rundata import RunData

PICTURES = (main_indicators, paired_effects, conduct, dockets, provinces, history)


def draw(run: RunData, folder: Path, key: str, command: str) -> list[Path]:
    """Write the pictures of a run as PNG files into ``folder`` and return their paths.

    A picture that has nothing to show (no complete year, no baseline) is left out. ``key`` and ``command`` (which
    rebuilds the run) stand in the metadata of each file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for picture in PICTURES:
        sheet = picture.draw(run)
        if sheet is not None:
            path = folder / f"{picture.NAME}.png"
            style.save(sheet, path, key, command)
            written.append(path)
    return written
