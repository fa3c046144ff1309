"""Checked exercises: one module a lesson, each exercise with check, hint, solution.

In a notebook:

    from course_lib.exercises import lesson_01 as exercises
    exercises.predict_fuel.check(answer)
"""

from course_lib.exercises.exercise import Case, Exercise, Mistake, Verdict

__all__ = ["Case", "Exercise", "Mistake", "Verdict"]
