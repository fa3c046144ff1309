"""What the exercises of lesson 03 say."""

import numpy as np
import pytest

from course_lib.exercises.lesson_03 import binary_surprise, ravine, stable_surprise
from course_lib.scratch import optimizers


class OwnGradientDescent:
    def __init__(self, rate):
        self.rate = rate

    def step(self, parameters, gradients):
        return parameters - self.rate * gradients


class RateForEachDirection:
    def __init__(self, *rates):
        self.rates = np.array(rates)

    def step(self, parameters, gradients):
        return parameters - self.rates * gradients


@pytest.mark.parametrize(
    "make",
    [
        optimizers.GradientDescent,
        lambda rate: optimizers.Momentum(rate, momentum=0.0),
        OwnGradientDescent,
    ],
)
def test_gradient_descent_is_told_so_under_any_name(make):
    assert "plain gradient descent" in ravine.grade(lambda: make(2 / 101)).message


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: optimizers.Momentum(0.001, momentum=0.9),
        lambda: optimizers.Nesterov(0.001, momentum=0.9),
        optimizers.Adam,
        optimizers.AdaGrad,
        optimizers.RMSProp,
    ],
)
def test_what_remembers_is_not_called_gradient_descent(optimizer):
    assert "creeps" in ravine.grade(optimizer).message


@pytest.mark.parametrize(
    ("optimizer", "seen"),
    [
        (lambda: optimizers.Momentum(0.01, 0.5), "creeps along the floor"),
        (lambda: optimizers.Momentum(0.00001, 0.5), "creeps down the steep wall"),
        (lambda: optimizers.Momentum(0.02, 0.99), "swings between the walls"),
        (lambda: RateForEachDirection(1.98, 0.01), "swings along the floor"),
    ],
)
def test_the_judge_says_where_and_how_the_loss_is_left(optimizer, seen):
    message = ravine.grade(optimizer).message
    assert seen in message
    assert ("raise the rate" in message) == ("creeps" in seen)


@pytest.mark.parametrize(
    ("optimizer", "seen"),
    [
        (lambda: optimizers.Momentum(0.03, 0.99), "a swing still has 0.61 of its height"),
        (lambda: optimizers.Momentum(0.005, 0.97), "Lower the momentum"),
        (lambda: optimizers.Momentum(0.02425, 0.22), "too long for the steep way"),
        # What it keeps of its speed differs from step to step.
        (lambda: optimizers.Adam(0.5), "too long, or it keeps too much"),
    ],
)
def test_what_makes_a_walk_swing(optimizer, seen):
    assert seen in ravine.grade(optimizer).message


def test_rates_of_their_own_are_no_plain_gradient_descent():
    message = ravine.grade(lambda: RateForEachDirection(0.01, 0.001)).message
    assert "plain gradient descent" not in message
    assert "creeps" in message


def test_what_goes_uphill_is_not_called_too_fast():
    message = ravine.grade(lambda: OwnGradientDescent(-0.005)).message
    assert "uphill" in message
    assert "too high" not in message
    assert "too high" in ravine.grade(lambda: OwnGradientDescent(0.03)).message


@pytest.mark.parametrize("least", [1e-15, 1e-7])
def test_a_smallest_probability_may_be_added_or_clipped_to(least):
    def clipped(targets, logits):
        p = np.clip(1 / (1 + np.exp(-logits)), least, 1 - least)
        return -(targets * np.log(p) + (1 - targets) * np.log(1 - p))

    def added(targets, logits):
        p = 1 / (1 + np.exp(-logits))
        return -(targets * np.log(p + least) + (1 - targets) * np.log(1 - p + least))

    for answer in (clipped, added):
        said = stable_surprise.grade(answer).message
        assert f"{-np.log(least):.1f}" in said
        assert "where the truth is 1000" in said


def test_a_clip_of_logits_is_told_with_its_limit():
    def answer(targets, logits):
        return binary_surprise(targets, np.clip(logits, -50, 50))

    assert "it says 50" in stable_surprise.grade(answer).message
