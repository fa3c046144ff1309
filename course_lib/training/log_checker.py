"""Could this training log have come from this program?

A log is a dictionary like Keras's `history`: "loss" and "accuracy", one number
an epoch, with "val_loss" and "val_accuracy" if there was validation data, and
"steps" if the steps are known; what an epoch does not have is NaN. `parse_logs`
reads one from the text that Keras prints. Each check below returns "" or a
sentence, a finding: something that no run of such a program prints, or not once
in a million. The absence of a finding proves nothing.
"""

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np

Log = Mapping[str, Sequence[float]]

COLOURS = re.compile("\x1b\\[[0-9;]*m")
# A log that was pasted may be quoted, or stand behind the marks of a comment.
QUOTED = re.compile(r"^[ \t>#|]+", re.MULTILINE)
EPOCH = re.compile(r"^Epoch (\d+)/\d+\s*$", re.MULTILINE)
# A bar is drawn again and again; only its last state, as in 1875/1875, counts.
BAR = re.compile(r"(?<![\d/])(?P<done>\d+)/(?P<all>\d+|Unknown)\b(?P<rest>.*)")
# The first Keras printed no bar with verbose=2.
LINE = re.compile(r"^\d+(?:\.\d+)?s - (?P<rest>.*)", re.MULTILINE)
METRIC = re.compile(
    r"\b(?P<name>(?:val_)?(?:loss|acc|(?:\w+_)?accuracy)): "
    r"(?P<value>-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|nan|inf)"
)

FEW = 3  # epochs: a pattern that so many epochs show is no accident
UNLIKELY = 1e-6
STANDARD_ERRORS = 5.0  # as unlikely
PRINTED = 1e-4  # the last digit


def parse_logs(text: str) -> list[dict[str, list[float]]]:
    """Read what `fit` of any Keras since 1.0 prints, with verbose=1 or 2.

    Accuracies are called "accuracy", whichever their name is. An epoch without
    validation gets NaN there; a last epoch that is cut off is left out.

    Args:
        text: the printed lines, quoted or not; others between them are passed over.

    Returns:
        One log for each call of `fit`: a new one begins where the number of
        the epoch does not rise. Without "steps" where none are printed.

    Raises:
        ValueError: when there is no epoch in the text, or one that has no loss, no
            accuracy, or no end.
    """
    text = QUOTED.sub("", COLOURS.sub("", text).replace("\b", "").replace("\r", "\n"))
    headers = list(EPOCH.finditer(text))
    if not headers:
        # With verbose=2 a single epoch has no number.
        rows = _read_epoch(text)
        if not any({"loss", "accuracy"} <= set(row) for row in rows):
            raise ValueError('parse_logs found no line such as "Epoch 1/10" in the text.')
        return [_columns(_choose([(1, rows)]))]
    ends = [header.start() for header in headers[1:]] + [len(text)]
    runs: list[list[tuple[int, list[dict[str, float]]]]] = []
    before = math.inf
    for header, end in zip(headers, ends, strict=True):
        number = int(header.group(1))
        rows = _read_epoch(text[header.end() : end])
        if not any({"loss", "accuracy"} <= set(row) for row in rows):
            if end == len(text) and number > before:
                break
            raise ValueError(_what_lacks(number, text[header.end() : end], rows))
        if number <= before:
            runs.append([])
        runs[-1].append((number, rows))
        before = number
    return [_columns(_choose(run)) for run in runs]


def _read_epoch(text: str) -> list[dict[str, float]]:
    """Return what each finished bar of an epoch says, in their order."""
    rows = []
    begun = BAR.search(text)
    running = begun is not None and begun["done"] != begun["all"]
    for bar in BAR.finditer(text):
        if bar["all"] not in (bar["done"], "Unknown"):
            continue
        row = _metrics(bar["rest"])
        if row:
            # The bar that was begun first is that of the training.
            first = running and begun is not None and begun["all"] == bar["all"]
            rows.append({"steps": float(bar["done"]), "_first": float(first), **row})
    if not rows:
        rows = [{"_first": 1.0, **_metrics(line["rest"])} for line in LINE.finditer(text)]
    if any(row.get("steps") and "Unknown" in text for row in rows):
        rows = rows[-1:]
    return rows


