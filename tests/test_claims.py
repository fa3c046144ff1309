"""Claims print one stable line when they hold, and the measured value when not."""

import numpy as np
import pytest

from course_lib import claims
from course_lib.claims import ClaimError, expect

NOT_A_NUMBER = float("nan")


def printed(capsys, *arguments, **keywords):
    expect(*arguments, **keywords)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "claim", "line"),
    [
        (0.97, {"at_least": 0.95}, "✔ it is at least 0.95\n"),
        (0.95, {"at_least": 0.95}, "✔ it is at least 0.95\n"),
        (0.04, {"at_most": 0.05}, "✔ it is at most 0.05\n"),
        (0.05, {"at_most": 0.05}, "✔ it is at most 0.05\n"),
        (0.5, {"at_least": 0, "at_most": 1}, "✔ it is between 0 and 1\n"),
        (1, {"at_least": 1, "at_most": 1}, "✔ it is between 1 and 1\n"),
        (0, {"at_least": 0}, "✔ it is at least 0\n"),
        (0.0, {"at_most": 0}, "✔ it is at most 0\n"),
        ([3, 4, 5], {"at_least": 3}, "✔ it is at least 3\n"),
        (np.float32(2), {"at_most": 2}, "✔ it is at most 2\n"),
        (7, {"equals": 7}, "✔ it is 7\n"),
        (0, {"equals": 0}, "✔ it is 0\n"),
        (1234567, {"equals": 1234567}, "✔ it is 1,234,567\n"),
        (np.int64(5), {"equals": 5}, "✔ it is 5\n"),
        (0.25, {"equals": 0.25}, "✔ it is 0.25\n"),
        ("relu", {"equals": "relu"}, "✔ it is relu\n"),
        ("", {"equals": ""}, "✔ it is \n"),
        (True, {"equals": True}, "✔ it is True\n"),
        (np.False_, {"equals": False}, "✔ it is False\n"),
        ((60000, 28), {"equals": (60000, 28)}, "✔ it is (60000, 28)\n"),
        ((3,), {"equals": (3,)}, "✔ it is (3,)\n"),
        ((), {"equals": ()}, "✔ it is ()\n"),
        (np.array([1, 2]), {"equals": [1, 2]}, "✔ it is [1 2]\n"),
        ([1, 2], {"equals": np.array([1, 2])}, "✔ it is [1 2]\n"),
        (np.array(["a", "b"]), {"equals": ["a", "b"]}, "✔ it is ['a' 'b']\n"),
        (3.1415, {"equals": 3.14, "within": 0.01}, "✔ it is 3.14 to within 0.01\n"),
        (-0.001, {"equals": 0, "within": 0.01}, "✔ it is 0 to within 0.01\n"),
        (1 / 3, {"equals": 1 / 3, "within": 0.1}, "✔ it: the two values equal to within 0.1\n"),
        (0.5, {"equals": np.float64(0.5), "within": 1}, "✔ it: the two values equal to within 1\n"),
        ([[1, 2]], {"equals": [[1, 2.5]], "within": 1}, "✔ it: all 2 values equal to within 1\n"),
        (
            np.zeros((40, 50)),
            {"equals": np.ones((40, 50)), "within": 1},
            "✔ it: all 2,000 values equal to within 1\n",
        ),
    ],
)
def test_a_claim_that_holds_prints_one_line(capsys, value, claim, line):
    assert printed(capsys, "it", value, **claim) == line


