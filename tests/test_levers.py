"""Levers: null measures change no bit, single measures shift exactly what they say, many stay inside the bounds."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipplan import data, schedule, schema, world
from ipplan.errors import InputError
from ipplan.levers import COMBINERS, Entry, PrimitivePaths, moved
from ipplan.schema import Measure, Primitive, parse_measures, parse_primitives, parse_toml

N = 120
TABLES = """
["office.capacity"]
title = { en = "Capacity", zh = "能力" }
value = 100
unit = "cases"
bounds = [10, 2000]
range = [50, 200]
scale = "log"
status = "assumed"
source = "test"
["office.standard"]
title = { en = "Standard", zh = "标准" }
value = -0.5
unit = "sd"
bounds = [-4, 3]
range = [-1, 1]
scale = "linear"
status = "assumed"
source = "test"
["office.national"]
title = { en = "National", zh = "全国" }
value = 100
unit = "cases"
bounds = [10, 2000]
range = [50, 200]
scale = "log"
status = "assumed"
source = "test"
scope = "national"
["filing.payoff"]
title = { en = "Payoff", zh = "收益" }
value = { large = 1000, sme = 2000, individual = 3000, university = 4000, institute = 5000, foreign = 60 }
unit = "yuan"
bounds = [50, 40000]
range = [55, 9000]
scale = "log"
status = "assumed"
source = "test"
"""


def primitives() -> dict[str, Primitive]:
    return parse_primitives(parse_toml(TABLES, "test"), "test")


def measure(name: str, *moves: tuple[str, str, float], **more: object) -> dict[str, Measure]:
    rows = [
        {"primitive": primitive, "channel": channel, "effect": effect, "range": [effect, effect], "evidence": "test",
         "known_from": "2020-01", "status": "assumed"}
        for primitive, channel, effect in moves
    ]
    row = {"title": {"en": name, "zh": name}, "source": "test", "moves": rows, **more}
    return parse_measures({name: row}, "test", primitives())


def paths(entries: list[Entry], known: dict[str, Measure], **more: object) -> PrimitivePaths:
    return PrimitivePaths(entries, primitives=primitives(), measures=known, **more)  # type: ignore[arg-type]


STRONG = measure("strong", ("office.capacity", "a", 0.8), ("filing.payoff.*", "b", -0.7))
WEAK = measure("weak", ("office.capacity", "a", 0.3), delay=2, build_up=6)
OTHER = measure("other", ("office.capacity", "c", -0.4), build_up=3)
KNOWN = {**STRONG, **WEAK, **OTHER}


def test_no_schedule_is_the_value_itself_and_one_slice() -> None:
    table = paths([], KNOWN).table(("office.capacity", "filing.payoff.*"), N)
    assert table.constant
    assert table.values.shape == (1, 2, world.N_CELLS)
    assert (table.at(77)[0] == 100.0).all()
    assert table.at(3)[1].reshape(-1, 6).tolist() == [[1000, 2000, 3000, 4000, 5000, 60]] * 32
    assert table.at(3).T.flags.c_contiguous and table.at(3).dtype == np.float64  # the reads of a cell side by side


@pytest.mark.parametrize("combiner", COMBINERS)
def test_zero_strength_changes_no_bit(combiner: str) -> None:
    history = [Entry("weak", 3, 40, 0.7, origin="history"), Entry("other", 10, origin="history")]
    nothing = [Entry("strong", 0, strength=0.0), Entry("weak", 30, 90, 0.0, provinces=frozenset({4}))]
    reads = ("office.capacity", "office.national", "filing.payoff.*")
    one = paths(history, KNOWN, combiner=combiner).table(reads, N)
    two = paths(history + nothing, KNOWN, combiner=combiner).table(reads, N)
    assert (one.values.view(np.int64) == two.values.view(np.int64)).all()


@settings(max_examples=40, deadline=None)
@given(start=st.integers(5, 100), strength=st.floats(0.01, 1.5), province=st.integers(0, 30), kind=st.integers(0, 5),
       combiner=st.sampled_from(COMBINERS))
def test_before_announcement_and_elsewhere_no_bit_changes(
    start: int, strength: float, province: int, kind: int, combiner: str
) -> None:
    history = [Entry(name, 2 * place, strength=0.9, origin="history") for place, name in enumerate(KNOWN)]
    plan = [Entry("strong", start, None, strength, provinces=frozenset({province}), applicants=frozenset({kind})),
            Entry("weak", start, start + 6, strength, provinces=frozenset({province}))]
    reads = ("office.capacity", "filing.payoff.*")
    one = paths(history, KNOWN, combiner=combiner).table(reads, N).values
    two = paths(history + plan, KNOWN, combiner=combiner).table(reads, N).values
    same = one.view(np.int64) == two.view(np.int64)
    assert same[: start + 1].all()
    elsewhere = np.arange(world.N_CELLS) // world.N_KINDS != province
    assert same[:, :, elsewhere].all()
    assert not same[-1, 0, ~elsewhere].all()


@pytest.mark.parametrize(("effect", "value"), [(0.8, 100.0), (-0.01, 100.0), (2.6, 100.0), (-0.9, 30.0)])
def test_one_measure_at_full_strength_does_exactly_what_it_declares(effect: float, value: float) -> None:
    known = measure("one", ("office.capacity", "a", effect))
    found = paths([Entry("one", 0)], known, values={"office.capacity": value}).path("office.capacity", N)[-1, 0]
    assert found == pytest.approx(value * math.exp(effect), rel=1e-12)


@pytest.mark.parametrize(("effect", "value"), [(-0.008, 0.01), (0.33, 0.01), (-0.5, 0.95), (0.02, 0.95)])
def test_on_a_linear_scale_it_is_exact_close_to_a_bound_too(effect: float, value: float) -> None:
    found = moved(value, 0.001, 0.999, "linear", np.array([effect]))[0]
    assert found == pytest.approx(value + effect, rel=1e-12)


@settings(max_examples=200, deadline=None)
@given(theta=st.floats(0.02, 0.98), low=st.floats(0.0001, 0.01),
       shifts=st.lists(st.floats(-9, 9), min_size=2, max_size=9), scale=st.sampled_from(["log", "linear"]))
def test_a_larger_shift_never_moves_less_and_none_leaves_the_bounds(
    theta: float, low: float, shifts: list[float], scale: str
) -> None:
    found = moved(theta, low, 0.99, scale, np.sort(np.array(shifts)))
    assert (np.diff(found) >= 0).all() and (found > low).all() and (found < 0.99).all()


def test_beyond_nine_tenths_of_the_room_the_bound_is_approached_without_a_step_or_a_kink() -> None:
    edge, d = 0.9 * 0.8, 1e-6  # the room from 0.2 to 1
    below, at, above = moved(0.2, 0.0, 1.0, "linear", np.array([edge - d, edge, edge + d]))
    assert at == pytest.approx(0.92)
    assert (above - at) / (at - below) == pytest.approx(1.0, abs=1e-4)
    assert 1.0 - moved(0.2, 0.0, 1.0, "linear", np.array([0.8]))[0] == pytest.approx(0.08 * math.exp(-1.0))


@settings(max_examples=60, deadline=None)
@given(effects=st.lists(st.floats(0.01, 3.0), min_size=40, max_size=40), sign=st.sampled_from([-1, 1]),
       strength=st.floats(0.1, 1.5), channels=st.integers(1, 40), combiner=st.sampled_from(COMBINERS))
def test_forty_measures_stay_inside_the_bounds(
    effects: list[float], sign: int, strength: float, channels: int, combiner: str
) -> None:
    known: dict[str, Measure] = {}
    for place, effect in enumerate(effects):
        known |= measure(f"m{place:02d}", ("office.capacity", f"c{place % channels}", sign * effect))
    found = paths([Entry(name, 0, strength=strength) for name in known], known, combiner=combiner)
    path = found.path("office.capacity", 24)
    assert np.isfinite(path).all()
    assert ((path > 10.0) & (path < 2000.0)).all()


def test_a_channel_saturates_and_channels_add() -> None:
    known = {**measure("a", ("office.capacity", "x", 0.2)), **measure("b", ("office.capacity", "x", 0.2)),
             **measure("c", ("office.capacity", "y", 0.2))}

    def moved_by(*names: str) -> float:
        theta = paths([Entry(name, 0) for name in names], known).path("office.capacity", N)[-1, 0]
        return math.log(float(theta) / 100.0)

    assert moved_by("a") == pytest.approx(0.2)
    assert moved_by("a", "c") == pytest.approx(0.4)
    assert moved_by("a", "b") == pytest.approx(0.2 * 1.5 * (1 - (1 / 3) ** 2))


@pytest.mark.parametrize(("delay", "tau"), [(0, 0.0), (0, 6.0), (5, 12.0)])
def test_strength_follows_the_lag_kernel(delay: int, tau: float) -> None:
    start, end, height = 10, 50, 1.2
    known = measure("one", ("office.capacity", "a", 0.1), delay=delay, build_up=tau)
    closed = schedule.strengths([Entry("one", start, end, height)], known, N).by_cell("one")[:, 0]
    x, pace = [0.0], 1 - math.exp(-1 / tau) if tau else 1.0
    for month in range(N - 1):
        u = height if start <= month - delay < end else 0.0
        x.append(x[-1] + (u - x[-1]) * pace)
    assert closed == pytest.approx(x, abs=1e-12)


def test_history_and_plan_add_and_successive_spans_are_one_path() -> None:
    known = measure("one", ("office.capacity", "a", 0.1), delay=1, build_up=9)
    history, plan = Entry("one", 5, None, 0.6, origin="history"), Entry("one", 60, 90, 1.0)

    def x(*entries: Entry) -> np.ndarray:
        return schedule.strengths(entries, known, N).by_cell("one")

    assert (x(history, plan) == x(history) + x(plan)).all()
    assert (x(history, plan)[:61] == x(history)[:61]).all()
    assert (x(history, plan) >= x(history)).all()
    chain = x(Entry("one", 5, 30, 0.6), Entry("one", 30, None, 0.6))
    assert chain == pytest.approx(x(history), abs=1e-12)


def test_masks_by_province_and_applicant() -> None:
    known = measure("one", ("office.capacity", "a", 0.5), ("filing.payoff.*", "b", -0.5), ("office.national", "c", 0.5),
                    applicants=["sme", "university"])
    places = frozenset({data.province("广东").index, data.province("Beijing").index})
    found = paths([Entry("one", 0, provinces=places, applicants=frozenset({world.SME, world.LARGE}))], known)
    table = found.table(("office.capacity", "filing.payoff.*", "office.national"), N)
    changed = (table.at(N - 1) != table.at(0)).reshape(3, 32, 6)
    where = np.zeros((32, 6), dtype=bool)
    where[sorted(places), world.SME] = True
    assert (changed[0] == where).all() and (changed[1] == where).all()
    assert changed[2].all()
    share = schedule.population_share(places)
    assert found.strengths(N).nation["one"][-1, 0] == pytest.approx(share)
    assert 0.1 < share < 0.11


def test_switch_and_its_limits() -> None:
    row = {"title": {"en": "s", "zh": "s"}, "source": "t", "build_up": "10 months",
           "moves": [{"primitive": "office.capacity", "channel": "rule", "effect": 0, "range": [0, 0], "evidence": "t",
                      "known_from": "2020-01", "status": "observed", "switch_to": 2000}]}
    known = parse_measures({"switch": row}, "test", primitives())
    path = paths([Entry("switch", 20), Entry("switch", 20, None, 1.5)], known).path("office.capacity", N)[:, 0]
    assert (path[:21] == 100.0).all()
    assert path[25] == pytest.approx(100 + 1900 * 2.5 * (1 - math.exp(-0.5)))
    assert path[-1] == 2000.0


def test_what_is_shifted_starts_from_where_a_rule_switched_it() -> None:
    """Else a planner's effect on what history has switched would do nothing at all."""
    row = {"title": {"en": "s", "zh": "s"}, "source": "t",
           "moves": [{"primitive": "office.capacity", "channel": "rule", "effect": 0, "range": [0, 0], "evidence": "t",
                      "known_from": "2020-01", "status": "observed", "switch_to": 50}]}
    known = {**parse_measures({"switch": row}, "test", primitives()), **measure("more", ("office.capacity", "a", 0.5))}
    alone = paths([Entry("switch", 5)], known).path("office.capacity", N)[:, 0]
    both = paths([Entry("switch", 5), Entry("more", 10)], known).path("office.capacity", N)[:, 0]
    assert (alone[:11] == both[:11]).all() and (alone[6:] == 50.0).all()
    assert both[-1] == pytest.approx(50.0 * math.exp(0.5))


