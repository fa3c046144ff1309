"""What the exercises of lesson 03 say."""

import pytest

from course_lib.exercises.lesson_03 import ravine
from course_lib.scratch.optimizers import GradientDescent, Momentum


@pytest.mark.parametrize("make", [GradientDescent, lambda rate: Momentum(rate, momentum=0.0)])
def test_gradient_descent_is_told_so_under_either_name(make):
    assert "plain gradient descent" in ravine.grade(lambda: make(2 / 101)).message
    assert "creeps" in ravine.grade(lambda: Momentum(0.001, momentum=0.9)).message