def _metrics(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for metric in METRIC.finditer(text):
        name = re.sub(r"^(val_)?.*acc(uracy)?$", r"\1accuracy", metric["name"])
        found.setdefault(name, float(metric["value"]))
    return found


def _what_lacks(number: int, text: str, rows: list[dict[str, float]]) -> str:
    if rows:
        return f"parse_logs: epoch {number} has no loss or no accuracy."
    if BAR.search(text):
        return (
            f"parse_logs: epoch {number} was not finished; it has no line such as "
            '"1875/1875 ..." with its numbers.'
        )
    return f'parse_logs: epoch {number} has no line such as "1875/1875 ...".'


def _choose(run: list[tuple[int, list[dict[str, float]]]]) -> list[dict[str, float]]:
    """Return one bar for each epoch: that of `fit`, not of an `evaluate` within or behind.

    A callback that prints lets a bar be drawn twice, the second time with its
    validation columns. An `evaluate` has another number of steps.
    """
    everywhere = set.intersection(*({row.get("steps", 0.0) for row in rows} for _, rows in run))
    chosen = []
    for _, rows in run:
        whole = [row for row in rows if {"loss", "accuracy"} <= set(row)]
        ranked = sorted(
            enumerate(whole),
            key=lambda place: (
                "val_loss" in place[1],
                place[1].get("steps", 0.0) in everywhere,
                place[1]["_first"],
                # Called in a callback it comes before the line of the epoch, and in every
                # epoch; called after `fit` it comes behind the last one only.
                place[0] if len(everywhere) > 1 and len(run) > 1 else -place[0],
            ),
        )
        chosen.append(ranked[-1][1])
    return chosen


def _columns(rows: list[dict[str, float]]) -> dict[str, list[float]]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    if any("steps" not in row for row in rows):
        names = [name for name in names if name != "steps"]
    return {name: [row.get(name, math.nan) for row in rows] for name in names if name != "_first"}


def steps_finding(log: Log, examples: int, batch_size: int) -> str:
    """Compare the steps of an epoch with the number of batches.

    The last batch may be a smaller one, or left out; and what TensorFlow 2.1 and all
    before it print is examples.

    Args:
        log: with "steps"; without, there is nothing to find.
        examples: how many examples were trained on.
        batch_size: examples a step.
    """
    expected = math.ceil(examples / batch_size)
    possible = {expected, examples // batch_size, examples}
    wrong = [steps for steps in log.get("steps", ()) if steps not in possible]
    if not wrong:
        return ""
    return f"{wrong[0]:.0f} steps an epoch, where {examples:,} examples make {expected:,}"


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


def value_finding(log: Log, validation_examples: int) -> str:
    """Look for an accuracy that there cannot be.

    It is a share, and of few validation examples only some shares are possible:
    0.9873 is none of 1,000. Source: N. J. L. Brown and J. A. J. Heathers (2017),
    The GRIM Test, Social Psychological and Personality Science 8(4).

    Args:
        log: with or without "val_accuracy".
        validation_examples: how many there were, each with one label; 0 for none.
    """
    for name in ("accuracy", "val_accuracy"):
        for accuracy in _known(log, name):
            if not 0 <= accuracy <= 1:
                return f"{name} is {accuracy:g}, and an accuracy is from 0 to 1"
    for accuracy in _known(log, "val_accuracy") if validation_examples else ():
        printed = round(accuracy, 4) == accuracy
        slack = PRINTED / 2 + 1e-6 if printed else 2e-6
        nearest = round(accuracy * validation_examples) / validation_examples
        if abs(nearest - accuracy) > slack:
            return (
                f"val_accuracy is {accuracy:g}, which is no share of "
                f"{validation_examples:,} examples"
            )
    return ""


def cost_of_errors_finding(log: Log) -> str:
    """Compare the loss with what so many errors cost at the least.

    Where the network is wrong it gives the right class at most one half, so that
    the cross-entropy of that example is at least ln 2.
    """
    for before in ("", "val_"):
        pairs = zip(log.get(f"{before}loss", ()), log.get(f"{before}accuracy", ()), strict=False)
        for epoch, (loss, accuracy) in enumerate(pairs, start=1):
            least = (1 - accuracy - PRINTED / 2) * math.log(2) - PRINTED / 2
            if loss < least:
                return (
                    f"{before}loss {loss:g} with {before}accuracy {accuracy:g} in epoch {epoch}: "
                    f"so many errors cost at least {least:.2g}"
                )
    return ""


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


def rounding_finding(log: Log, examples: int, batch_size: int) -> str:
    """Look at the last digits of the training accuracies, when all are zeros.

    Only different ones count: a network that is stuck, or perfect, repeats itself.
    Without steps nothing is found, because an epoch may be a part of the examples; of
    the validation the log does not say how large a part.
    """
    accuracies = np.unique(_known(log, "accuracy"))
    accuracies = accuracies[accuracies < 1]
    if "steps" not in log or not len(accuracies) or not ends_in_zero(accuracies).all():
        return ""
    seen = min(examples, int(min(log["steps"])) * batch_size)
    chance = chance_of_round_numbers(len(accuracies), seen)
    if chance > UNLIKELY:
        return ""
    return f"every accuracy ends in a zero: the chance is {chance:.0e}"


def even_steps_finding(log: Log, examples: int, validation_examples: int) -> str:
    """Look for an accuracy that rises by the same amount again and again.

    By one example more, or by two, it may do so by chance; the larger the rise, the
    more others were possible.
    """
    for name, of in (("accuracy", examples), ("val_accuracy", validation_examples)):
        rises = np.round(np.diff(_known(log, name)), 4)
        unit = max(PRINTED, 1 / of) if of else 1.0
        run = 1
        for number, rise in enumerate(rises):
            run = run + 1 if number and rise == rises[number - 1] else 1
            others = 2 * abs(rise) / unit + 1
            if rise and others ** (1 - run) < UNLIKELY:
                longest = run + int(np.argmin(np.append(rises[number + 1 :] == rise, False)))
                return f"{name} rises by exactly the same amount {longest} times in a row"
    return ""


def contradicting_epochs(log: Log, validation_examples: int) -> list[int]:
    """Return the epochs in which the training data is fitted better and worse at once.

    Its loss is lower than that of the validation data, and its accuracy is
    lower too, by more than chance.

    Args:
        log: with the validation columns.
        validation_examples: how many there were, for what chance can do.
    """
    loss, val_loss, accuracy, right = (
        np.asarray(log[name], dtype=float)
        for name in ("loss", "val_loss", "accuracy", "val_accuracy")
    )
    lowest = 1 - highest_rate(1 - right, validation_examples)
    both = (loss < val_loss) & (accuracy < lowest)
    return [1 + int(epoch) for epoch in np.flatnonzero(both)]


def lagging_epochs(log: Log, validation_examples: int) -> list[int]:
    """Return the epochs with far more training errors than the network made on new data.

    Training accuracy is an average over the epoch, so it belongs to a network
    between the validation before the epoch and the one after it. Far more: twice
    the errors that the worse of the two can stand for.

    Args:
        log: with the validation columns.
        validation_examples: how many there were, for what chance can do.
    """
    errors = 1 - np.asarray(log["accuracy"], dtype=float)
    on_new = 1 - np.asarray(log["val_accuracy"], dtype=float)
    worse = highest_rate(np.maximum(on_new[:-1], on_new[1:]), validation_examples)
    return [2 + int(epoch) for epoch in np.flatnonzero(errors[1:] > 2 * worse)]


def highest_rate(rate: np.ndarray, examples: int) -> np.ndarray:
    """Return the rate of errors from which so few can come by chance.

    The upper end of the interval of E. B. Wilson (1927), Probable Inference, the Law
    of Succession, and Statistical Inference, Journal of the American Statistical
    Association 22(158), which holds for no error at all, too.
    """
    z = STANDARD_ERRORS**2 / examples
    rate = np.clip(rate, 0, 1)
    root = np.sqrt(z * rate * (1 - rate) + z**2 / 4)
    return (rate + z / 2 + root) / (1 + z)


def check_log(
    log: Log,
    examples: int,
    batch_size: int,
    validation_examples: int = 0,
    *,
    regularised: bool = False,
    cross_entropy: bool = True,
) -> list[str]:
    """Return all findings about one log; an empty list when there are none.

    Args:
        log: see the top of this file.
        examples: how many examples the program trains on, each with one label.
        batch_size: examples a step.
        validation_examples: how many it holds out; 0 for none.
        regularised: whether training is made harder than validation, by
            dropout or varied images; then it may lag far behind.
        cross_entropy: whether that is the loss, without weights of examples.

    Raises:
        ValueError: when a column is missing, or two differ in length.
    """
    _require_columns(log)
    findings = [
        steps_finding(log, examples, batch_size),
        validation_finding(log, validation_examples),
        value_finding(log, validation_examples),
        cost_of_errors_finding(log) if cross_entropy else "",
        rounding_finding(log, examples, batch_size),
        even_steps_finding(log, examples, validation_examples),
    ]
    if "val_loss" in log and not regularised:
        size = validation_examples or examples
        contradicting = contradicting_epochs(log, size)
        if len(contradicting) >= FEW:
            findings.append(
                f"training loss lower and training accuracy lower in epochs {contradicting}"
            )
        lagging = lagging_epochs(log, size)
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


def _known(log: Log, name: str) -> np.ndarray:
    values = np.asarray(log.get(name, ()), dtype=float)
    return values[~np.isnan(values)]


def _require_columns(log: Log) -> None:
    lacking = {"loss", "accuracy"} - set(log)
    lacking |= {"val_loss", "val_accuracy"} - set(log) if "val_loss" in log else set()
    if lacking:
        raise ValueError(f"check_log needs {', '.join(sorted(lacking))} in the log.")
    lengths = {name: len(values) for name, values in log.items()}
    if len(set(lengths.values())) > 1 or not lengths["loss"]:
        raise ValueError(f"check_log needs columns of one length, at least 1, but got {lengths}.")
