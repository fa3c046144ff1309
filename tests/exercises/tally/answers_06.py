"""Answers to the exercises of lesson 06, written without sight of what the checks know."""

import numpy as np
import pandas as pd

# ---------------------------------------------------------------- checking


def check_with_fractions(fee, loss):
    from fractions import Fraction

    return float(Fraction(fee) / Fraction(loss))


# ---------------------------------------------------------------- split


def split_rows(customers, test_share, seed):
    rows = np.random.default_rng(seed).permutation(len(customers))
    count = round(test_share * len(customers))
    return np.sort(rows[count:]), np.sort(rows[:count])


def split_exchanged(customers, test_share, seed):
    everybody = np.random.default_rng(seed).permutation(np.unique(customers))
    chosen = everybody[: round(test_share * len(everybody))]
    in_test = np.isin(customers, chosen)
    return np.flatnonzero(in_test), np.flatnonzero(~in_test)


def split_without_chance(customers, test_share, seed):
    everybody = np.unique(customers)
    chosen = everybody[: round(test_share * len(everybody))]
    in_test = np.isin(customers, chosen)
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def split_with_duplicates(customers, test_share, seed):
    everybody = np.random.default_rng(seed).permutation(customers)
    chosen = everybody[: round(test_share * len(everybody))]
    in_test = np.isin(customers, chosen)
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def split_places_in_customer_list(customers, test_share, seed):
    everybody = np.unique(customers)
    order = np.random.default_rng(seed).permutation(len(everybody))
    count = round(test_share * len(everybody))
    return order[count:], order[:count]


def split_in_plain_python(customers, test_share, seed):
    import random

    everybody = sorted(set(np.asarray(customers).tolist()))
    chosen = set(random.Random(int(seed)).sample(everybody, round(test_share * len(everybody))))
    train, test = [], []
    for row, customer in enumerate(np.asarray(customers).tolist()):
        (test if customer in chosen else train).append(row)
    return train, test


def split_by_rank_of_random_keys(customers, test_share, seed):
    everybody, number = np.unique(customers, return_inverse=True)
    keys = np.random.default_rng(seed).random(len(everybody))
    rank = keys.argsort(kind="stable").argsort(kind="stable")
    mask = (rank < round(test_share * len(everybody)))[number]
    rows = np.arange(len(customers))
    return rows[~mask], rows[mask]


# ---------------------------------------------------------------- bank


def probabilities_of_bad(known, new):
    from sklearn.linear_model import LogisticRegression

    bad = known["status"] == "bad"
    medians = known.median(numeric_only=True)
    both = pd.concat([known.drop(columns="status"), new]).fillna(medians)
    inputs = pd.get_dummies(both).astype(float)
    money = ["income", "assets", "debt"]
    inputs[money] = np.log1p(inputs[money])
    inputs["part"] = inputs["amount"] / inputs["price"]
    old, fresh = inputs.iloc[: len(known)], inputs.iloc[len(known) :]
    mean, spread = old.mean(), old.std() + 1e-9
    model = LogisticRegression(max_iter=1000).fit((old - mean) / spread, bad)
    return model.predict_proba((fresh - mean) / spread)[:, 1]


def bank_threshold_half(known, new):
    return probabilities_of_bad(known, new) < 0.5


def bank_decision_reversed(known, new):
    return probabilities_of_bad(known, new) > 0.1 / (0.1 + 0.5)


def bank_prices_exchanged(known, new):
    return probabilities_of_bad(known, new) < 0.5 / (0.1 + 0.5)


def bank_nobody(known, new):
    # the majority of each group pays back, but a bad one costs five times as much: refuse all
    share_bad = (known["status"] == "bad").mean()
    return np.full(len(new), share_bad < 0.1 / (0.1 + 0.5))


def bank_rows_without_gaps_only(known, new):
    known, new = known.dropna(), new.dropna()
    return probabilities_of_bad(known, new) < 0.1 / (0.1 + 0.5)


