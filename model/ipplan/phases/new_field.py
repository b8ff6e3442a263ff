"""A field whose rules are not settled: artificial intelligence, a part of the field of ICT.

Of the inventions in ICT a share is in the new field (the model has no finer field). There an examiner's bar is the
standard plus the field's noise s z, drawn once a filing, less what rules open,

    P(quality q clears the bar) = Phi((q - q* + opening) / s),

so sound inventions are refused and unsound ones granted the more often the less is settled; and a part of the
inventions is not filed until it is. Rules lower s and bring these inventions to the office - to the examiners of that
field only. What they open may lie below the standard, which is the door to thickets.
"""

from __future__ import annotations

from ipplan.compiled import inlined, inlined_helper
from ipplan.ledger import count, flow
from ipplan.rights.docket import ALLOWED, SOUND
from ipplan.streams import Stream, uniforms
from ipplan.world import FIELDS, INVENTION

# compiled-constants
_TRAITS = int(Stream.IDEA_TRAITS)
NEW_FIELD = FIELDS.index("ict")
FILED, HELD_BACK, EXAMINED, SOUND_REFUSED, FLAWED_GRANTED = (
    flow(f"new_field_{name}") for name in ("filed", "held_back", "examined", "sound_refused", "flawed_granted")
)


@inlined_helper
def is_new(seed, owner, serial, filed, share):
    """Tell whether an invention in ICT is in the new field, by the draw that belongs to its idea (``filing``)."""
    return uniforms(seed, _TRAITS, owner, serial, filed, 0)[3] < share


@inlined
def note(outcome, cell, tally):
    """Count how an examination in the new field ends."""
    sound, allowed = outcome & SOUND != 0, outcome & ALLOWED != 0
    count(tally, EXAMINED, INVENTION, cell, 1)
    if sound and not allowed:
        count(tally, SOUND_REFUSED, INVENTION, cell, 1)
    if allowed and not sound:
        count(tally, FLAWED_GRANTED, INVENTION, cell, 1)
