"""Exercises of lesson 06, data and evaluation."""

import numpy as np

from course_lib.exercises.comparison import shorten
from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected, call

# 1. From counts


def precision_and_recall(matrix):  # type: ignore[no-untyped-def]
    (_, false_alarms), (misses, hits) = matrix
    return hits / (hits + false_alarms), hits / (hits + misses)


def _of_class_zero(matrix):  # type: ignore[no-untyped-def]
    return matrix[0, 0] / matrix[:, 0].sum(), matrix[0, 0] / matrix[0].sum()


measures = Exercise(
    name="measures",
    question="Return precision and recall of class 1, given a confusion matrix.",
    reference=precision_and_recall,
    cases=[
        Case((np.array([[4, 2], [1, 3]]),), "ten applicants"),
        Case((np.array([[90, 1], [7, 2]]),), "a hundred payments"),
        Case((np.array([[1, 8], [3, 40]]),), "mostly positives"),
    ],
    explanation="Precision goes down the column of the alarms, recall along the row of the bad.",
    hints=[
        "The hits are matrix[1, 1]. Precision divides them by all alarms, recall by all positives.",
        "All alarms are a column, matrix[:, 1]; all positives are a row, matrix[1].",
    ],
    mistakes=[
        Mistake(
            "swapped",
            lambda matrix: precision_and_recall(matrix.T),
            "the two are swapped. Precision divides by all alarms (a column), recall by all "
            "positives (a row).",
        ),
        Mistake(
            "of class 0",
            _of_class_zero,
            "these are precision and recall of class 0, the good loans. Class 1 is looked for: "
            "start from matrix[1, 1].",
        ),
        Mistake(
            "divided by everybody",
            lambda matrix: (matrix[1, 1] / matrix.sum(), matrix[1, 1] / matrix.sum()),
            "you divided the hits by all examples. True negatives belong in neither of the two.",
        ),
        Mistake(
            "specificity for recall",
            lambda matrix: (precision_and_recall(matrix)[0], matrix[0, 0] / matrix[0].sum()),
            "precision is right, but the second is the recall of the good loans (specificity). "
            "Take the row of class 1.",
        ),
        Mistake(
            "specificity for precision",
            lambda matrix: (matrix[0, 0] / matrix[0].sum(), precision_and_recall(matrix)[1]),
            "recall is right, but the first is the recall of class 0 (specificity). Precision asks "
            "how many of the alarms are hits: it stays in the column of the alarms.",
        ),
        Mistake(
            "both classes",
            lambda matrix: (
                np.diag(matrix) / matrix.sum(axis=0),
                np.diag(matrix) / matrix.sum(axis=1),
            ),
            "you return both for each class. Only those of class 1 are asked for: the second of "
            "each.",
        ),
        Mistake(
            "of class 0, and swapped",
            lambda matrix: _of_class_zero(matrix)[::-1],
            "you start from matrix[0, 0], the good loans that were granted, so these are recall "
            "and precision of class 0. Start from matrix[1, 1].",
        ),
        Mistake(
            "accuracy for precision",
            lambda matrix: (np.trace(matrix) / matrix.sum(), precision_and_recall(matrix)[1]),
            "recall is right, but the first is the accuracy, which counts the true negatives. "
            "Precision looks at the alarms only.",
        ),
        Mistake(
            "recall twice",
            lambda matrix: (precision_and_recall(matrix)[1],) * 2,
            "both are divided by the row of class 1, so both are recall. Precision divides by the "
            "column of the alarms.",
        ),
        Mistake(
            "precision twice",
            lambda matrix: (precision_and_recall(matrix)[0],) * 2,
            "both are divided by the column of the alarms, so both are precision. Recall divides "
            "by the row of class 1.",
        ),
        Mistake(
            "accuracy for both",
            lambda matrix: (np.trace(matrix) / matrix.sum(),) * 2,
            "both are the accuracy, which counts the true negatives. Precision and recall start "
            "from the hits alone.",
        ),
        Mistake(
            "means over the classes",
            lambda matrix: (
                np.mean(np.diag(matrix) / matrix.sum(axis=0)),
                np.mean(np.diag(matrix) / matrix.sum(axis=1)),
            ),
            "these are means over both classes. Only class 1 is asked for.",
        ),
        Mistake(
            "false alarm rate for recall",
            lambda matrix: (precision_and_recall(matrix)[0], matrix[0, 1] / matrix[0].sum()),
            "precision is right, but the second is the share of class 0 that sets off an alarm. "
            "Recall starts from the hits, matrix[1, 1], and stays in the row of class 1.",
        ),
        Mistake(
            "class 0's precision for recall",
            lambda matrix: (precision_and_recall(matrix)[0], matrix[0, 0] / matrix[:, 0].sum()),
            "precision is right, but the second is the precision of class 0. Recall stays with "
            "class 1: divide its hits by its row.",
        ),
        Mistake(
            "precision alone",
            lambda matrix: precision_and_recall(matrix)[0],
            "this is the precision alone. Return recall, too.",
        ),
        Mistake(
            "F1",
            lambda matrix: 2 / sum(1 / part for part in precision_and_recall(matrix)),
            "this is F1, which mixes the two. Return them one by one: precision, then recall.",
        ),
        Mistake(
            "counts",
            lambda matrix: (matrix[:, 1].sum(), matrix[1].sum()),
            "these are how many alarms and how many positives there are. Divide the hits by them.",
        ),
        Mistake(
            "shares of alarms and positives",
            lambda matrix: (
                matrix[:, 1].sum() / matrix.sum(),
                matrix[1].sum() / matrix.sum(),
            ),
            "these are the shares of alarms and of positives among all. Divide the hits by the "
            "alarms, and by the positives.",
        ),
        Mistake(
            "hits against true negatives",
            lambda matrix: (matrix[1, 1] / (matrix[1, 1] + matrix[0, 0]),) * 2,
            "you divide the hits by all right answers. Precision divides them by the alarms, "
            "recall by the positives.",
        ),
        Mistake(
            "hits against errors",
            lambda matrix: (matrix[1, 1] / matrix[0, 1], matrix[1, 1] / matrix[1, 0]),
            "you divide the hits by the errors. A share is divided by the whole: errors and hits "
            "together.",
        ),
    ],
)

