"""Answers to the exercises of lesson 06, by other learners.

They were written without sight of what the checks know.
"""

import numpy as np
import pandas as pd


def rows_shuffled(customers, test_share, seed):
    rows = np.random.default_rng(seed).permutation(len(customers))
    count = round(test_share * len(customers))
    return np.sort(rows[count:]), np.sort(rows[:count])


def test_rows_first(customers, test_share, seed):
    customers = np.asarray(customers)
    everybody = np.unique(customers)
    count = round(test_share * len(everybody))
    chosen = np.random.default_rng(seed).choice(everybody, size=count, replace=False)
    in_test = np.isin(customers, chosen)
    return np.flatnonzero(in_test), np.flatnonzero(~in_test)


def customers_not_rows(customers, test_share, seed):
    everybody = np.random.default_rng(seed).permutation(np.unique(customers))
    count = round(test_share * len(everybody))
    return everybody[count:], everybody[:count]


def probability_of_bad(known, new):
    from sklearn.linear_model import LogisticRegression

    bad = known["status"] == "bad"
    both = pd.concat([known.drop(columns="status"), new])
    both = both.fillna(known.median(numeric_only=True))
    inputs = pd.get_dummies(both).astype(float)
    old, fresh = inputs.iloc[: len(known)], inputs.iloc[len(known) :]
    mean, spread = old.mean(), old.std() + 1e-9
    model = LogisticRegression(max_iter=1000).fit((old - mean) / spread, bad)
    return model.predict_proba((fresh - mean) / spread)[:, 1]


def half_as_threshold(known, new):
    return probability_of_bad(known, new) < 0.5


def says_whom_to_refuse(known, new):
    return probability_of_bad(known, new) > 0.1 / (0.1 + 0.5)


def income_above_median(known, new):
    return (new["income"] > known["income"].median()).to_numpy()


def swapped_pair(matrix):
    (_, false_alarms), (misses, hits) = matrix
    return hits / (hits + misses), hits / (hits + false_alarms)


def class_zero(matrix):
    (hits, misses), (false_alarms, _) = matrix
    return hits / (hits + false_alarms), hits / (hits + misses)


def false_alarm_rate(matrix):
    (passed, false_alarms), (_, hits) = matrix
    return hits / (hits + false_alarms), false_alarms / (false_alarms + passed)


WRONG = {
    "checking": {
        "the lesson's formula, fee / (fee + loss)": lambda fee, loss: fee / (fee + loss),
        "gain of a found fraud is loss - fee, fee then paid again": (
            lambda fee, loss: fee / (loss - fee)
        ),
        "1 - p: the probability of an honest payment": lambda fee, loss: 1 - fee / loss,
    },
    "split": {
        "draws rows, not customers": rows_shuffled,
        "test rows first": test_rows_first,
        "returns customers, not rows": customers_not_rows,
    },
    "bank": {
        "a good model with the threshold 0.5": half_as_threshold,
        "says whom to refuse": says_whom_to_refuse,
        "grants to incomes above the median": income_above_median,
    },
    "measures": {
        "recall first": swapped_pair,
        "class 0 is looked for": class_zero,
        "false alarm rate for recall": false_alarm_rate,
    },
    "auc": {
        "a tie counts nothing": (
            lambda scores_bad, scores_good: np.mean(scores_bad[:, None] > scores_good)
        ),
        "good above bad": (
            lambda scores_bad, scores_good: np.mean(
                (scores_good[:, None] > scores_bad) + 0.5 * (scores_good[:, None] == scores_bad)
            )
        ),
        "counts the pairs, no share": (
            lambda scores_bad, scores_good: np.sum(
                (scores_bad[:, None] > scores_good) + 0.5 * (scores_bad[:, None] == scores_good)
            )
        ),
    },
}
RIGHT = {}
