"""Step 4: applicants choose who drafts and files for them.

A logit over a small consideration set (the own agency, a neighbour's, two met by size), not over all agencies.
An honest applicant looks for drafting quality, one tempted by bad faith for lenience; both dislike fees and a
record of flags. An agency at the limit of its capacity turns clients away.
"""

from __future__ import annotations

import math

import numpy as np

from ipplan.agents.agencies import HONEST, VOLUME
from ipplan.agents.applicants import NO_AGENCY
from ipplan.compiled import inlined
from ipplan.streams import Stream, uniforms

# compiled-constants
_CHOICE = int(Stream.AGENCY_CHOICE)
_NONE = int(NO_AGENCY)

READS = (
    "agencies.price_sensitivity", "agencies.quality_weight", "agencies.lenience_weight", "agencies.stigma",
    "agencies.loyalty", "agencies.reconsider", "agencies.lenience.mixed", "agencies.stigma_prior",
    "agencies.neighbourhood",
)  # fmt: skip
PRICE, QUALITY, LENIENCE, STIGMA, LOYALTY, RECONSIDER, LENIENCE_MIXED, STIGMA_PRIOR, NEAR = range(9)

PER_YUAN, PER_SD = 1000.0, 5.0
"""Units of weights in the choice: price per 1000 yuan, drafting per fifth of a standard deviation."""


@inlined
def drawn_by_size(reach, rows, u):
    """Return the row at share ``u`` of the running total of sizes."""
    sought = u * reach[rows - 1]
    low, high = 0, rows - 1  # the last row is never passed
    while low < high:
        middle = (low + high) // 2
        if reach[middle] <= sought:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def appeal(agency, agencies, theta, cell, integrity):
    """Return the utility of an agency to an applicant; ``integrity`` is its standard normal."""
    model = agencies.model[agency]
    lenience = 1.0 if model == VOLUME else (0.0 if model == HONEST else theta[LENIENCE_MIXED, cell])
    flagged = agencies.flagged[agency] / (agencies.filed[agency] + theta[STIGMA_PRIOR, cell])
    return (
        -theta[PRICE, cell] * agencies.fee[agency] / PER_YUAN
        + theta[QUALITY, cell] * agencies.quality[agency] * PER_SD
        + theta[LENIENCE, cell] * lenience * max(0.0, -integrity)
        - theta[STIGMA, cell] * flagged
    )


@inlined
def choose_agency(seed, month, owner, owners, neighbours, agencies, theta, cell):
    """Return the agency an applicant uses this month; a new applicant, or one whose agency is gone, chooses anew."""
    rows = agencies.book[0]
    own = owners.agency[owner]
    usable = own != _NONE and agencies.alive[own] == 1 and agencies.suspended_until[own] <= month
    u, v, w, x = uniforms(seed, _CHOICE, owner, 0, month, 0)
    if usable and u >= theta[RECONSIDER, cell]:
        return np.int64(own)
    y, z, a, _ = uniforms(seed, _CHOICE, owner, 0, month, 1)
    b, c, d, _ = uniforms(seed, _CHOICE, owner, 0, month, 2)
    noises = (x, a, b, c, d)  # one an option: Gumbel noise makes the choice a logit
    far = int(theta[NEAR, cell] + 0.5)
    near = min(max(owner + int(y * (2.0 * far + 1.0)) - far, 0), len(neighbours) - 1)
    options = (
        np.int64(own),
        np.int64(neighbours[near]),
        np.int64(drawn_by_size(agencies.reach, rows, v)),
        np.int64(drawn_by_size(agencies.reach, rows, w)),
        np.int64(drawn_by_size(agencies.reach, rows, z)),
    )
    best = options[2]
    best_value = -1e18
    for place in range(5):
        option = options[place]
        if option == _NONE or agencies.alive[option] == 0 or agencies.suspended_until[option] > month:
            continue
        value = appeal(option, agencies, theta, cell, owners.integrity[owner]) - math.log(-math.log(noises[place]))
        if option == own:
            value += theta[LOYALTY, cell]
        else:
            value += math.log(max(agencies.accepts[option], 1e-6))
        if value > best_value:
            best_value = value
            best = option
    owners.agency[owner] = best
    return best
