"""The exercise of 00, Start here."""

from course_lib.exercises.exercise import Case, Exercise, Mistake


def celsius(fahrenheit):  # type: ignore[no-untyped-def]
    return (fahrenheit - 32) * 5 / 9


first_line = Exercise(
    name="first_line",
    question="Return a temperature in degrees Celsius, given in degrees Fahrenheit.",
    reference=celsius,
    cases=[Case((212.0,)), Case((32.0,)), Case((50.0,)), Case((-49.0,)), Case((99.5,))],
    explanation="A weight of 5/9, a bias of -160/9: the first line of the course.",
    hints=[
        "At 32 degrees Fahrenheit it is 0 degrees Celsius; at 212 it is 100.",
        "180 steps of the one scale are 100 of the other: multiply by 5/9, after you have "
        "taken 32 away.",
    ],
    mistakes=[
        Mistake(
            "brackets forgotten",
            lambda fahrenheit: fahrenheit - 32 * 5 / 9,
            "Python multiplies before it subtracts. Put brackets around fahrenheit - 32.",
        ),
        Mistake(
            "32 forgotten",
            lambda fahrenheit: fahrenheit * 5 / 9,
            "the slope is right, but at 32 degrees Fahrenheit it should be 0 degrees Celsius.",
        ),
        Mistake(
            "the other way round",
            lambda fahrenheit: fahrenheit * 9 / 5 + 32,
            "that turns Celsius into Fahrenheit. Here it should go the other way.",
        ),
        Mistake(
            "9/5 for 5/9",
            lambda fahrenheit: (fahrenheit - 32) * 9 / 5,
            "your degrees come out too large: from 32 to 212 are 180 degrees Fahrenheit, and only "
            "100 degrees Celsius.",
        ),
        Mistake(
            "32 added",
            lambda fahrenheit: (fahrenheit + 32) * 5 / 9,
            "the slope is right, and 32 should be taken away, not added.",
        ),
        Mistake(
            "whole degrees",
            lambda fahrenheit: (fahrenheit - 32) * 5 // 9,
            "`//` drops what stands behind the decimal point. Divide by a single `/`.",
        ),
    ],
)
