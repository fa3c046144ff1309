"""Could this training log have come from this program?

A log is a dictionary like Keras's `history`: "loss" and "accuracy", one number
an epoch, with "val_loss" and "val_accuracy" if there was validation data, and
"steps" if the steps are known. `parse_logs` reads one from the text that Keras
prints. Each check below returns "" or a sentence, a finding. A finding is a
reason to ask for the program and the data; the absence of one proves nothing.
"""

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np

Log = Mapping[str, Sequence[float]]

EPOCH = re.compile(r"^\s*Epoch (\d+)/\d+\s*$", re.MULTILINE)
# The bar is drawn again and again; only its last state, as in 1875/1875, counts.
FINISHED = re.compile(r"(?<![\d/])(\d+)/\1(?!\d)(?P<rest>.*)")
METRIC = re.compile(r"\b((?:val_)?(?:loss|accuracy)): (\d+(?:\.\d+)?(?:e[+-]?\d+)?)")

FEW = 3  # epochs: a pattern that so many epochs show is no accident
STANDARD_ERRORS = 3.0
UNLIKELY = 1e-6


def parse_logs(text: str) -> list[dict[str, list[float]]]:
    """Read what Keras's `fit` prints, with verbose=1 or 2.

    Args:
        text: the printed lines; others between them are passed over.

    Returns:
        One log for each call of `fit`: a new one begins where the number of
        the epoch does not rise.

    Raises:
        ValueError: when there is no epoch in the text, or one without its
            steps, its loss or its accuracy, or the columns change between epochs.
    """
    logs: list[dict[str, list[float]]] = []
    before = math.inf
    headers = list(EPOCH.finditer(text))
    if not headers:
        raise ValueError('parse_logs found no line such as "Epoch 1/10" in the text.')
    ends = [header.start() for header in headers[1:]] + [len(text)]
    for header, end in zip(headers, ends, strict=True):
        number = int(header.group(1))
        row = _read_epoch(number, text[header.end() : end])
        if number <= before:
            logs.append({name: [] for name in row})
        if set(row) != set(logs[-1]):
            raise ValueError(f"parse_logs: epoch {number} has other columns than the one before.")
        for name, value in row.items():
            logs[-1][name].append(value)
        before = number
    return logs


def _read_epoch(number: int, text: str) -> dict[str, float]:
    # The first finished bar: a later one belongs to `evaluate`.
    finished = FINISHED.search(text)
    if finished is None:
        raise ValueError(f'parse_logs: epoch {number} has no line such as "1875/1875 ...".')
    values = {name: float(value) for name, value in METRIC.findall(finished["rest"])}
    if not {"loss", "accuracy"} <= set(values):
        raise ValueError(f"parse_logs: epoch {number} has no loss or no accuracy.")
    return {"steps": int(finished.group(1)), **values}


def steps_finding(log: Log, examples: int, batch_size: int) -> str:
    """Compare the steps of an epoch with the number of batches.

    Args:
        log: with "steps"; without, there is nothing to find.
        examples: how many examples were trained on.
        batch_size: examples a step; the last batch may be smaller.
    """
    expected = math.ceil(examples / batch_size)
    wrong = [steps for steps in log.get("steps", ()) if steps != expected]
    if not wrong:
        return ""
    return f"{wrong[0]} steps an epoch, where {examples:,} examples make {expected:,}"


def validation_finding(log: Log, validation_examples: int) -> str:
    """Ask for the validation data behind the columns that need it.

    Args:
        log: with or without "val_loss" and "val_accuracy".
        validation_examples: how many the program holds out; 0 for none.
    """
    columns = [name for name in log if name.startswith("val_")]
    if not columns or validation_examples > 0:
        return ""
    return f"{' and '.join(columns)}, and no validation data"


