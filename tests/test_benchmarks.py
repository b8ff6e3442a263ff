"""The benchmark's peer still runs: it takes rules from the package, so an edit there may break it unseen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[1] / "experiments" / "benchmarks"


def test_the_mesa_peer_runs_and_is_compared() -> None:
    """Too small to agree on anything: that is asked at 1/400 (see experiments/README.md)."""
    command = [sys.executable, "mesa_peer.py", "--scale", "1/10000", "--months", "4"]
    found = subprocess.run(command, cwd=BENCHMARKS, capture_output=True, text=True, check=False)
    assert "took" in found.stdout, found.stderr
    assert "granted" in found.stdout
    assert not found.stderr
