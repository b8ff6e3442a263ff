"""Random numbers that are named and keyed, never shared.

A draw is a pure function of (seed, stream, entity, month, draw): Philox4x32-10 (Salmon et al. 2011, "Parallel
random numbers: as easy as 1, 2, 3") with the key (seed, stream) and the counter (entity, ordinal, month, draw).
So the draw is the same in every scenario in which that entity faces that question in that month, and an extra
agent, measure or replicate disturbs nobody else's. One call gives four words: four uniforms.

Uniforms are inverted, never rejected, so a changed rate moves an outcome monotonically.
"""

from __future__ import annotations

import math
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ipplan.compiled import helper, inlined_helper, kernel
from ipplan.elementary import log

# compiled-constants


class Stream(IntEnum):
    """The named streams; a number, once given, is never given again."""

    POPULATION = 1
    APPLICANT_TRAITS = 2
    AGENCY_TRAITS = 3
    START_REGISTER = 4
    START_DOCKET = 5
    IDEAS = 10
    DESIGNS = 11
    BRANDS = 12
    FABRICATION = 13
    IDEA_TRAITS = 14
    FILING_CHOICE = 15
    FABRICATION_CHOICE = 16
    AGENCY_CHOICE = 17
    SCREENING = 18
    CONTEST = 19
    LANE = 20
    EXAMINATION = 21
    EXAMINER_OF_CASE = 22
    REGISTRATION = 23
    LIFE = 24
    MARKET = 26
    EXAMINER_CAREER = 30
    AGENCY_CAREER = 31
    AGENCY_ENTRY = 32
    AGENCY_SANCTION = 33
    BORROWER = 40
    LOAN_SEEKING = 41
    APPRAISAL = 42
    LOAN_MATURITY = 43
    CREDIT_CYCLE = 44
    INFRINGEMENT = 50
    ENFORCEMENT = 51
    MERIT = 52
    FORUM = 53
    JUDGMENT = 54
    APPEAL = 55
    INVALIDATION = 56
    FAMILY = 60
    FOREIGN_OFFICE = 61
    LICENCE_ABROAD = 62
    LICENCE_IN = 63
    ROYALTY_YEAR = 64
    COPYRIGHT = 65
    PIPELINE = 66
    OPEN_LICENCE = 70
    POOL = 71
    OPPOSITION = 75
    PROVINCE_LEANING = 80
    PROVINCE_PEER = 81
    PROVINCE_AUDIT = 82
    DEMONSTRATION = 83
    AGENCY_PLACE = 84
    PRODUCERS = 91
    INDICATION = 92
    CERTIFICATE = 93