def bank_newton(known, new):
    train = known.drop(columns="status")
    medians = train.median(numeric_only=True)
    columns = []
    for name in train.columns:
        if name in medians.index:
            old, fresh = train[name].fillna(medians[name]), new[name].fillna(medians[name])
            if name in ("income", "assets", "debt"):
                old, fresh = np.log1p(old), np.log1p(fresh)
            columns.append((old.to_numpy(float), fresh.to_numpy(float)))
        else:
            for kind in sorted(train[name].dropna().unique()):
                old, fresh = train[name].eq(kind), new[name].eq(kind)
                columns.append((old.to_numpy(float), fresh.to_numpy(float)))
    amount, price = train["amount"], train["price"]
    part = (amount.fillna(medians["amount"]) / price.fillna(medians["price"])).to_numpy(float)
    amount, price = new["amount"], new["price"]
    fresh = (amount.fillna(medians["amount"]) / price.fillna(medians["price"])).to_numpy(float)
    columns.append((part, fresh))
    x = np.stack([old for old, _ in columns], axis=1)
    z = np.stack([fresh for _, fresh in columns], axis=1)
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    x = np.hstack([np.ones((len(x), 1)), (x - mean) / spread])
    z = np.hstack([np.ones((len(z), 1)), (z - mean) / spread])
    y = (known["status"] == "bad").to_numpy(float)
    penalty = np.ones(x.shape[1])
    penalty[0] = 0
    weights = np.zeros(x.shape[1])
    for _ in range(15):
        p = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (p - y) + penalty * weights
        curve = (x.T * (p * (1 - p))) @ x + np.diag(penalty) + 1e-9 * np.eye(len(weights))
        weights = weights - np.linalg.solve(curve, slope)
    p = 1 / (1 + np.exp(-z @ weights))
    # grant if the expected earning of one unit lent is positive
    return (0.1 * (1 - p) - 0.5 * p > 0).tolist()


