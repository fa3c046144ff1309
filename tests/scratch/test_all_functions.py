"""Every function of scratch that promises to check the shapes of its arguments does so."""

import importlib
import inspect
import pkgutil
import re

import numpy as np
import pytest

import course_lib.scratch

MODULES = [
    importlib.import_module(f"course_lib.scratch.{module.name}")
    for module in pkgutil.iter_modules(course_lib.scratch.__path__)
    if module.name != "shapes"
]
PROMISING = {
    f"{module.__name__.split('.')[-1]}.{name}": function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__
    and re.search(r"ValueError: when [^.]*\bshapes\b", inspect.getdoc(function) or "")
}


def _messages(function):
    """Return what it says to numbers alone, and to arrays of more axes than it can take."""
    required = [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is parameter.empty
    ]
    for sizes in [[()] * len(required), [(n + 2,) * (9 - n) for n in range(len(required))]]:
        # Ones and zeros, in turn, pass the other checks of the arguments.
        arrays = [1.0 - np.arange(np.prod(size, dtype=int)).reshape(size) % 2 for size in sizes]
        arguments = dict(zip(required, arrays, strict=True))
        try:
            function(**arguments)
        except Exception as error:
            yield f"{type(error).__name__} {error}"


def test_many_functions_promise_it():
    assert len(PROMISING) >= 80


@pytest.mark.parametrize("function", PROMISING.values(), ids=PROMISING)
def test_wrong_shapes_are_named(function):
    wanted = re.compile(rf"ValueError {function.__name__}: \w+ should have shape")
    assert any(wanted.match(message) for message in _messages(function)), list(_messages(function))
