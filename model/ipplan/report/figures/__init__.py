"""The pictures of a run folder: ``draw`` writes them all."""

from __future__ import annotations

from pathlib import Path

from ipplan.report.figures import conduct, dockets, history, main_indicators, paired_effects, provinces, style
from ipplan.report.rundata import RunData
from ipplan.runs import forked, processors

PICTURES = (main_indicators, paired_effects, conduct, dockets, provinces, history)


def draw(run: RunData, folder: Path, key: str, command: str) -> list[Path]:
    """Write the pictures of a run as PNG files into ``folder`` and return their paths.

    A picture that has nothing to show (no complete year, no baseline) is left out. ``key`` and ``command`` (which
    rebuilds the run) stand in the metadata of each file.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def paint(number: int) -> Path | None:
        picture = PICTURES[number]
        sheet = picture.draw(run)
        if sheet is None:
            return None
        path = folder / f"{picture.NAME}.png"
        style.save(sheet, path, key, command)
        return path

    def lost(number: int) -> Path | None:
        raise RuntimeError(f"the picture {PICTURES[number].NAME} could not be drawn")

    painters = min(processors(), len(PICTURES))
    return [path for path in forked.in_order(len(PICTURES), painters, paint, lost) if path is not None]
