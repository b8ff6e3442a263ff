"""Named random streams: the published generator, uniform and independent where it counts, inverted and so monotone.

Statistical tests run on fixed keys, so they pass or fail for good; a threshold of 1e-5 on each p-value means that a
sound generator would have been refused with probability below 1e-3 over the whole file.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special, stats

from ipplan import streams
from ipplan.streams import Stream, uniform_column

ALPHA = 1e-5
FULL = 0xFFFFFFFF
PI = (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0)


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((FULL,) * 4, (FULL,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (*PI, "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_known_answers_of_random123(counter: tuple[int, ...], key: tuple[int, int], words: str) -> None:
    found = streams.philox(*counter, *key)
    assert " ".join(f"{int(word):08x}" for word in found) == words


def column(stream: Stream = Stream.IDEAS, n: int = 40_000, seed: int = 3, ordinal: int = 0, month: int = 5,
           draw: int = 0) -> NDArray[np.float64]:  # fmt: skip
    return uniform_column(seed, stream, np.arange(n), ordinal, month, draw)


@pytest.mark.parametrize("stream", list(Stream))
def test_every_stream_is_uniform_over_entities(stream: Stream) -> None:
    u = column(stream)
    assert u.min() > 0.0 and u.max() < 1.0
    assert stats.kstest(u, "uniform").pvalue > ALPHA
    assert stats.chisquare(np.bincount((u * 256).astype(int), minlength=256)).pvalue > ALPHA


def test_one_entity_is_uniform_over_months_seeds_ordinals_and_draws() -> None:
    by = {
        "month": [streams.uniforms(3, 10, 7, 0, month, 0) for month in range(-60, 12_000)],
        "seed": [streams.uniforms(seed, 10, 7, 0, 5, 0) for seed in range(12_000)],
        "ordinal": [streams.uniforms(3, 10, 7, ordinal, 5, 0) for ordinal in range(12_000)],
        "draw": [streams.uniforms(3, 10, 7, 0, 5, draw) for draw in range(12_000)],
    }
    for draws in by.values():
        for place in range(4):
            assert stats.kstest(np.array(draws)[:, place], "uniform").pvalue > ALPHA


def test_neighbouring_keys_share_nothing() -> None:
    n = 40_000
    u = column()
    others = {
        "next entity": np.concatenate([u[1:], u[:1]]),
        "next month": column(month=6),
        "a year on": column(month=17),
        "next seed": column(seed=4),
        "next stream": column(Stream.DESIGNS),
        "next ordinal": column(ordinal=1),
        "next draw": column(draw=1),
    }
    for name, v in others.items():
        assert abs(np.corrcoef(u, v)[0, 1]) * np.sqrt(n) < stats.norm.isf(ALPHA / 2), name
        cells = np.bincount((u * 16).astype(int) * 16 + (v * 16).astype(int), minlength=256)
        assert stats.chisquare(cells).pvalue > ALPHA, name
        assert not np.any(u == v) or np.mean(u == v) < 1e-3, name


def test_the_four_uniforms_of_one_call_are_independent() -> None:
    u = np.array([streams.uniforms(9, 24, entity, 1, 40, 0) for entity in range(20_000)])
    far = np.corrcoef(u.T)[np.triu_indices(4, 1)]
    assert np.abs(far).max() * np.sqrt(len(u)) < stats.norm.isf(ALPHA / 2)


def test_counters_do_not_wrap_into_each_other() -> None:
    """Months before 2017, large entities and large ordinals keep their own draws."""
    keys = [(e, o, m, d) for e in (0, 1, 65_536, 2**31 - 1) for o in (0, 1, 65_535, 65_536, 2**26)
            for m in (-1000, -1, 0, 227) for d in (0, 1, 13)]  # fmt: skip
    found = {streams.uniforms(1, 10, *key) for key in keys}
    assert len(found) == len(keys)


@given(st.floats(1e-12, 1 - 1e-12))
def test_the_normal_quantile_is_that_of_scipy(u: float) -> None:
    truth = float(special.ndtri(u))
    assert streams.normal_quantile(u) == pytest.approx(truth, rel=3e-9, abs=3e-9)


@given(st.floats(-8.0, 8.0))
def test_the_normal_distribution_function_is_that_of_scipy(x: float) -> None:
    assert streams.normal_cdf(x) == pytest.approx(float(special.ndtr(x)), rel=1e-12, abs=1e-16)


def test_normals_of_two_draws_are_normal_and_uncorrelated() -> None:
    u, v = column(), column(draw=1)
    pairs = np.array([(streams.normal_quantile(a), streams.normal_quantile(b)) for a, b in zip(u, v, strict=True)])
    for place in range(2):
        assert stats.kstest(pairs[:, place], "norm").pvalue > ALPHA
    assert abs(np.corrcoef(pairs.T)[0, 1]) * np.sqrt(len(pairs)) < 4.4
    assert abs(np.corrcoef((pairs**2).T)[0, 1]) * np.sqrt(len(pairs)) < 4.4


@given(st.floats(1e-9, 1 - 1e-9), st.floats(1e-6, 400.0))
def test_a_poisson_count_is_the_quantile_of_its_uniform(u: float, mean: float) -> None:
    count = streams.poisson(u, mean)
    # P(N < count) < u <= P(N <= count), up to rounding of the sums
    assert stats.poisson.cdf(count - 1, mean) <= u + 1e-10
    assert stats.poisson.cdf(count, mean) >= u - 1e-10


@pytest.mark.parametrize("mean", [400.001, 900.0, 20_000.0])
def test_large_poisson_counts_follow_the_law_within_the_skewness(mean: float) -> None:
    """Above 400 the normal limit stands in; its distance is the Edgeworth term 1 / (6 sqrt(2 pi mean))."""
    counts = np.arange(int(mean - 6 * mean**0.5), int(mean + 6 * mean**0.5))
    reached = special.ndtr((counts + 0.5 - mean) / mean**0.5)
    assert np.abs(reached - stats.poisson.cdf(counts, mean)).max() < 1.05 / (6 * np.sqrt(2 * np.pi * mean)) + 1e-5
    drawn = [streams.poisson(u, mean) for u in (0.001, 0.3, 0.5, 0.9, 0.9999)]
    exact = stats.poisson.ppf([0.001, 0.3, 0.5, 0.9, 0.9999], mean)
    assert np.abs(drawn - exact).max() <= 3  # (z^2 - 1) / 6 and rounding


@given(st.floats(1e-9, 1 - 1e-9), st.floats(0.0, 900.0), st.floats(0.0, 900.0))
def test_a_larger_mean_never_brings_fewer(u: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    # where the normal limit takes over its skewness may cost a count or two, never more
    slack = 2 if low <= 400.0 < high else 0
    assert streams.poisson(u, low) <= streams.poisson(u, high) + slack


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**31 - 1))
def test_a_draw_is_a_function_of_its_key(seed: int, entity: int) -> None:
    first = uniform_column(seed, Stream.MARKET, np.array([entity, 5, entity]), 2, 30, 1)
    again = uniform_column(seed, Stream.MARKET, np.array([entity]), 2, 30, 1)
    assert first[0] == first[2] == again[0]


def test_numbers_of_streams_are_given_once() -> None:
    assert len({int(stream) for stream in Stream}) == len(Stream.__members__)
