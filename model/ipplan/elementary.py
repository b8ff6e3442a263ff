"""Exponential and logarithm from plain arithmetic.

A loop that calls the C library runs one number at a time; these have no branch, table or call, so the compiler turns
a loop over them into vector instructions (eight numbers at once), and alone they cost what the library costs. The
forms are those of fdlibm (Sun Microsystems 1993): right within one unit in the last place, the same on any machine.
"""

from __future__ import annotations

from ipplan.compiled import bits_of, float_of, inlined_helper

# compiled-constants
_LN2_HIGH, _LN2_LOW, _PER_LN2 = 6.93147180369123816490e-01, 1.90821492927058770002e-10, 1.44269504088896338700
_ROUNDER = 6755399441055744.0
"""1.5 * 2^52: added to a number below 2^51 it leaves the nearest integer in the lowest bits."""
_ONE, _MANTISSA, _EXPONENT_BITS = 0x3FF0000000000000, 0x000FFFFFFFFFFFFF, 52
_HALF_ROOT = 0x3FE6A09E667F3BCD
"""Bits of the root of 1/2: mantissas are taken between it and the root of 2."""


@inlined_helper
def exp(x):
    """Return e to the power ``x``; what is beyond +-700 counts as +-700."""
    x = min(max(x, -700.0), 700.0)
    turns = x * _PER_LN2 + _ROUNDER
    k = turns - _ROUNDER
    high, low = x - k * _LN2_HIGH, k * _LN2_LOW
    r = high - low
    t = r * r
    c = r - t * (
        1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03 + t * (
            6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08)))
    )
    return (1.0 - ((low - (r * c) / (2.0 - c)) - high)) * float_of((bits_of(turns) << _EXPONENT_BITS) + _ONE)


@inlined_helper
def log(x):
    """Return the natural logarithm of a positive number (not a subnormal one)."""
    above = bits_of(x) - _HALF_ROOT
    k = float(above >> _EXPONENT_BITS)
    f = float_of((above & _MANTISSA) + _HALF_ROOT) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = z * (
        6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * (
            1.818357216161805012e-01 + w * 1.479819860511658591e-01))
    )
    half = 0.5 * f * f
    return k * _LN2_HIGH - ((half - (s * (half + even + odd) + k * _LN2_LOW)) - f)
