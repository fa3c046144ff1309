"""Helpers of the course *From a Line to a Large Model*.

Importing this package loads nothing heavy: each module imports TensorFlow,
Matplotlib or pandas only when a lesson calls it.
"""

__version__ = "0.1.0"
