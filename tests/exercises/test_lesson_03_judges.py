"""What the exercises of lesson 03 say."""

import pytest

from course_lib.exercises.lesson_03 import ravine
from course_lib.scratch import optimizers


class OwnGradientDescent:
    def __init__(self, rate):
        self.rate = rate

    def step(self, parameters, gradients):
        return parameters - self.rate * gradients


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
