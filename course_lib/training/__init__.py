"""Around training: what a model costs, and images varied."""

from course_lib.training.augmentation import shift_images
from course_lib.training.cost_card import CostCard, cost_card

__all__ = ["CostCard", "cost_card", "shift_images"]
