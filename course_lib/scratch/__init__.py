"""The course's NumPy reference: every formula that a lesson builds, in float64.

One topic a file. The lesson that teaches a topic shows the same code in a
cell; later lessons import it from here.
"""