# 2. AUC without a curve


def pair_auc(scores_bad, scores_good):  # type: ignore[no-untyped-def]
    difference = scores_bad[:, np.newaxis] - scores_good
    return np.mean((difference > 0) + 0.5 * (difference == 0))


def _auc_of_same_places(scores_bad, scores_good):  # type: ignore[no-untyped-def]
    n = min(len(scores_bad), len(scores_good))
    difference = scores_bad[:n] - scores_good[:n]
    return np.mean((difference > 0) + 0.5 * (difference == 0))


auc = Exercise(
    name="auc",
    question="Return the share of pairs in which the bad applicant scores higher, ties as a half.",
    reference=pair_auc,
    cases=[
        Case((np.array([0.9, 0.6]), np.array([0.6, 0.2, 0.1]))),
        Case((np.array([3.0, 1.0, 2.0, 2.0]), np.array([2.0, 1.0]))),
        Case((np.array([0.1]), np.array([0.5, 0.1, 0.7, 0.0]))),
        Case(
            (np.array([0.7, 0.8, 0.6, 0.1, 0.7]), np.array([0.6, 0.5, 0.95, 0.6])),
            "five bad and four good",
        ),
    ],
    explanation="Every bad against every good: subtraction with a new axis makes the whole table.",
    hints=[
        "scores_bad[:, np.newaxis] - scores_good holds the difference of every pair.",
        "The mean of (difference > 0), and half the mean of (difference == 0).",
    ],
    mistakes=[
        Mistake(
            "ties count nothing",
            lambda bad, good: np.mean(bad[:, np.newaxis] > good),
            "ties count nothing here. A model that gives everybody the same score would get 0 "
            "rather than chance: count each tie as one half.",
        ),
        Mistake(
            "ties count one",
            lambda bad, good: np.mean(bad[:, np.newaxis] >= good),
            "ties count as right here. A model that gives everybody the same score would look "
            "perfect: count each tie as one half.",
        ),
        Mistake(
            "the wrong way round",
            lambda bad, good: 1 - pair_auc(bad, good),
            "the order is turned: a pair is right when the bad applicant has the higher score.",
        ),
        Mistake(
            "sum, not share",
            lambda bad, good: pair_auc(bad, good) * len(bad) * len(good),
            "you counted the pairs. Divide by how many pairs there are.",
        ),
        Mistake(
            "means compared",
            lambda bad, good: float(bad.mean() > good.mean()),
            "you compare the two means, and get 0 or 1. Compare every bad applicant with every "
            "good one.",
        ),
        Mistake(
            "above the median",
            lambda bad, good: np.mean(bad > np.median(good)),
            "you compare with the middle good applicant only. Every good one counts.",
        ),
        Mistake(
            "above the best",
            lambda bad, good: np.mean(bad > np.max(good)),
            "you ask who scores above all good applicants. Count pairs: each bad one against each "
            "good one.",
        ),
        Mistake(
            "ties a quarter",
            lambda bad, good: (
                np.mean(bad[:, np.newaxis] > good) + np.mean(bad[:, np.newaxis] == good) / 4
            ),
            "each tie counts a quarter here, as if it had been halved twice. It counts one half.",
        ),
        Mistake(
            "one for each bad",
            lambda bad, good: np.mean(
                (bad[:, np.newaxis] > good) + 0.5 * (bad[:, np.newaxis] == good), axis=1
            ),
            "one share for each bad applicant came out. What is asked for is one number: the mean "
            "over all pairs.",
        ),
        Mistake(
            "ties not divided",
            lambda bad, good: (
                np.mean(bad[:, np.newaxis] > good) + 0.5 * np.sum(bad[:, np.newaxis] == good)
            ),
            "the pairs won are divided by how many pairs there are, and the ties are not.",
        ),
        Mistake(
            "won against lost",
            lambda bad, good: (
                np.sum(bad[:, np.newaxis] > good) / np.maximum(np.sum(bad[:, np.newaxis] < good), 1)
            ),
            "you divide the pairs won by the pairs lost. A share is divided by all pairs.",
        ),
        Mistake(
            "same places only",
            _auc_of_same_places,
            "you compare scores that stand at the same place. Every bad applicant meets every "
            "good one.",
        ),
        Mistake(
            "pairs won less pairs lost",
            lambda bad, good: np.mean(np.sign(bad[:, np.newaxis] - good)),
            "a lost pair counts -1 here, where it should count 0: your result goes from -1 to 1. "
            "A share goes from 0 to 1.",
        ),
        Mistake(
            "ties left out",
            lambda bad, good: (
                np.sum(bad[:, np.newaxis] > good) / np.sum(bad[:, np.newaxis] != good)
            ),
            "you leave the ties out. They are pairs, too: each counts as one half of a right one.",
        ),
        Mistake(
            "the wrong way round, ties nothing",
            lambda bad, good: np.mean(bad[:, np.newaxis] < good),
            "you count the pairs in which the good applicant scores higher, and ties not at all.",
        ),
        Mistake(
            "by how much",
            lambda bad, good: np.mean(bad[:, np.newaxis] - good),
            "this is by how much the bad score higher on average. Count in how many pairs they do.",
        ),
    ],
)

