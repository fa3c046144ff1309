"""Around training: what a model costs."""

from course_lib.training.cost_card import CostCard, cost_card

__all__ = ["CostCard", "cost_card"]