def test_parts_stand_for_their_measures() -> None:
    whole = {**KNOWN, "whole": Measure.model_validate(
        {"id": "whole", "title": {"en": "w", "zh": "w"}, "source": "t", "parts": ("strong", "weak")})}
    one = paths([Entry("whole", 7, 50, 0.8)], whole).table(("office.capacity",), N)
    two = paths([Entry("strong", 7, 50, 0.8), Entry("weak", 7, 50, 0.8)], whole).table(("office.capacity",), N)
    assert (one.values == two.values).all()


def test_own_measures_leave_the_channel_of_others_alone() -> None:
    own = measure("mine", ("office.capacity", "a", 2.0))
    alone = paths([Entry("strong", 0)], KNOWN).path("office.capacity", N)
    beside = paths([Entry("strong", 0), Entry("mine", 60)], KNOWN, own=own).path("office.capacity", N)
    assert (alone[:61] == beside[:61]).all()
    assert beside[-1, 0] > alone[-1, 0]


def test_scale_of_moved_is_exact_at_zero() -> None:
    assert moved(0.1, 0.0, 0.9, "linear", np.zeros((3, 2))).tolist() == [[0.1, 0.1]] * 3


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: paths([Entry("strng", 0)], KNOWN).strengths(N), "Did you mean 'strong'?"),
        (lambda: paths([], KNOWN, values={"office.capcity": 1.0}), "Did you mean 'office.capacity'?"),
        (lambda: paths([], KNOWN, values={"office.capacity": 2000.0}), "not strictly inside its bounds [10, 2000]"),
        (lambda: paths([], KNOWN, combiner="sum"), "unknown combiner"),
        (lambda: paths([], KNOWN, effects={"strong/office.capacit": 0.8}), "Did you mean 'strong/office.capacity'?"),
    ],
)
def test_mistakes_are_named(call: object, text: str) -> None:
    with pytest.raises(InputError) as caught:
        call()  # type: ignore[operator]
    assert text in str(caught.value)


def test_all_primitives_under_the_history_are_quick() -> None:
    history = data.history_schedule()
    entries = [Entry(one.measure, one.start, one.end, one.strength, origin="history") for one in history]
    best = math.inf
    for _ in range(3):
        start = time.perf_counter()
        found = PrimitivePaths(entries)
        for name in schema.primitives():
            found.path(name, 228)
        best = min(best, time.perf_counter() - start)
    assert best < 1.0  # about 0.02 s; a wide margin, no timed test


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", ["log", "linear"])
def test_a_value_beside_its_bound_stays_a_number_inside(scale: str) -> None:
    for start in (np.nextafter(0.5, 200.0), np.nextafter(200.0, 0.5)):
        found = moved(start, 0.5, 200.0, scale, np.array([[-1.0, 0.0, 1.0]]))
        assert np.isfinite(found).all()
        assert ((found > 0.5) & (found < 200.0)).all()
        assert found[0, 1] == start
        assert (np.diff(found[0]) > -1e-9).all()  # the logit is cut short of the bound itself