# 3. One customer, one side


def split_by_customer(customers, test_share, seed):  # type: ignore[no-untyped-def]
    everybody = np.random.default_rng(seed).permutation(np.unique(customers))
    chosen = everybody[: round(test_share * len(everybody))]
    in_test = np.isin(customers, chosen)
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def _split_rows(customers, test_share, seed):  # type: ignore[no-untyped-def]
    rows = np.random.default_rng(seed).permutation(len(customers))
    size = round(test_share * len(rows))
    return rows[size:], rows[:size]


def _first_customers(customers, test_share, seed):  # type: ignore[no-untyped-def]
    everybody = np.unique(customers)
    in_test = np.isin(customers, everybody[: round(test_share * len(everybody))])
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def _busy_drawn_twice(customers, test_share, seed):  # type: ignore[no-untyped-def]
    size = round(test_share * len(np.unique(customers)))
    in_test = np.isin(customers, np.random.default_rng(seed).choice(customers, size))
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def _customers_for_rows(customers, test_share, seed):  # type: ignore[no-untyped-def]
    everybody = np.random.default_rng(seed).permutation(np.unique(customers))
    size = round(test_share * len(everybody))
    return everybody[size:], everybody[:size]


def _swapped(customers, test_share, seed):  # type: ignore[no-untyped-def]
    return split_by_customer(customers, test_share, seed)[::-1]


