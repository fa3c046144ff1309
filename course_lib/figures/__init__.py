"""The course's pictures: one style, and figures that carry a description."""

from course_lib.figures.display import show
from course_lib.figures.interactive import move

__all__ = ["move", "show"]