_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint32(0x9E3779B9)
_W1 = np.uint32(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_UNIT = 1.0 / 4294967296.0


@inlined_helper
def philox(c0, c1, c2, c3, k0, k1):
    """Return the four 32-bit words of Philox4x32-10 for a counter (c0..c3) and a key (k0, k1)."""
    x0, x1, x2, x3 = np.uint32(c0), np.uint32(c1), np.uint32(c2), np.uint32(c3)
    a, b = np.uint32(k0), np.uint32(k1)
    for _ in range(10):
        p0 = _M0 * np.uint64(x0)
        p1 = _M1 * np.uint64(x2)
        x0, x1, x2, x3 = (
            np.uint32(p1 >> _SHIFT) ^ x1 ^ a,
            np.uint32(p1 & _LOW),
            np.uint32(p0 >> _SHIFT) ^ x3 ^ b,
            np.uint32(p0 & _LOW),
        )
        a = np.uint32(a + _W0)
        b = np.uint32(b + _W1)
    return x0, x1, x2, x3


@helper
def unit(word):
    """Return the uniform in (0, 1) of a 32-bit word: the midpoint of its cell, so never 0 or 1."""
    return (np.float64(word) + 0.5) * _UNIT


@helper
def again(u):
    """Return a second uniform, the bits behind the first twelve of one: coarser, as good as independent of it."""
    return (u * 4096.0) % 1.0


@inlined_helper
def uniforms(seed, stream, entity, ordinal, month, draw):
    """Return four uniforms in (0, 1) for one question put to one entity in one month."""
    w0, w1, w2, w3 = philox(entity, ordinal, month + 65536, draw, seed, stream)
    return unit(w0), unit(w1), unit(w2), unit(w3)


@inlined_helper
def normal_quantile(u):
    """Return the standard normal quantile of a uniform (Acklam's rational form, relative error 1.2e-9).

    Nothing in it stands in the way of vector instructions, so a loop of it costs a quarter a number.
    """
    d = u - 0.5
    r = d * d
    middle = (
        (((((-3.969683028665376e01 * r + 2.209460984245205e02) * r - 2.759285104469687e02) * r
           + 1.383577518672690e02) * r - 3.066479806614716e01) * r + 2.506628277459239e00) * d
    ) / (
        ((((-5.447609879822406e01 * r + 1.615858368580409e02) * r - 1.556989798598866e02) * r
          + 6.680131188771972e01) * r - 1.328068155288572e01) * r + 1.0
    )
    if r <= 0.47575 * 0.47575:
        return middle
    q = math.sqrt(-2.0 * log(min(u, 1.0 - u)))
    tail = (
        ((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838e00) * q
          - 2.549732539343734e00) * q + 4.374664141464968e00) * q + 2.938163982698783e00
    ) / (
        (((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996e00) * q
         + 3.754408661907416e00) * q + 1.0
    )
    return math.copysign(tail, d)


@helper
def normal_cdf(x):
    """Return the standard normal distribution function at ``x``."""
    return 0.5 * math.erfc(-x * 0.7071067811865476)


@helper
def poisson_from(none, u, mean):
    """Return the Poisson count of a uniform, as ``poisson`` does, from the chance ``none`` of a count of nought."""
    if mean > 400.0:  # inversion in single steps would underflow; the normal limit is within 3.3e-3 here
        return max(0, math.floor(mean + math.sqrt(mean) * normal_quantile(u) + 0.5))
    term = none
    total = term
    count = 0
    while u > total and count < 1000:
        count += 1
        term *= mean / count
        total += term
    return count


@helper
def poisson(u, mean):
    """Return the Poisson count of a uniform by inversion: monotone in the mean, one uniform whatever the count."""
    return poisson_from(math.exp(-mean), u, mean) if mean > 0.0 else 0


FEW = 30.0
"""Means up to which ``counted`` inverts in single steps."""


@helper
def counted(u, mean):
    """Return a count that is Poisson up to a mean of 30 and, above, close to it at no more cost.

    Above it is the quantile with its first correction for skewness (Cornish & Fisher 1938): off by less than 0.003 in
    probability. On either side of 30 it is monotone in the mean (z is above -6.3).
    """
    if mean <= FEW:
        return poisson(u, mean)
    z = normal_quantile(u)
    return max(0, math.floor(mean + math.sqrt(mean) * z + (z * z - 1.0) / 6.0 + 0.5))


@kernel
def _set_uniforms(seed, stream, entities, ordinal, month, draw, out):
    """Set ``out`` [entity] to uniforms in (0, 1)."""
    for i in range(len(entities)):
        out[i] = uniforms(seed, stream, entities[i], ordinal, month, draw)[0]


def uniform_column(
    seed: int, stream: Stream, entities: NDArray[np.int64], ordinal: int, month: int, draw: int
) -> NDArray[np.float64]:
    """Return one uniform in (0, 1) for each entity: shape [len(entities)]."""
    column = np.zeros(len(entities))
    _set_uniforms(seed, int(stream), entities, ordinal, month, draw, column)
    return column


@kernel
def _set_quantiles(u, out):
    """Set ``out`` to the standard normal quantiles of ``u``, with one Newton step (accurate to 1e-15)."""
    for i in range(len(u)):
        x = normal_quantile(u[i])
        error = 0.5 * math.erfc(-x * 0.7071067811865476) - u[i]
        step = error * 2.5066282746310002 * math.exp(0.5 * x * x)
        out[i] = x - step / (1.0 + 0.5 * x * step)


def quantile_column(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard normal quantiles of uniforms (accurate to 1e-15)."""
    column = np.zeros(len(u))
    _set_quantiles(u, column)
    return column