def _without_seed(customers, test_share, seed):  # type: ignore[no-untyped-def]
    return split_by_customer(customers, test_share, np.random.default_rng().integers(2**60))


def _places_for_rows(customers, test_share, seed):  # type: ignore[no-untyped-def]
    order = np.random.default_rng(seed).permutation(len(np.unique(customers)))
    size = round(test_share * len(order))
    return order[size:], order[:size]


def _half_of_the_rows(customers, test_share, seed):  # type: ignore[no-untyped-def]
    train, test = split_by_customer(customers, test_share, seed)
    return train, test[::2]


def _drawn_from_rows(customers, test_share, seed):  # type: ignore[no-untyped-def]
    everybody = np.random.default_rng(seed).permutation(customers)
    in_test = np.isin(customers, everybody[: round(test_share * len(everybody))])
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def _applications() -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.permutation(np.repeat(1000 + np.arange(60), generator.integers(1, 6, 60)))


def _rows_of(part, customers):  # type: ignore[no-untyped-def]
    rows = np.asarray(part)
    if rows.ndim != 1 or not np.issubdtype(rows.dtype, np.integer):
        raise Rejected(
            "return two flat arrays of row numbers, training first. np.flatnonzero turns True "
            "and False into row numbers."
        )
    if len(rows) and (rows.min() < 0 or rows.max() >= len(customers)):
        raise Rejected(
            f"a row number lies outside 0 to {len(customers) - 1}. Did you return customers "
            "where rows are asked for?"
        )
    return rows


def _parts_of(answer, customers, share, seed):  # type: ignore[no-untyped-def]
    case = Case((customers, share, seed), f"{len(customers)} applications of 60 customers")
    result = call(answer, case)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Rejected("return two arrays: training rows and test rows.")
    train, test = (_rows_of(part, customers) for part in result)
    times = np.bincount(np.concatenate([train, test]).astype(int), minlength=len(customers))
    if (times == 1).all():
        return train, test
    if len(train) + len(test) == 60:
        raise Rejected(
            "your two parts hold 60 numbers, as many as there are customers: a place in the list "
            f"of customers is no row. np.isin finds all of the {len(customers)} rows that belong "
            "to the customers drawn."
        )
    missing, double = int((times == 0).sum()), int((times > 1).sum())
    raise Rejected(
        f"the two parts should hold every row once, and together all rows: {missing} rows are in "
        f"neither part, and {double} more than once."
    )


def _share_of_customers(rows, customers) -> float:  # type: ignore[no-untyped-def]
    return len(set(customers[rows])) / 60