@pytest.mark.parametrize(
    ("value", "claim", "message"),
    [
        (0.94123456, {"at_least": 0.95}, "✘ it should be at least 0.95, but is 0.941235."),
        (0.1, {"at_most": 0.05}, "✘ it should be at most 0.05, but is 0.1."),
        (-0.1, {"at_least": 0}, "✘ it should be at least 0, but is -0.1."),
        (0.1, {"at_most": 0}, "✘ it should be at most 0, but is 0.1."),
        (2, {"at_least": 0, "at_most": 1}, "✘ it should be between 0 and 1, but is 2."),
        (-1, {"at_least": 0, "at_most": 1}, "✘ it should be between 0 and 1, but is -1."),
        ([3, 2], {"at_least": 3}, "✘ it should be at least 3, but is [3 2]."),
        ([3, 4], {"at_most": 3}, "✘ it should be at most 3, but is [3 4]."),
        (8, {"equals": 7}, "✘ it should be 7, but is 8."),
        (1, {"equals": 0}, "✘ it should be 0, but is 1."),
        (70000, {"equals": 60000}, "✘ it should be 60,000, but is 70,000."),
        ("tanh", {"equals": "relu"}, "✘ it should be relu, but is tanh."),
        ("7", {"equals": 7}, "✘ it should be 7, but is '7'."),
        (False, {"equals": True}, "✘ it should be True, but is False."),
        ((2, 3), {"equals": (3, 2)}, "✘ it should be (3, 2), but is (2, 3)."),
        ([1, 2], {"equals": (1, 2)}, "✘ it should be (1, 2), but is [1 2]."),
        (np.ones(2), {"equals": np.ones(3)}, "✘ it should be [1. 1. 1.], but is [1. 1.]."),
        (np.ones(2), {"equals": 1}, "✘ it should be 1, but is [1. 1.]."),
        (0.1 + 0.2, {"equals": 0.3}, "✘ it should be 0.3, but is 0.30000000000000004."),
        (
            4.0,
            {"equals": 3.14, "within": 0.01},
            "✘ it should be 3.14 to within 0.01, but is 4 (off by 0.86).",
        ),
        (
            1.0,
            {"equals": 0, "within": 0.5},
            "✘ it should be 0 to within 0.5, but is 1 (off by 1).",
        ),
        (
            2.0,
            {"equals": 3, "within": 0.5},
            "✘ it should be 3 to within 0.5, but is 2 (off by 1).",
        ),
        (
            [1.0, 5.0],
            {"equals": [1.0, 2.0], "within": 1},
            "✘ it should be [1. 2.] to within 1, but is [1. 5.] (off by 3).",
        ),
        (
            np.ones(2),
            {"equals": 1, "within": 1},
            "✘ it should have shape (), but has (2,).",
        ),
        ("0.99", {"at_least": 0.9}, "✘ it should be a number, but is str."),
        (["1", "2"], {"at_least": 0}, "✘ it should be a number, but is list."),
        (None, {"at_least": 0}, "✘ it should be a"),
        ([[1], [2, 3]], {"at_least": 0}, "✘ it should be a number, but is list."),
        (2 + 0j, {"at_least": 0}, "✘ it should be a number, but is complex."),
        (np.array([2 + 5j]), {"at_least": 0}, "✘ it should be a number, but is ndarray."),
        ("3", {"equals": 3, "within": 1}, "✘ it should be a number, but is str."),
        ([], {"at_least": 0}, "✘ it is empty: there is nothing to check."),
        (np.zeros((0, 3)), {"equals": np.zeros((0, 3)), "within": 1}, "✘ it is empty: there is"),
    ],
)
def test_a_claim_that_does_not_hold_raises_with_the_value(capsys, value, claim, message):
    with pytest.raises(ClaimError) as caught:
        expect("it", value, **claim)
    assert str(caught.value).startswith(message)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "claim",
    [
        {"at_least": 0},
        {"at_most": 0},
        {"at_least": -1, "at_most": 1},
        {"equals": 0},
        {"equals": 0, "within": 1e300},
        {"equals": NOT_A_NUMBER},
        {"equals": NOT_A_NUMBER, "within": 1},
    ],
)
@pytest.mark.parametrize("many", [False, True])
def test_nan_holds_for_no_claim(claim, many):
    value = NOT_A_NUMBER
    if many:
        value = np.array([0.0, NOT_A_NUMBER])
        if "equals" in claim:
            claim = {**claim, "equals": np.array([0.0, claim["equals"]])}
    with pytest.raises(ClaimError, match="nan"):
        expect("it", value, **claim)


def test_infinity_meets_a_lower_bound_only():
    expect("it", np.inf, at_least=3)
    with pytest.raises(ClaimError, match="but is inf"):
        expect("it", np.inf, at_most=3)
    with pytest.raises(ClaimError, match="but is -inf"):
        expect("it", -np.inf, at_least=3)
    with pytest.raises(ClaimError, match="off by inf"):
        expect("it", np.inf, equals=1, within=5)
    with pytest.raises(ClaimError, match="off by nan"):
        expect("it", np.inf, equals=np.inf, within=5)


