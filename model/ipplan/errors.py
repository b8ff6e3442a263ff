"""What a user can get wrong, said in one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class InputError(Exception):
    """A mistake in what the user gave us; its text is one clear sentence (command line: exit code 2)."""


def nearest(name: object, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the known name closest to ``name``, or an empty string."""
    options = list(known)
    lowered = {option.lower(): option for option in options}
    match = get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.5)
    return f" Did you mean '{lowered[match[0]]}'?" if match else ""