def _accept_split(answer) -> str:  # type: ignore[no-untyped-def]
    customers = _applications()
    tests = []
    for seed, share in ((1, 0.3), (1, 0.3), (2, 0.3), (3, 0.5)):
        train, test = _parts_of(answer, customers, share, seed)
        if set(customers[train]) & set(customers[test]):
            return (
                "a customer is on both sides, so the test holds people the model knows. Draw "
                "customers, not rows, and then take all their rows (np.isin)."
            )
        found = _share_of_customers(test, customers)
        if abs(found - share) > 0.05:
            # Where few are asked for, the part that is too large cannot be the other one by chance.
            few = _share_of_customers(_parts_of(answer, customers, 0.1, seed)[1], customers)
            if abs(few - 0.9) <= 0.05:
                advice = "Which part comes second?"
            elif found < share:
                advice = (
                    "Too few: were some drawn more than once? Draw from np.unique(customers), and "
                    "without putting back."
                )
            else:
                advice = (
                    "Too many: a share of the rows belongs to more than that share of the "
                    "customers. Draw from np.unique(customers), where each stands once."
                )
            return (
                f"{found:.0%} of the customers are in the test, and {share:.0%} were asked for. "
                f"{advice}"
            )
        tests.append(set(test.tolist()))
    if tests[0] != tests[1]:
        return "the same seed gave two splits. Make the generator from seed: default_rng(seed)."
    if tests[0] == tests[2]:
        return (
            "another seed gave the same split, so the choice is not random. Customers in order of "
            "their number may be in order of something else too: permute them first."
        )
    return ""


split = Exercise(
    name="split",
    question="Split applications at random so that no customer is on both sides.",
    reference=split_by_customer,
    accept=_accept_split,
    explanation="What must not leak is drawn; its rows follow.",
    hints=[
        "np.unique(customers) is the list to draw from.",
        "np.isin(customers, chosen) is True for every row of a chosen customer.",
    ],
    mistakes=[
        Mistake("rows drawn", _split_rows, "a customer is on both sides"),
        Mistake("not random", _first_customers, "the choice is not random"),
        Mistake("customers returned", _customers_for_rows, "Did you return customers"),
        Mistake("busy customers drawn twice", _busy_drawn_twice, "were some drawn more than once"),
        Mistake("drawn from the rows", _drawn_from_rows, "where each stands once"),
        Mistake("places returned", _places_for_rows, "a place in the list of customers is no row"),
        Mistake("rows lost", _half_of_the_rows, "are in neither part, and 0 more than once"),
        Mistake("test first", _swapped, "Which part comes second"),
        Mistake("seed not used", _without_seed, "the same seed gave two splits"),
    ],
)

# 4. Another price


def check_from(fee, loss):  # type: ignore[no-untyped-def]
    return fee / loss