@pytest.mark.parametrize(
    "claim",
    [
        {},
        {"within": 0.1},
        {"equals": 1, "at_least": 0},
        {"equals": 1, "at_most": 2},
        {"equals": 0, "at_least": 0},
        {"at_least": 0, "within": 0.1},
        {"equals": 1, "within": 0},
        {"equals": 1, "within": -0.1},
        {"equals": 1, "within": NOT_A_NUMBER},
        {"equals": 1, "within": np.inf},
        {"equals": 1, "within": "0.1"},
        {"at_least": NOT_A_NUMBER},
        {"at_least": -np.inf},
        {"at_most": np.inf},
        {"at_most": "1"},
        {"at_least": 2, "at_most": 1},
    ],
)
def test_a_claim_that_makes_no_sense_is_a_type_error(capsys, claim):
    with pytest.raises(TypeError):
        expect("it", 1.0, **claim)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["", None, 3, 0.97])
def test_a_claim_needs_a_name(name):
    with pytest.raises(TypeError, match="name for the claim"):
        expect(name, 0.97, at_least=0.9)


@pytest.mark.parametrize(
    "claim",
    [
        {"at_least": 0.9},
        {"at_most": 0.98},
        {"at_least": 0.9, "at_most": 0.98},
        {"equals": 0.97, "within": 0.001},
        {"equals": np.float64(0.9700000002), "within": 0.001},
        {"equals": 0.97000000000002, "within": 0.001},
    ],
)
def test_the_line_never_holds_the_measured_value(capsys, claim):
    lines = {printed(capsys, "it", value, **claim) for value in (0.970123, 0.970456)}
    assert len(lines) == 1
    assert "0.970" not in lines.pop()


def test_a_claim_about_tensors_and_columns(tf, capsys):
    import pandas as pd

    tensor = tf.constant([1.0, 2.0])
    expect("it", tensor, equals=[1, 2])
    expect("it", tensor, equals=np.array([1, 2.5]), within=0.5)
    expect("it", tensor.shape, equals=(2,))
    expect("it", [tensor[0], tensor[1]], at_least=1)
    expect("it", pd.Series([1, 2]), equals=[1, 2])
    expect("it", tf.cast(tensor, tf.bfloat16), at_most=2)
    assert capsys.readouterr().out.count("✔") == 6
    with pytest.raises(ClaimError):
        expect("it", tensor, equals=[1, 3])


def test_a_long_array_is_shortened_in_the_error():
    with pytest.raises(ClaimError) as caught:
        expect("it", np.zeros(100_000), at_least=1)
    assert len(str(caught.value)) < 100


# In a notebook


@pytest.fixture
def shell(monkeypatch, tmp_path):
    """An IPython of the test's own."""
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shell = InteractiveShell.instance()
    yield shell
    InteractiveShell.clear_instance()


def test_a_cell_of_checks_prints_one_line(shell, capsys):
    claims.gather_in_notebooks()
    claims.gather_in_notebooks()
    shell.run_cell("from course_lib.claims import expect")
    capsys.readouterr()
    shell.run_cell('# @title Checks\nexpect("a", 1, equals=1)\nexpect("b", 2, at_least=1)')
    assert capsys.readouterr().out == "✔ 2 checks hold\n"
    shell.run_cell('# @title Checks\nexpect("a", 1, equals=1)')
    assert capsys.readouterr().out == "✔ a is 1\n"
    shell.run_cell('expect("a", 1, equals=1)\nexpect("b", 2, at_least=1)')
    assert capsys.readouterr().out == "✔ a is 1\n✔ b is at least 1\n"


def test_a_cell_whose_check_fails_counts_none(shell, capsys):
    claims.gather_in_notebooks()
    shell.run_cell("from course_lib.claims import expect")
    capsys.readouterr()
    result = shell.run_cell('# @title Checks\nexpect("a", 1, equals=1)\nexpect("b", 2, equals=1)')
    assert isinstance(result.error_in_exec, ClaimError)
    assert "checks hold" not in capsys.readouterr().out
    shell.run_cell('expect("a", 1, equals=1)')
    assert capsys.readouterr().out == "✔ a is 1\n"


def test_outside_a_notebook_every_claim_prints_its_line(capsys):
    claims.gather_in_notebooks()
    assert printed(capsys, "it", 1, equals=1) == "✔ it is 1\n"