def chance_of_round_numbers(count: int, examples: int) -> float:
    """Return the chance that `count` accuracies printed to 0.0001 all end in a zero.

    An accuracy is a whole number over `examples`, which may leave few values
    possible: with 1,000 examples every accuracy ends in a zero. Values above one
    half are taken as equally likely.

    Source: in the spirit of N. J. L. Brown and J. A. J. Heathers (2017), The GRIM
    Test, Social Psychological and Personality Science 8(4): which means are
    possible for so many examples.
    """
    printed = np.round(np.arange(examples // 2, examples + 1) / examples, 4)
    return float(np.mean(ends_in_zero(printed)) ** count)


def ends_in_zero(accuracies: np.ndarray) -> np.ndarray:
    """Say of each number whether its fourth decimal is a zero."""
    return np.round(10_000 * accuracies) % 10 == 0


def rounding_finding(log: Log, examples: int, validation_examples: int) -> str:
    """Look at the last digits of the accuracies, in the columns where all are zeros."""
    chance, columns = 1.0, []
    for name, of in (("accuracy", examples), ("val_accuracy", validation_examples or examples)):
        accuracies = np.asarray(log.get(name, ()), dtype=float)
        if len(accuracies) and ends_in_zero(accuracies).all():
            chance *= chance_of_round_numbers(len(accuracies), of)
            columns.append(name)
    if chance > UNLIKELY:
        return ""
    return f"every {' and '.join(columns)} ends in a zero: the chance is {chance:.0e}"


def even_steps_finding(log: Log) -> str:
    """Look for an accuracy that rises by the same amount again and again."""
    for name in ("accuracy", "val_accuracy"):
        rises = np.round(np.diff(np.asarray(log.get(name, ()), dtype=float)), 4)
        longest = run = 0
        for number, rise in enumerate(rises):
            run = run + 1 if rise == rises[number - 1] and rise != 0 else 1
            longest = max(longest, run)
        if longest > FEW:
            return f"{name} rises by exactly the same amount {longest} times in a row"
    return ""


def contradicting_epochs(log: Log, validation_examples: int) -> list[int]:
    """Return the epochs in which the training data is fitted better and worse at once.

    Its loss is lower than that of the validation data, and its accuracy is
    lower too, by more than three standard errors.

    Args:
        log: with the validation columns.
        validation_examples: how many there were, for the standard error.
    """
    loss, val_loss, accuracy, right = (
        np.asarray(log[name], dtype=float)
        for name in ("loss", "val_loss", "accuracy", "val_accuracy")
    )
    standard_error = np.sqrt(right * (1 - right) / validation_examples)
    both = (loss < val_loss) & (accuracy < right - 3 * standard_error)
    return [1 + int(epoch) for epoch in np.flatnonzero(both)]


def lagging_epochs(log: Log, validation_examples: int) -> list[int]:
    """Return the epochs with far more training errors than the network made on new data.

    Training accuracy is an average over the epoch, so it belongs to a network
    between the validation before the epoch and the one after it. Far more: twice
    the errors of the worse of the two, and three standard errors on top.

    Args:
        log: with the validation columns.
        validation_examples: how many there were, for the standard error.
    """
    errors = 1 - np.asarray(log["accuracy"], dtype=float)
    on_new = 1 - np.asarray(log["val_accuracy"], dtype=float)
    worse = np.maximum(on_new[:-1], on_new[1:])
    standard_error = np.sqrt(worse * (1 - worse) / validation_examples)
    far = errors[1:] > 2 * worse + 3 * standard_error
    return [2 + int(epoch) for epoch in np.flatnonzero(far)]


def check_log(
    log: Log,
    examples: int,
    batch_size: int,
    validation_examples: int = 0,
    *,
    regularised: bool = False,
) -> list[str]:
    """Return all findings about one log; an empty list when there are none.

    Args:
        log: see the top of this file.
        examples: how many examples the program trains on.
        batch_size: examples a step.
        validation_examples: how many it holds out; 0 for none.
        regularised: whether training is made harder than validation, by
            dropout or varied images; then it may lag far behind.

    Raises:
        ValueError: when a column is missing, or two differ in length.
    """
    _require_columns(log)
    findings = [
        steps_finding(log, examples, batch_size),
        validation_finding(log, validation_examples),
        rounding_finding(log, examples, validation_examples),
        even_steps_finding(log),
    ]
    if "val_loss" in log:
        size = validation_examples or examples
        contradicting = contradicting_epochs(log, size)
        if len(contradicting) >= FEW:
            findings.append(
                f"training loss lower and training accuracy lower in epochs {contradicting}"
            )
        lagging = [] if regularised else lagging_epochs(log, size)
        if len(lagging) >= FEW:
            findings.append(f"twice the errors in training as on new data in epochs {lagging}")
    return [finding for finding in findings if finding]


def repeated_logs(logs: Sequence[Log]) -> list[tuple[int, int]]:
    """Return the pairs of logs that are equal to the last digit, numbered from 1.

    Runs with other seeds differ; the same seed on the same machine gives the
    same numbers, and then it is one run shown twice.
    """
    return [
        (first + 1, second + 1)
        for second in range(len(logs))
        for first in range(second)
        if {name: list(values) for name, values in logs[first].items()}
        == {name: list(values) for name, values in logs[second].items()}
    ]


def _require_columns(log: Log) -> None:
    lacking = {"loss", "accuracy"} - set(log)
    lacking |= {"val_loss", "val_accuracy"} - set(log) if "val_loss" in log else set()
    if lacking:
        raise ValueError(f"check_log needs {', '.join(sorted(lacking))} in the log.")
    lengths = {name: len(values) for name, values in log.items()}
    if len(set(lengths.values())) > 1 or not lengths["loss"]:
        raise ValueError(f"check_log needs columns of one length, at least 1, but got {lengths}.")
