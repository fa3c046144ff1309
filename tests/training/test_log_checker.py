"""The log checker finds what is wrong with invented logs, and nothing in those of real runs."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from course_lib import datasets
from course_lib.training import log_checker
from course_lib.training.log_checker import check_log, parse_logs, repeated_logs

# As printed in two tutorials; each claims 60,000 images in batches of 32.
PUBLISHED_A = {
    "steps": [1000] * 10,
    "loss": [0.1343, 0.0682, 0.0449, 0.0366, 0.0305, 0.0262, 0.0228, 0.0200, 0.0179, 0.0158],
    "accuracy": [0.9520, 0.9800, 0.9820, 0.9830, 0.9840, 0.9850, 0.9860, 0.9870, 0.9880, 0.9890],
    "val_loss": [0.0575, 0.0427, 0.0375, 0.0327, 0.0294, 0.0266, 0.0247, 0.0232, 0.0219, 0.0206],
    "val_accuracy": [0.98, 0.988, 0.988, 0.99, 0.991, 0.992, 0.992, 0.993, 0.993, 0.994],
}
PUBLISHED_B = {
    "steps": [1875] * 5,
    "loss": [0.3848, 0.2784, 0.2416, 0.2157, 0.2053],
    "accuracy": [0.8878, 0.9091, 0.9176, 0.9234, 0.9273],
    "val_loss": [0.1137, 0.0777, 0.0634, 0.0592, 0.0561],
    "val_accuracy": [0.9758, 0.9883, 0.9911, 0.9922, 0.9932],
}
# Not printed with a rounded or even last digit, and healthy.
GENUINE = {
    "steps": [1563] * 4,
    "loss": [0.1411, 0.0437, 0.0301, 0.0224],
    "accuracy": [0.9563, 0.9866, 0.9905, 0.9927],
    "val_loss": [0.0512, 0.0441, 0.0402, 0.0437],
    "val_accuracy": [0.9846, 0.9873, 0.9886, 0.9879],
}
SETTING = {"examples": 50_000, "batch_size": 32, "validation_examples": 10_000}


def changed(**columns):
    return {**GENUINE, **columns}


def words(findings):
    return [" ".join(finding.split()[:3]) for finding in findings]


def test_the_first_invented_log_is_found_out_for_four_reasons():
    findings = check_log(PUBLISHED_A, 60_000, 32, 10_000)
    assert words(findings) == [
        "1000 steps an",
        "every accuracy ends",
        "accuracy rises by",
        "training loss lower",
    ]
    assert "60,000 examples make 1,875" in findings[0]
    assert "7 times in a row" in findings[2]
    assert findings[3].endswith("in epochs [6, 7, 8]")


def test_the_second_invented_log_is_found_out_for_two_others():
    findings = check_log(PUBLISHED_B, 60_000, 32)
    assert words(findings) == ["val_loss and val_accuracy,", "twice the errors"]
    assert findings[1].endswith("in epochs [2, 3, 4, 5]")


def test_it_could_come_from_a_program_with_dropout_and_validation_data():
    assert check_log(PUBLISHED_B, 60_000, 32, 10_000, regularised=True) == []


def test_a_genuine_log_passes():
    assert check_log(GENUINE, **SETTING) == []


def test_every_stored_run_passes():
    table = datasets.digit_runs()
    checked = 0
    for _, run in table.groupby(["run", "seed"]):
        log = {
            name: run[name].tolist()
            for name in ("steps", "loss", "accuracy", "val_loss", "val_accuracy")
            if run[name].notna().all()
        }
        examples, batch_size = int(run["examples"].iloc[0]), int(run["batch_size"].iloc[0])
        held_out = 10_000 if "val_loss" in log else 0
        assert check_log(log, examples, batch_size, held_out) == [], run["run"].iloc[0]
        checked += 1
    assert checked >= 50


# One check at a time


@pytest.mark.parametrize(
    ("examples", "batch_size", "steps"), [(60_000, 32, 1875), (50_000, 32, 1563), (7, 8, 1)]
)
def test_steps(examples, batch_size, steps):
    for other in (steps - 2, steps + 1):
        log = {"steps": [steps, other]}
        finding = log_checker.steps_finding(log, examples, batch_size)
        assert finding.startswith(f"{other} steps an epoch")
    for possible in (steps, examples // batch_size, examples):
        log = {"steps": [possible] * 2}
        assert log_checker.steps_finding(log, examples, batch_size) == ""
    assert log_checker.steps_finding({}, examples, batch_size) == ""


def test_validation_columns_need_validation_data():
    assert "no validation data" in log_checker.validation_finding(GENUINE, 0)
    assert log_checker.validation_finding(GENUINE, 1) == ""
    without = {name: GENUINE[name] for name in ("steps", "loss", "accuracy")}
    assert log_checker.validation_finding(without, 0) == ""


def test_chance_of_round_numbers_by_counting():
    # Of 501/1000 to 1000/1000 all end in a zero; of 0.50, 0.525, 0.55, ... all, too.
    assert log_checker.chance_of_round_numbers(5, 1000) == 1
    assert log_checker.chance_of_round_numbers(5, 40) == 1
    # k / 2000 for k from 1000 to 2000: 0.5000, 0.5005, 0.5010, ...: 501 of 1001.
    assert log_checker.chance_of_round_numbers(1, 2000) == pytest.approx(501 / 1001)
    assert log_checker.chance_of_round_numbers(2, 10_000) == pytest.approx((501 / 5001) ** 2)


def test_ends_in_zero():
    found = log_checker.ends_in_zero(np.array([0.994, 0.9, 1.0, 0.9941, 0.9949, 0.99395]))
    assert found.tolist() == [True, True, True, False, False, True]


def test_rounding_is_found_only_where_other_digits_were_possible():
    accuracies = [0.957, 0.986, 0.987, 0.988, 0.991, 0.993]

    def found(accuracies, steps=1563, examples=50_000):
        log = {"steps": [steps] * len(accuracies), "accuracy": accuracies}
        return log_checker.rounding_finding(log, examples, 32)

    assert found(accuracies) == ""
    finding = found([*accuracies, 0.994])
    assert finding.startswith("every accuracy ends in a zero: the chance is 1e-07")
    # One other digit, and one that is no chance: equal ones, and a perfect end.
    assert found([*accuracies, 0.9941]) == ""
    assert found([*accuracies, 0.993, 0.993]) == ""
    assert found([*accuracies, 1.0]) == ""
    # 1,000 examples allow nothing else.
    assert found([*accuracies, 0.994], examples=1_000) == ""
    # Without steps an epoch may be any part.
    log = {"accuracy": [*accuracies, 0.994]}
    assert log_checker.rounding_finding(log, 50_000, 32) == ""


@pytest.mark.parametrize("name", ["accuracy", "val_accuracy"])
def test_even_steps(name):
    def found(*accuracies, of=50_000):
        return log_checker.even_steps_finding({name: accuracies}, of, of)

    # By eleven units, five times more: one in 23^5.
    six = 0.9503, 0.9514, 0.9525, 0.9536, 0.9547, 0.9558, 0.9569
    assert f"{name} rises by exactly the same amount 6 times in a row" in found(*six)
    assert "6 times" in found(0.9503, *(round(one + 0.0011, 4) for one in six[:-1]), 0.9570)
    assert found(*six[1:-1]) == ""
    assert found(*six[:3], 0.9537, 0.9548, 0.9559, 0.957) == ""
    # Of 910 it is one more each time, and that happens.
    assert found(*six, of=910) == ""
    assert found(*[0.98] * 9) == "", "standing still is usual"
    assert found(0.98) == ""


def test_contradictions_need_both_and_more_than_chance():
    log = {
        "loss": [0.02, 0.02, 0.04, 0.02],
        "val_loss": [0.03, 0.03, 0.03, 0.03],
        "accuracy": [0.980, 0.9885, 0.980, 0.9995],
        "val_accuracy": [0.990, 0.990, 0.990, 0.990],
    }
    assert log_checker.contradicting_epochs(log, 10_000) == [1]
    # With fewer images a difference of 0.01 is chance, and with few any is.
    assert log_checker.contradicting_epochs(log, 500) == []
    log["val_accuracy"] = [1.0] * 4
    assert log_checker.contradicting_epochs(log, 35) == []


def test_contradictions_in_two_epochs_are_let_pass_and_in_three_are_not():
    accuracy, val_accuracy = [0.9563, 0.9766, 0.9805, 0.9927], [0.9846, 0.9873, 0.9886, 0.9879]
    two = changed(accuracy=accuracy, val_accuracy=val_accuracy)
    assert check_log(two, **SETTING) == []
    three = changed(accuracy=[*accuracy[:3], 0.9801], val_accuracy=val_accuracy)
    assert words(check_log(three, **SETTING)) == ["training loss lower"]
    # Of 200 images the same shares are within chance.
    assert log_checker.contradicting_epochs(three, 200) == []
    # Dropout in training alone does it.
    assert check_log(three, **SETTING, regularised=True) == []


def test_lagging_is_measured_against_the_worse_of_two_validations():
    log = {"accuracy": [0.5, 0.88, 0.88], "val_accuracy": [0.95, 0.99, 0.99]}
    # Epoch 2: 12 % against twice 5 %, by chance 6.2; epoch 3: 12 % against twice 1 %.
    assert log_checker.lagging_epochs(log, 10_000) == [3]
    assert log_checker.lagging_epochs(log, 10) == []
    # 1 % of 10,000 can stand for 1.6 %.
    log["accuracy"] = [0.5, 0.92, 0.967]
    assert log_checker.lagging_epochs(log, 10_000) == [3]
    log["accuracy"] = [0.5, 0.92, 0.969]
    assert log_checker.lagging_epochs(log, 10_000) == []
    log["accuracy"], log["val_accuracy"] = [0.5, 0.92, 0.92], [0.99, 0.99, 0.95]
    assert log_checker.lagging_epochs(log, 10_000) == [2]


def test_the_highest_rate_solves_wilsons_equation():
    for rate, examples in ((0.0, 35), (0.03, 1000), (0.5, 7), (1.0, 20)):
        highest = log_checker.highest_rate(np.array(rate), examples)
        standard_error = np.sqrt(highest * (1 - highest) / examples)
        assert highest - rate == pytest.approx(5.0 * standard_error, abs=1e-9)


def test_lagging_in_three_epochs_is_a_finding_unless_training_is_made_harder():
    log = {
        "loss": [0.3, 0.2, 0.2, 0.2],
        "accuracy": [0.8011, 0.9012, 0.9017, 0.9033],
        "val_loss": [0.1, 0.05, 0.05, 0.05],
        "val_accuracy": [0.9701, 0.9842, 0.9853, 0.9855],
    }
    assert words(check_log(log, **SETTING)) == ["twice the errors"]
    assert check_log(log, **SETTING, regularised=True) == []
    assert check_log({name: values[:3] for name, values in log.items()}, **SETTING) == []


@pytest.mark.parametrize("lacking", ["loss", "accuracy", "val_accuracy"])
def test_a_log_without_a_column_is_refused(lacking):
    log = {name: values for name, values in GENUINE.items() if name != lacking}
    with pytest.raises(ValueError, match=f"needs {lacking} in the log"):
        check_log(log, **SETTING)


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="columns of one length"):
        check_log(changed(loss=[0.1, 0.2]), **SETTING)
    with pytest.raises(ValueError, match="at least 1"):
        check_log({name: [] for name in GENUINE}, **SETTING)


# Text


BAR = "1563/1563 [==============================] - 5s 3ms/step - loss: {} - accuracy: {}"
VALIDATED = " - val_loss: {} - val_accuracy: {}"


def printed(log, bar=BAR + VALIDATED):
    names = ["loss", "accuracy", "val_loss", "val_accuracy"]
    epochs = len(log["loss"])
    rows = zip(*(log[name] for name in names), strict=True)
    return "\n".join(
        f"Epoch {number}/{epochs}\n{bar.format(*row)}" for number, row in enumerate(rows, start=1)
    )


def test_the_text_of_a_log_is_read():
    assert parse_logs(printed(GENUINE)) == [GENUINE]


def test_keras_3_prints_are_read():
    text = (
        "Epoch 1/2\n\r\x1b[1m 1/20\x1b[0m ━━ 1s - accuracy: 0.1 - loss: 2.9\x08\x08\r"
        "\x1b[1m20/20\x1b[0m ━━ 1s 2ms/step - accuracy: 0.5 - loss: 1.5e-01 - learning_rate: 0.01\n"
        "Epoch 2/2\n20/20 - 0s - 7ms/step - accuracy: 0.6 - loss: 1\n"
        "313/313 - 1s - 2ms/step - accuracy: 0.7 - loss: 0.9\nTest accuracy: 0.7\n"
    )
    expected = {"steps": [20, 20], "loss": [0.15, 1], "accuracy": [0.5, 0.6]}
    assert parse_logs(text) == [expected]


def test_a_second_fit_begins_a_second_log():
    text = f"{printed(GENUINE)}\nand again\n{printed(PUBLISHED_B)}\n"
    first, second = parse_logs(text)
    assert first == GENUINE
    assert second["loss"] == PUBLISHED_B["loss"]
    once = "Epoch 1/1\n9/9 - loss: 1 - accuracy: 0.5\n"
    assert len(parse_logs(3 * once)) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accuracy: 0.9", 'no line such as "Epoch 1/10"'),
        ("Epoch 1/2\n1563/1563 - loss: 1", "epoch 1 has no loss or no accuracy"),
        ("Epoch 1/2\n1563/1563 - val_loss: 1 - accuracy: 0.5", "no loss or no accuracy"),
        ("Epoch 1/2\n12/1563 - loss: 1 - accuracy: 0.5\nEpoch 2/2\n", "epoch 1 was not finished"),
        ("Epoch 1/2\nEpoch 2/2\n5/5 - loss: 1 - accuracy: 0.5", "epoch 1 has no line"),
        ("Epoch 1/2\n11875/1875 - loss: 1 - accuracy: 0.5\nEpoch 2/2", "epoch 1 was not finished"),
        ("Epoch 1/2\n1875/18750 - loss: 1 - accuracy: 0.5\nEpoch 2/2", "epoch 1 was not finished"),
    ],
)
def test_text_that_is_no_log_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        parse_logs(text)


EPOCH = "loss: 0.4978 - accuracy: 0.8245"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # TensorFlow 2.0: examples, and what a step costs a sample.
        (
            f"Epoch 1/1\n60000/60000 - 4s 61us/sample - {EPOCH}",
            {"steps": [60_000], "loss": [0.4978], "accuracy": [0.8245]},
        ),
        # Keras 1, verbose=2: no bar; older names.
        (
            "Epoch 1/2\n3s - loss: 0.5 - acc: 0.8 - val_loss: nan - val_acc: 0.1\n"
            "Epoch 2/2\n3s - loss: 0.4 - acc: 0.9 - val_loss: inf - val_acc: 0.2",
            {
                "loss": [0.5, 0.4],
                "accuracy": [0.8, 0.9],
                "val_loss": [np.nan, np.inf],
                "val_accuracy": [0.1, 0.2],
            },
        ),
        (
            "Epoch 1/1\n9/9 - loss: 9e-04 - sparse_categorical_accuracy: 1.0000",
            {"steps": [9], "loss": [0.0009], "accuracy": [1.0]},
        ),
        # A callback prints: the bar is drawn again, with its validation columns.
        (
            f"Epoch 1/1\n9/9 [====] - {EPOCH}\n"
            "Epoch 1: val_loss improved from inf to 0.35, saving model to best.keras\n"
            f"9/9 [====] - 1s - {EPOCH} - val_loss: 0.35 - val_accuracy: 0.9",
            {
                "steps": [9],
                "loss": [0.4978],
                "accuracy": [0.8245],
                "val_loss": [0.35],
                "val_accuracy": [0.9],
            },
        ),
        # An evaluate within each epoch comes before its line.
        (
            "Epoch 1/2\n313/313 - accuracy: 0.7 - loss: 0.9\n"
            "1875/1875 - accuracy: 0.9 - loss: 0.3\n"
            "Epoch 2/2\n313/313 - accuracy: 0.8 - loss: 0.8\n"
            "1875/1875 - accuracy: 0.95 - loss: 0.2",
            {"steps": [1875, 1875], "loss": [0.3, 0.2], "accuracy": [0.9, 0.95]},
        ),
        # With a running bar the training's is the one that was begun first.
        (
            "Epoch 1/1\n 1/1875 [>...] - loss: 2.3 - accuracy: 0.1\n313/313 - loss: 0.9 - "
            f"accuracy: 0.7\n1875/1875 [===] - {EPOCH}",
            {"steps": [1875], "loss": [0.4978], "accuracy": [0.8245]},
        ),
        # Validation every second epoch.
        (
            f"Epoch 1/2\n5/5 - {EPOCH}\nEpoch 2/2\n5/5 - {EPOCH} - val_loss: 3 - val_accuracy: 0",
            {
                "steps": [5, 5],
                "loss": [0.4978] * 2,
                "accuracy": [0.8245] * 2,
                "val_loss": [np.nan, 3],
                "val_accuracy": [np.nan, 0],
            },
        ),
        # Quoted, steps not known in advance, cut off.
        (
            f"> Epoch 1/3\n> 390/Unknown - 9s - loss: 1 - accuracy: 0.5\n"
            f"> 391/Unknown - 9s - {EPOCH}\n> Epoch 2/3\n> 391/391 - {EPOCH}\n"
            "> Epoch 3/3\n> 12/391",
            {"steps": [391, 391], "loss": [0.4978] * 2, "accuracy": [0.8245] * 2},
        ),
    ],
)
def test_what_every_keras_prints_is_read(text, expected):
    (found,) = parse_logs(text)
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


# Genuine runs that people have published: no finding may be made.


@pytest.mark.parametrize(
    ("log", "sizes"),
    [
        ({"steps": [60_000] * 2}, (60_000, 32)),
        ({"steps": [468] * 2}, (60_000, 128, 10_000)),
        ({"steps": [1562] * 2}, (50_000, 32, 10_000)),
        (
            {
                "steps": [9] * 4,
                "loss": [0.09, 0.08, 0.07, 0.06],
                "accuracy": [0.972, 0.986, 0.986, 0.993],
                "val_loss": [0.1] * 4,
                "val_accuracy": [1.0] * 4,
            },
            (143, 16, 35),
        ),
        (
            {
                "steps": [469] * 8,
                "loss": [2.3] * 8,
                "accuracy": [0.0988, *[0.0987] * 7],
                "val_loss": [2.3] * 8,
                "val_accuracy": [0.0980] * 8,
            },
            (60_000, 128, 10_000),
        ),
        (
            {
                "steps": [23] * 7,
                "loss": [0.1] * 7,
                "accuracy": [0.9615, 0.9643, 0.967, 0.9698, 0.9725, 0.9753, 0.978],
                "val_loss": [0.1] * 7,
                "val_accuracy": [*[0.978] * 6, 0.989],
            },
            (364, 16, 91),
        ),
        (
            {
                "steps": [100] * 10,
                "loss": [0.3] * 10,
                "accuracy": [0.9012, *[0.93] * 9],
                "val_loss": [0.3] * 10,
                "val_accuracy": [
                    *(0.902, 0.921, 0.933, 0.941, 0.946),
                    *(0.951, 0.953, 0.957, 0.959, 0.961),
                ],
            },
            (2_000, 20, 10_000),
        ),
    ],
)
def test_nothing_is_found_in_genuine_logs(log, sizes):
    count = len(log["steps"])
    whole = {"loss": [0.5] * count, "accuracy": [0.8211] * count, **log}
    assert check_log(whole, *sizes) == []


def test_a_regularised_run_is_not_accused():
    log = {
        "loss": [0.4189] * 9,
        "accuracy": [0.8421] * 9,
        "val_loss": [0.4388] * 9,
        "val_accuracy": [0.8760] * 9,
    }
    assert check_log(log, 55_000, 32, 5_000, regularised=True) == []


INVENTED = {
    "no share of so many": ({"val_accuracy": [0.9846, 0.9873, 0.9886, 0.9879]}, 1_000, "no share"),
    "no share of half as many": ({"val_accuracy": [0.984, 0.9873, 0.988, 0.986]}, 500, "no share"),
    "more than all": ({"accuracy": [0.95, 0.99, 1.0, 1.02]}, 10_000, "from 0 to 1"),
    "less than none": ({"val_accuracy": [-0.01, 0.9, 0.9, 0.9]}, 10_000, "from 0 to 1"),
    "errors for nothing": ({"val_loss": [0.05, 0.04, 0.04, 0.0011]}, 10_000, "so many errors"),
    "training errors for nothing": (
        {"loss": [0.14, 0.04, 0.001, 0.02]},
        10_000,
        "so many errors",
    ),
    "other steps": ({"steps": [1000] * 4}, 10_000, "1000 steps"),
    "no data to validate on": ({}, 0, "no validation data"),
    "more steps than examples": ({"steps": [60_000] * 4}, 10_000, "60000 steps"),
    "a share of too few": ({"val_accuracy": [0.9846, 0.9873, 0.9886, 0.9879]}, 37, "no share"),
    "a loss below nothing": ({"loss": [0.14, 0.04, 0.02, -0.01]}, 10_000, "so many errors"),
}


def test_errors_cost_at_least_the_logarithm_of_two_each():
    # 1 % wrong cost 0.00693 nats at the least, or 0.00685 where what is printed was rounded.
    for loss, found in ((0.0069, False), (0.0068, True)):
        log = {"loss": [loss], "accuracy": [0.99]}
        assert bool(log_checker.cost_of_errors_finding(log)) == found


def test_shares_are_told_by_four_digits_or_by_all():
    # 987 of 1,000; rounded up, a third of 3, and one with more digits than a share has.
    for value, of, found in (
        (0.987, 1_000, False),
        (0.3333, 3, False),
        (0.333333, 3, False),
        (0.66664, 3, True),
        (0.66666, 3, True),
    ):
        finding = log_checker.value_finding({"val_accuracy": [value]}, of)
        assert bool(finding) == found, value


# Of ten epochs each: what tells takes more lines than four.
EVEN_BY_TEN = np.round(0.9143 + 0.0061 * np.arange(10), 4).tolist()
SLOW = [0.9131, 0.9345, 0.9452, 0.9527, 0.9583, 0.9611, 0.9644, 0.9672, 0.9689, 0.9707]
LONG_INVENTED = {
    "rounded to three digits": (
        {"accuracy": [0.911, 0.932, 0.943, 0.951, 0.956, 0.962, 0.966, 0.969, 0.971, 0.973]},
        "ends in a zero",
    ),
    "accuracy by a ruler": ({"accuracy": EVEN_BY_TEN}, "same amount"),
    "validation by a ruler": ({"val_accuracy": EVEN_BY_TEN}, "same amount"),
    "better and worse at once": (
        {"accuracy": [one - 0.0213 for one in SLOW]},
        "training loss lower",
    ),
    "far more errors than on new data": (
        {"accuracy": SLOW, "val_accuracy": [0.9788, *[0.9911, 0.9923, 0.9917] * 3]},
        "twice the errors",
    ),
}
HEALTHY = {
    "steps": [1563] * 10,
    "loss": [0.3011, 0.2214, 0.1823, 0.1571, 0.1387, 0.1291, 0.1178, 0.1089, 0.1033, 0.0971],
    "accuracy": SLOW,
    "val_loss": [0.2412, 0.1998, 0.1701, 0.1492, 0.1366, 0.1277, 0.1203, 0.1151, 0.1122, 0.1099],
    "val_accuracy": [
        *(0.9287, 0.9401, 0.9489, 0.9551, 0.9583),
        *(0.9612, 0.9631, 0.9648, 0.9655, 0.9663),
    ],
}


def test_what_the_long_inventions_are_made_from_passes():
    assert check_log(HEALTHY, **SETTING) == []


@pytest.mark.parametrize("name", LONG_INVENTED)
def test_long_invented_logs_are_found(name):
    columns, words_of_it = LONG_INVENTED[name]
    findings = check_log({**HEALTHY, **columns}, **SETTING)
    assert any(words_of_it in finding for finding in findings), findings


# Runs with the newest versions and with those of Colab: see genuine_runs.py.
GENUINE_RUNS = [
    json.loads(line)
    for path in sorted(Path(__file__).parent.glob("genuine_runs_*.jsonl.gz"))
    for line in gzip.decompress(path.read_bytes()).decode().splitlines()
]


def test_there_are_runs_of_two_versions():
    assert len({run["versions"] for run in GENUINE_RUNS}) == 2
    assert len(GENUINE_RUNS) >= 300


@pytest.mark.parametrize("run", GENUINE_RUNS, ids=lambda run: f"{run['versions']} {run['seed']}")
def test_nothing_is_found_in_a_genuine_run(run):
    sizes = (run["examples"], run["batch_size"], run["validation_examples"])
    logs = parse_logs(run["text"])
    assert logs
    for log in logs:
        findings = check_log(log, *sizes, regularised=run["regularised"])
        assert findings == [], run["text"]


@pytest.mark.parametrize("name", INVENTED)
def test_invented_logs_are_found(name):
    columns, held_out, words_of_it = INVENTED[name]
    findings = check_log(changed(**columns), 50_000, 32, held_out)
    assert any(words_of_it in finding for finding in findings), findings


def test_other_losses_may_be_smaller():
    log = changed(val_loss=[0.05, 0.04, 0.04, 0.0011])
    assert check_log(log, **SETTING, cross_entropy=False) == []


def test_repeated_logs_are_numbered_from_one():
    other = changed(loss=[0.1412, *GENUINE["loss"][1:]])
    arrays = {name: np.array(values) for name, values in GENUINE.items()}
    assert repeated_logs([GENUINE, other, arrays, PUBLISHED_B, dict(GENUINE)]) == [
        (1, 3),
        (1, 5),
        (3, 5),
    ]
    assert repeated_logs([GENUINE, other]) == []