def bank_pipeline(known, new):
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

    def enrich(table):
        return table.assign(part=table["amount"] / table["price"])

    old, fresh = enrich(known.drop(columns="status")), enrich(new)
    money = ["income", "assets", "debt"]
    numbers = [name for name in old.select_dtypes("number").columns if name not in money]
    kinds = [name for name in old.columns if name not in numbers + money]
    middle = {"strategy": "median"}
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(**middle), FunctionTransformer(np.log1p)), money),
        (SimpleImputer(**middle), numbers),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), kinds),
    )
    model = make_pipeline(prepare, StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(old, (known["status"] == "bad").astype(int))
    p = model.predict_proba(fresh)[:, 1]
    return pd.Series(p < 1 / 6, index=new.index)


# ---------------------------------------------------------------- measures


def measures_class_zero(matrix):
    (hits, misses), (false_alarms, _) = matrix
    return hits / (hits + false_alarms), hits / (hits + misses)


def measures_both_classes(matrix):
    matrix = np.asarray(matrix)
    return np.diag(matrix) / matrix.sum(axis=0), np.diag(matrix) / matrix.sum(axis=1)


def measures_exchanged(matrix):
    (_, misses), (false_alarms, hits) = matrix
    return hits / (hits + false_alarms), hits / (hits + misses)


def measures_specificity(matrix):
    (quiet, false_alarms), (misses, hits) = matrix
    return quiet / (quiet + false_alarms), hits / (hits + misses)


def measures_rounded(matrix):
    (_, false_alarms), (misses, hits) = matrix
    return round(hits / (hits + false_alarms), 2), round(hits / (hits + misses), 2)


def measures_by_diagonal(matrix):
    matrix = np.asarray(matrix, dtype=float)
    return (np.diag(matrix) / matrix.sum(axis=0))[1:], (np.diag(matrix) / matrix.sum(axis=1))[1:]


def measures_by_cases(matrix):
    table = pd.DataFrame(np.asarray(matrix))
    hits = float(table.loc[1, 1])
    return [hits / float(table[1].sum()), hits / float(table.loc[1].sum())]


# ---------------------------------------------------------------- auc


def auc_ties_nothing(scores_bad, scores_good):
    return np.mean(scores_bad[:, np.newaxis] > scores_good)


def auc_ties_in_full(scores_bad, scores_good):
    return np.mean(scores_bad[:, np.newaxis] >= scores_good)


def auc_reversed(scores_bad, scores_good):
    difference = scores_good[:, np.newaxis] - scores_bad
    return np.mean((difference > 0) + 0.5 * (difference == 0))


def auc_same_places_only(scores_bad, scores_good):
    points = [(b > g) + 0.5 * (b == g) for b, g in zip(scores_bad, scores_good, strict=False)]
    return sum(points) / len(points)


def auc_gini(scores_bad, scores_good):
    return np.mean(np.sign(scores_bad[:, np.newaxis] - scores_good))


def auc_loop(scores_bad, scores_good):
    points = 0.0
    for bad in scores_bad:
        for good in scores_good:
            if bad > good:
                points += 1
            elif bad == good:
                points += 0.5
    return points / (len(scores_bad) * len(scores_good))


def auc_ranks(scores_bad, scores_good):
    ranks = pd.Series(np.concatenate([scores_bad, scores_good])).rank(method="average")
    n, m = len(scores_bad), len(scores_good)
    return float(ranks.iloc[:n].sum() - n * (n + 1) / 2) / (n * m)


WRONG = {
    "checking": {
        "the bank's formula: fee in the denominator, too": lambda fee, loss: fee / (fee + loss),
        "fraction upside down": lambda fee, loss: loss / fee,
        "probability of no fraud, 1 - p": lambda fee, loss: 1 - fee / loss,
        "fee taken off the loss, as if only frauds paid it": lambda fee, loss: fee / (loss - fee),
        "in percent": lambda fee, loss: 100 * fee / loss,
    },
    "split": {
        "rows drawn, customers on both sides": split_rows,
        "test first, then training": split_exchanged,
        "first customers by name, no chance, seed unused": split_without_chance,
        "drawn among rows: busy customers nearly all in the test": split_with_duplicates,
        "places in the list of customers instead of rows": split_places_in_customer_list,
    },
    "bank": {
        "threshold 0.5, prices forgotten": bank_threshold_half,
        "grants those who should be refused": bank_decision_reversed,
        "prices exchanged in the threshold": bank_prices_exchanged,
        "one decision for all from the share of bad: refuses everybody": bank_nobody,
        "drops new applicants with gaps: too few decisions": bank_rows_without_gaps_only,
    },
    "measures": {
        "rows and columns mixed up: recall, precision": measures_exchanged,
        "class 0 looked for": measures_class_zero,
        "both classes returned": measures_both_classes,
        "specificity for precision": measures_specificity,
        "rounded to two decimals": measures_rounded,
    },
    "auc": {
        "ties count nothing": auc_ties_nothing,
        "ties count in full": auc_ties_in_full,
        "good above bad": auc_reversed,
        "compares only scores at the same place": auc_same_places_only,
        "mean sign: Gini (2 AUC - 1) instead of AUC": auc_gini,
    },
}

RIGHT = {
    "checking": {
        "exact fractions, then a float": check_with_fractions,
        "root of p x loss - fee, an array of one": lambda fee, loss: np.roots([loss, -fee]),
    },
    "split": {
        "plain Python with random.sample, lists": split_in_plain_python,
        "random key for each customer, ranks": split_by_rank_of_random_keys,
    },
    "bank": {
        "logistic regression by Newton's method in NumPy, a list": bank_newton,
        "scikit-learn pipeline, a pandas Series": bank_pipeline,
    },
    "measures": {
        "diagonal over sums, arrays of one": measures_by_diagonal,
        "a pandas table, a list of floats": measures_by_cases,
    },
    "auc": {
        "two loops": auc_loop,
        "sum of ranks (Mann and Whitney)": auc_ranks,
    },
}