checking = Exercise(
    name="checking",
    question=(
        "Checking a payment costs fee in any case; an unchecked fraud loses loss. From which "
        "probability of fraud does checking pay?"
    ),
    reference=check_from,
    cases=[Case((5.0, 200.0)), Case((1.0, 4.0)), Case((30.0, 100.0))],
    explanation="Unchecked, a payment costs p x loss on average: as much as the fee at fee / loss.",
    hints=[
        "Write down the expected cost with a check, and without.",
        "fee on one side, p x loss on the other. Solve for p.",
    ],
    mistakes=[
        Mistake(
            "the formula of the loans",
            lambda fee, loss: fee / (fee + loss),
            "that is the formula of the loans, where the gain is lost for good customers only. "
            "Here the fee is paid for every check, fraud or not.",
        ),
        Mistake(
            "upside down",
            lambda fee, loss: loss / fee,
            "that is no probability but a number above 1. It is upside down.",
        ),
        Mistake(
            "the other side",
            lambda fee, loss: 1 - fee / loss,
            "that is the probability of an honest payment from which down checking pays. Asked "
            "is the probability of fraud.",
        ),
        Mistake(
            "one half",
            lambda fee, loss: 0.5,
            "0.5 does not depend on what things cost. The dearer a missed fraud, the sooner "
            "checking pays.",
        ),
        Mistake(
            "fee for frauds only",
            lambda fee, loss: fee / (loss - fee),
            "you took the fee off the loss, as if a check of a fraud cost it once more, or only "
            "frauds paid it. With a check the cost is the fee, whatever comes out.",
        ),
        Mistake(
            "the formula of the loans, turned round",
            lambda fee, loss: loss / (fee + loss),
            "the dearer a missed fraud, the larger your threshold. It should be the other way "
            "round. Write down both costs: with a check, and without.",
        ),
        Mistake(
            "product",
            lambda fee, loss: fee * loss,
            "you multiplied the two. The expected loss is p x loss: for which p is it as large as "
            "the fee?",
        ),
        Mistake(
            "loss over what is left",
            lambda fee, loss: loss / (loss - fee),
            "that is above 1, so it is no probability. Write down both expected costs, and set "
            "them equal.",
        ),
        Mistake(
            "is it worth it",
            lambda fee, loss: float(fee < loss),
            "that says whether checking could pay at all. From which probability on does it?",
        ),
        Mistake(
            "what a check saves",
            lambda fee, loss: loss - fee,
            "that is what the check of a fraud saves, in money. From which probability on is the "
            "expected loss larger than the fee?",
        ),
    ],
)

# 5. Run the bank

PROFIT_TARGET = 15
GAIN, LOSS = 0.1, 0.5


def decide(known, new):  # type: ignore[no-untyped-def]
    import pandas as pd
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
    return model.predict_proba((fresh - mean) / spread)[:, 1] < 0.1 / (0.1 + 0.5)


def _with_half(known, new):  # type: ignore[no-untyped-def]
    rates = (known["status"] == "bad").groupby(known["job"] + known["records"]).mean()
    return ((new["job"] + new["records"]).map(rates) < 0.5).to_numpy()


def _as_decisions(given):  # type: ignore[no-untyped-def]
    """Return an array, of numbers where it held truths as objects, as pandas may keep them."""
    array = np.asarray(given)
    plain = array.dtype == object and all(
        isinstance(one, bool | np.bool_) for one in array.ravel().tolist()
    )
    return array.astype(bool) if plain else array


def _who_was_decided(given, known, new) -> str:  # type: ignore[no-untyped-def]
    """Return a sentence on what the number of decisions suggests."""
    if given.shape == (len(known),):
        return " That is one for each of the known: decide on the new ones."
    if given.shape == (len(new.dropna()),):
        return (
            " So many have no gap: those who left something out wait for a decision, too. Fill "
            "the gaps instead of dropping the rows."
        )
    if given.shape == (len(new), 2):
        return " predict_proba returns a column for each class: compare one of them."
    return ""


