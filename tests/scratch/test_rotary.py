"""Rotary positions: as complex numbers, in both layouts, stretched, back, and refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.scratch import attention, rotary
from course_lib.scratch.gradient_check import gradient_error

SIZES = {
    "leading": st.lists(st.integers(1, 3), max_size=2),
    "t": st.integers(1, 5),
    "pairs": st.integers(1, 4),
    "halves": st.booleans(),
    "seed": st.integers(0, 10_000),
}


def turned_plane(x, halves):
    """Return pairs as complex numbers."""
    middle = x.shape[-1] // 2
    if halves:
        return x[..., :middle] + 1j * x[..., middle:]
    return x[..., ::2] + 1j * x[..., 1::2]


def problem(leading, t, pairs, seed):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(*leading, t, 2 * pairs))
    positions = generator.integers(-20, 500, t)
    return x, positions, rotary.rotary_table(positions, rotary.rotary_rates(2 * pairs)), generator


@given(**SIZES)
def test_turning_is_multiplying_by_a_complex_number(leading, t, pairs, halves, seed):
    x, positions, table, _ = problem(leading, t, pairs, seed)
    found = rotary.rotate_pairs(x, *table, halves)
    assert found.shape == x.shape
    angles = np.outer(positions, [10_000 ** (-i / pairs) for i in range(pairs)])
    expected = turned_plane(x, halves) * np.exp(1j * angles)
    np.testing.assert_allclose(turned_plane(found, halves), expected, rtol=0, atol=1e-12)


@given(**SIZES)
def test_neighbours_are_what_lesson_14_turns(leading, t, pairs, halves, seed):
    x, positions, _, _ = problem(leading, t, pairs, seed)
    table = rotary.rotary_table(positions, rotary.rotary_rates(2 * pairs, base=77.0))
    ours = rotary.rotate_pairs(x, *table)
    np.testing.assert_allclose(ours, attention.rotate(x, positions, 77.0), rtol=0, atol=1e-12)


@given(**SIZES)
def test_the_order_carries_one_layout_to_the_other(leading, t, pairs, halves, seed):
    x, _, table, _ = problem(leading, t, pairs, seed)
    order = rotary.halves_order(2 * pairs)
    neighbours = rotary.rotate_pairs(x, *table)
    by_halves = rotary.rotate_pairs(x[..., order], *table, halves=True)
    np.testing.assert_array_equal(by_halves, neighbours[..., order])
    back = np.argsort(order, kind="stable")
    np.testing.assert_array_equal(by_halves[..., back], neighbours)
    if pairs > 1:
        assert np.abs(rotary.rotate_pairs(x, *table, halves=True) - neighbours).max() > 1e-9


def test_the_order_by_hand():
    np.testing.assert_array_equal(rotary.halves_order(2), [0, 1])
    np.testing.assert_array_equal(rotary.halves_order(8), [0, 2, 4, 6, 1, 3, 5, 7])


@given(**SIZES)
def test_turning_back_is_the_inverse_and_the_gradient(leading, t, pairs, halves, seed):
    x, _, (cosines, sines), generator = problem(leading, t, pairs, seed)
    turned = rotary.rotate_pairs(x, cosines, sines, halves)
    back = rotary.rotate_pairs(turned, cosines, -sines, halves)
    np.testing.assert_allclose(back, x, rtol=0, atol=1e-13)
    gradient = generator.normal(size=x.shape)

    def loss(moved):
        return np.sum(rotary.rotate_pairs(moved, cosines, sines, halves) * gradient)

    found = rotary.rotate_pairs(gradient, cosines, -sines, halves)
    assert gradient_error(loss, found, x) < 1e-7


@given(
    pairs=st.integers(1, 4),
    places=st.lists(st.integers(-50, 50), min_size=2, max_size=2),
    shift=st.integers(-500, 500),
    halves=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_products_depend_on_the_distance_only(pairs, places, shift, halves, seed):
    query, key = np.random.default_rng(seed).normal(size=(2, 1, 2 * pairs))
    rates = rotary.rotary_rates(2 * pairs)

    def product(at_query, at_key):
        turned = [
            rotary.rotate_pairs(x, *rotary.rotary_table([place], rates), halves)
            for x, place in ((query, at_query), (key, at_key))
        ]
        return (turned[0] @ turned[1].T).item()

    one, other = places
    assert product(one, other) == pytest.approx(product(one + shift, other + shift), abs=1e-9)
    assert product(one, one) == pytest.approx((query @ key.T).item(), abs=1e-9)


def test_the_table_is_cosines_and_sines_of_position_times_rate():
    cosines, sines = rotary.rotary_table(np.array([0, 2, -3]), np.array([1.0, 0.25]))
    angles = np.array([[0, 0], [2, 0.5], [-3, -0.75]])
    np.testing.assert_allclose(cosines, np.cos(angles), rtol=1e-15)
    np.testing.assert_allclose(sines, np.sin(angles), rtol=1e-15)


def test_the_rates_by_hand():
    np.testing.assert_allclose(rotary.rotary_rates(4, base=100.0), [1.0, 0.1])
    np.testing.assert_allclose(rotary.rotary_rates(6), [1, 10_000 ** (-1 / 3), 10_000 ** (-2 / 3)])
    np.testing.assert_array_equal(rotary.rotary_rates(2), [1.0])
    np.testing.assert_allclose(rotary.rotary_rates(2, stretch=4.0), [0.25])


@given(pairs=st.integers(2, 40), stretch=st.sampled_from([0.5, 1.0, 2.0, 8.0]))
def test_stretching_positions_slows_all_and_stretching_the_base_the_slowest(pairs, stretch):
    rates = rotary.rotary_rates(2 * pairs, 5e5)
    closer = rotary.rotary_rates(2 * pairs, 5e5, stretch)
    np.testing.assert_allclose(closer, rates / stretch)
    np.testing.assert_array_equal(rotary.rotary_rates(2 * pairs, 5e5, stretch, "positions"), closer)
    # Positions s times as far apart, stretched by s, have the angles that they had.
    table = rotary.rotary_table(np.arange(5) * stretch, closer)
    np.testing.assert_allclose(table, rotary.rotary_table(np.arange(5), rates), atol=1e-12)
    slower = rotary.rotary_rates(2 * pairs, 5e5, stretch, method="base")
    assert slower[0] == rates[0] == 1
    assert slower[-1] == pytest.approx(rates[-1] / stretch)
    slowing = rates / slower
    np.testing.assert_allclose(slowing, stretch ** (np.arange(pairs) / (pairs - 1)))


def test_tables_broadcast_over_leading_axes():
    generator = np.random.default_rng(1)
    x = generator.normal(size=(2, 3, 4, 6))
    cosines, sines = generator.normal(size=(2, 2, 1, 4, 3))
    found = rotary.rotate_pairs(x, cosines, sines)
    for text in range(2):
        one = rotary.rotate_pairs(x[text], cosines[text, 0], sines[text, 0])
        np.testing.assert_array_equal(found[text], one)


def test_single_precision_stays_single_and_arrays_are_kept():
    x = np.random.default_rng(2).normal(size=(3, 4)).astype("float32")
    kept = x.copy()
    table = [one.astype("float32") for one in rotary.rotary_table(np.arange(3), np.ones(2))]
    for halves in (False, True):
        assert rotary.rotate_pairs(x, *table, halves).dtype == np.float32
    np.testing.assert_array_equal(x, kept)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rotary.rotary_rates(5), "rotary_rates: features should be an even number of at"),
        (lambda: rotary.rotary_rates(0), "of at least 2, but is 0"),
        (lambda: rotary.rotary_rates(2, method="base"), "of at least 4, but is 2"),
        (lambda: rotary.rotary_rates(4, base=0.0), "base should be a positive number, but is 0.0"),
        (lambda: rotary.rotary_rates(4, base=np.inf), "base should be a positive number"),
        (lambda: rotary.rotary_rates(4, stretch=-1.0), "stretch should be a positive number"),
        (lambda: rotary.rotary_rates(4, stretch=np.nan), "stretch should be .* but is nan"),
        (lambda: rotary.rotary_rates(4, method="yarn"), "'positions' or 'base', but is 'yarn'"),
        (lambda: rotary.halves_order(7), "halves_order: features should be .* but is 7"),
        (lambda: rotary.halves_order(0), "of at least 2, but is 0"),
        (lambda: rotary.rotary_table(np.ones((2, 2)), np.ones(2)), "rotary_table: positions"),
        (lambda: rotary.rotary_table(np.ones(2), 1.0), r"rates should have shape \(pairs,\)"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((2, 5), (2, 2), (2, 2)), "rotate_pairs turns pairs .* even, but is 5"),
        (((2, 4), (2, 3), (2, 3)), r"cosines should broadcast .* shape \(2, 2\), but has shape"),
        (((2, 4), (2, 2), (2, 1)), r"sines should have shape .* with pairs = 2 as in cosines"),
        (((2, 4), (3, 2), (3, 2)), r"cosines should have shape .* with t = 2 as in x"),
        (((4,), (1, 2), (1, 2)), r"x should have shape \(batch..., t, d\), but has shape \(4,\)"),
        (((2, 4), (3, 2, 2), (3, 2, 2)), r"shape \(2, 2\), but has shape \(3, 2, 2\)"),
        (((3, 2, 4), (2, 2, 2), (2, 2, 2)), r"shape \(3, 2, 2\), but has shape \(2, 2, 2\)"),
    ],
)
def test_tables_that_do_not_fit_are_refused(shapes, message):
    with pytest.raises(ValueError, match=message):
        rotary.rotate_pairs(*(np.ones(shape) for shape in shapes))
