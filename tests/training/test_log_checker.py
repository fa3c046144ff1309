"""The log checker finds what is wrong with invented logs, and nothing in those of real runs."""

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
        "every accuracy and",
        "accuracy rises by",
        "training loss lower",
    ]
    assert "60,000 examples make 1,875" in findings[0]
    assert "7 times in a row" in findings[2]
    assert findings[3].endswith("in epochs [6, 7, 8, 9, 10]")


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
    for other in (steps - 1, steps + 1):
        log = {"steps": [steps, other]}
        finding = log_checker.steps_finding(log, examples, batch_size)
        assert finding.startswith(f"{other} steps an epoch")
    assert log_checker.steps_finding({"steps": [steps] * 2}, examples, batch_size) == ""
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
    round_numbers = changed(
        accuracy=[0.957, 0.986, 0.991, 0.993], val_accuracy=[0.985, 0.987, 0.989, 0.988]
    )
    assert "the chance is" in log_checker.rounding_finding(round_numbers, 50_000, 10_000)
    # 1,000 validation images allow nothing else, and four numbers are few.
    assert log_checker.rounding_finding(round_numbers, 50_000, 1_000) == ""
    one_other = changed(accuracy=[0.957, 0.986, 0.991, 0.9931], val_accuracy=[0.98] * 4)
    assert log_checker.rounding_finding(one_other, 50_000, 10_000) == ""
    one_column = {"accuracy": [0.9571] * 7, "val_accuracy": [0.98] * 7}
    finding = log_checker.rounding_finding(one_column, 50_000, 10_000)
    assert finding.startswith("every val_accuracy ends")
    assert finding.endswith("1e-07")
    only_training = {"accuracy": [0.95, 0.96, 0.97, 0.98, 0.985, 0.987]}
    assert log_checker.rounding_finding(only_training, 50_000, 0) == ""
    only_training["accuracy"] = [*only_training["accuracy"], 0.988]
    finding = log_checker.rounding_finding(only_training, 50_000, 0)
    assert finding.startswith("every accuracy ends")


@pytest.mark.parametrize("name", ["accuracy", "val_accuracy"])
def test_even_steps(name):
    four = {name: [0.9503, 0.9514, 0.9525, 0.9536, 0.9547]}
    assert f"{name} rises by exactly" in log_checker.even_steps_finding(four)
    assert "4 times" in log_checker.even_steps_finding(four)
    three = {name: [0.9513, 0.9514, 0.9525, 0.9536, 0.9547]}
    assert log_checker.even_steps_finding(three) == ""
    broken = {name: [0.9503, 0.9514, 0.9525, 0.9537, 0.9548, 0.9559]}
    assert log_checker.even_steps_finding(broken) == ""
    assert log_checker.even_steps_finding({name: [0.98] * 9}) == "", "standing still is usual"
    assert log_checker.even_steps_finding({name: [0.98]}) == ""


def test_contradictions_need_both_and_more_than_chance():
    log = {
        "loss": [0.02, 0.02, 0.04, 0.02],
        "val_loss": [0.03, 0.03, 0.03, 0.03],
        "accuracy": [0.980, 0.9885, 0.980, 0.9995],
        "val_accuracy": [0.990, 0.990, 0.990, 0.990],
    }
    assert log_checker.contradicting_epochs(log, 10_000) == [1]
    # With fewer images a difference of 0.01 is chance.
    assert log_checker.contradicting_epochs(log, 500) == []


def test_contradictions_in_two_epochs_are_let_pass_and_in_three_are_not():
    accuracy, val_accuracy = [0.9563, 0.9766, 0.9805, 0.9927], [0.9846, 0.9873, 0.9886, 0.9879]
    two = changed(accuracy=accuracy, val_accuracy=val_accuracy)
    assert check_log(two, **SETTING) == []
    three = changed(accuracy=[*accuracy[:3], 0.9801], val_accuracy=val_accuracy)
    assert words(check_log(three, **SETTING)) == ["training loss lower"]
    # Of 200 images the same shares are within chance.
    assert check_log(three, **{**SETTING, "validation_examples": 200}) == []


def test_lagging_is_measured_against_the_worse_of_two_validations():
    log = {"accuracy": [0.5, 0.92, 0.92], "val_accuracy": [0.95, 0.99, 0.99]}
    # Epoch 2: 8 % against twice 5 %; epoch 3: 8 % against twice 1 %.
    assert log_checker.lagging_epochs(log, 10_000) == [3]
    # Twice 1 % and three standard errors of 10 images: 2 % + 3 * 3.1 %.
    assert log_checker.lagging_epochs(log, 10) == []
    log["accuracy"] = [0.5, 0.92, 0.972]
    # 2.8 % against twice 1 % and three standard errors of 0.1 %.
    assert log_checker.lagging_epochs(log, 10_000) == [3]
    log["accuracy"] = [0.5, 0.92, 0.978]
    assert log_checker.lagging_epochs(log, 10_000) == []
    log["accuracy"], log["val_accuracy"] = [0.5, 0.92, 0.92], [0.99, 0.99, 0.95]
    assert log_checker.lagging_epochs(log, 10_000) == [2]


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
        ("Epoch 1/2\n12/1563 - loss: 1 - accuracy: 0.5", 'epoch 1 has no line such as "1875/1875'),
        ("Epoch 1/2\n1563/1563 - loss: 1", "epoch 1 has no loss or no accuracy"),
        ("Epoch 1/2\n1563/1563 - val_loss: 1 - accuracy: 0.5", "no loss or no accuracy"),
        (
            "Epoch 1/2\n5/5 - loss: 1 - accuracy: 0.5\n"
            "Epoch 2/2\n5/5 - loss: 1 - accuracy: 0.5 - val_loss: 3",
            "epoch 2 has other columns",
        ),
        ("Epoch 1/2\nEpoch 2/2\n5/5 - loss: 1 - accuracy: 0.5", "epoch 1 has no line"),
        ("Epoch 1/2\n11875/1875 - loss: 1 - accuracy: 0.5", "epoch 1 has no line"),
        ("Epoch 1/2\n1875/18750 - loss: 1 - accuracy: 0.5", "epoch 1 has no line"),
    ],
)
def test_text_that_is_no_log_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        parse_logs(text)


def test_repeated_logs_are_numbered_from_one():
    other = changed(loss=[0.1412, *GENUINE["loss"][1:]])
    arrays = {name: np.array(values) for name, values in GENUINE.items()}
    assert repeated_logs([GENUINE, other, arrays, PUBLISHED_B, dict(GENUINE)]) == [
        (1, 3),
        (1, 5),
        (3, 5),
    ]
    assert repeated_logs([GENUINE, other]) == []