def _accept_decisions(answer) -> str:  # type: ignore[no-untyped-def]
    from course_lib.datasets import credit_data

    applicants = credit_data().drop_duplicates().reset_index(drop=True)
    earned = np.where(applicants["status"] == "bad", -LOSS, GAIN) * applicants["amount"]
    fold = np.random.default_rng(0).permutation(len(applicants)) % 4
    granted = np.zeros(len(applicants))
    for number in range(4):
        known = applicants[fold != number].reset_index(drop=True)
        new = applicants[fold == number].drop(columns="status").reset_index(drop=True)
        try:
            given = _as_decisions(call(answer, Case((known, new), f"{len(new)} new applicants")))
        except Rejected as rejection:
            if "KeyError: 'status'" in str(rejection):
                return "status is what you do not know yet about new applicants: predict it."
            raise
        if given.shape != (len(new),):
            return (
                f"expected one decision for each of the {len(new)} new applicants, but got shape "
                f"{given.shape}.{_who_was_decided(given, known, new)}"
            )
        if given.dtype.kind not in "biuf" or not np.isin(given, (0, 1)).all():
            if given.dtype.kind in "OUS":
                return (
                    "decisions should be True or False, True for a loan, but yours are "
                    f"{shorten(given.tolist()[0])} and the like. Compare them with a word: == "
                    "gives True and False."
                )
            return (
                "decisions should be True or False. Compare your probabilities of default with "
                "a threshold."
            )
        granted[fold == number] = given
    if granted.all():
        return "you grant everybody a loan, and that loses 91 per head. Which ones default?"
    if not granted.any():
        return (
            "you refuse everybody: that loses nothing and earns nothing. Decide on each applicant "
            "by what the columns say: grant those whose own probability of default is low enough."
        )
    profit = np.mean(granted * earned)
    if profit < PROFIT_TARGET <= np.mean((1 - granted) * earned):
        return (
            "you grant those who will default. Which column of predict_proba is that of 'bad'? "
            "The model's classes_ tells. Or do you return whom to refuse?"
        )
    if profit < PROFIT_TARGET:
        defaults = np.mean(applicants["status"][granted == 1] == "bad")
        advice = "You are strict enough; rank better, with more of the columns."
        if granted.mean() > 0.6:
            advice = (
                "A default costs five times what a good loan earns: be stricter (the threshold is "
                "1/6)."
            )
        elif granted.mean() < 0.3 and defaults < 0.05:
            advice = (
                f"Of those you grant only {defaults:.1%} default, so you refuse many who would "
                "pay back: be less strict (the threshold is 1/6)."
            )
        return (
            f"{granted.mean():.0%} granted, profit {profit:.1f} per applicant, and it should be "
            f"at least {PROFIT_TARGET}. {advice}"
        )
    return ""


bank = Exercise(
    name="bank",
    question=(
        "Decide whom to grant a loan, so that applicants you have not seen earn at least "
        f"{PROFIT_TARGET} per head."
    ),
    reference=decide,
    accept=_accept_decisions,
    seconds=30.0,
    explanation="A probability, and a price list: that is a decision.",
    hints=[
        "pd.get_dummies turns categories into columns; fill the gaps with the known medians.",
        "A logistic regression on all columns and the threshold from the formula suffice.",
    ],
    mistakes=[
        Mistake(
            "everybody",
            lambda known, new: np.ones(len(new), dtype=bool),
            "you grant everybody a loan",
        ),
        Mistake("nobody", lambda known, new: np.zeros(len(new), dtype=bool), "refuse everybody"),
        Mistake("threshold one half", _with_half, "be stricter"),
        Mistake(
            "turned round",
            lambda known, new: ~decide(known, new),
            "you grant those who will default",
        ),
        Mistake(
            "a rule of one column",
            lambda known, new: ((new["job"] == "fixed") & (new["seniority"] > 25)).to_numpy(),
            "with more of the columns",
        ),
        Mistake(
            "too strict",
            lambda known, new: (
                (new["job"] == "fixed")
                & (new["records"] == "no")
                & (new["income"] > 150)
                & (new["seniority"] > 12)
                & (new["amount"] < 0.7 * new["price"])
            ).to_numpy(),
            "be less strict",
        ),
        Mistake(
            "gaps dropped",
            lambda known, new: np.ones(len(new.dropna()), dtype=bool),
            "So many have no gap",
        ),
        Mistake(
            "words",
            lambda known, new: np.where(new["job"] == "fixed", "good", "bad"),
            "True for a loan, but yours are",
        ),
        Mistake(
            "probabilities",
            lambda known, new: np.linspace(0.1, 0.9, len(new)),
            "Compare your probabilities",
        ),
        Mistake(
            "the answer as input", lambda known, new: new["status"] == "good", "status is what"
        ),
        Mistake(
            "decisions for the known",
            lambda known, new: np.ones(len(known), dtype=bool),
            "one for each of the known",
        ),
    ],
)
