"""Answers to the exercises of lesson 13, by other learners,
written without sight of what the checks know.
"""

import numpy as np


# negations
def by_replacing(tokens):
    return " ".join(tokens).replace("not ", "not_").split()


def last_not_lost(tokens):
    joined, negated = [], False
    for token in tokens:
        if negated:
            joined.append("not_" + token)
            negated = False
        elif token == "not":
            negated = True
        else:
            joined.append(token)
    return joined


def next_token_stays(tokens):
    joined = []
    for i, token in enumerate(tokens):
        if token == "not" and i + 1 < len(tokens):
            joined.append("not_" + tokens[i + 1])
        else:
            joined.append(token)
    return joined


# centre
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def mean_of_negatives(centre, context, negatives):
    push = sigmoid(negatives @ centre) @ negatives / len(negatives)
    return (sigmoid(context @ centre) - 1) * context + push


def uphill(centre, context, negatives):
    pull = (1 - sigmoid(context @ centre)) * context
    return pull - sigmoid(negatives @ centre) @ negatives


def push_by_the_rest(centre, context, negatives):
    pull = (sigmoid(context @ centre) - 1) * context
    return pull + sigmoid(-negatives @ centre) @ negatives


# unhappy
def for_those_who_recommend(known, new):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(min_df=3)
    model = LogisticRegression(max_iter=300)
    model.fit(words.fit_transform(known["text"]), known["recommended"])
    return model.predict_proba(words.transform(new["text"]))[:, 1]


def angry_words(known, new):
    words = ("not", "bad", "poor", "cheap", "return", "returned", "disappointed", "awful")
    return np.array(
        [sum(text.lower().split().count(word) for word in words) for text in new["text"]],
        dtype=float,
    )


def labels_only(known, new):
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    words = CountVectorizer(min_df=3)
    model = LogisticRegression(max_iter=300)
    model.fit(words.fit_transform(known["text"]), 1 - known["recommended"])
    return model.predict(words.transform(new["text"])).astype(float)


# neighbours
def the_first_is_itself(vectors, row, count):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.argsort(-(unit @ unit[row]), kind="stable")[1 : count + 1]


def dot_products(vectors, row, count):
    similar = (vectors @ vectors[row]).astype(float)
    similar[row] = -np.inf
    return np.argsort(-similar, kind="stable")[:count]


def best_last(vectors, row, count):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = unit @ unit[row]
    similar[row] = -np.inf
    return np.argsort(similar, kind="stable")[-count:]


# padding
def divided_by_length(vectors, ids):
    return (vectors * (ids != 0)[:, :, np.newaxis]).mean(axis=1)


def divided_by_all_words(vectors, ids):
    real = (ids != 0)[:, :, np.newaxis]
    return (vectors * real).sum(axis=1) / real.sum()


def padding_behind(vectors, ids):
    counts = (ids != 0).sum(axis=1)
    return np.array([vectors[i, :n].mean(axis=0) for i, n in enumerate(counts)])


WRONG = {
    "negations": {
        "replace in the text: knot good becomes knot_good": by_replacing,
        "a not at the very end is lost": last_not_lost,
        "the joined token stays, too": next_token_stays,
    },
    "centre": {
        "mean over the negatives": mean_of_negatives,
        "all signs turned: the way uphill": uphill,
        "negatives push by 1 - p": push_by_the_rest,
    },
    "unhappy": {
        "scores those who recommend": for_those_who_recommend,
        "counts a list of angry words": angry_words,
        "labels instead of scores": labels_only,
    },
    "pairs": {
        "as if the text had no ends": lambda length, window: 2 * window * length,
        "closed form that fails for a wide window": lambda length, window: (
            2 * window * length - window * (window + 1)
        ),
        "each pair counted one way": lambda length, window: sum(
            length - d for d in range(1, min(window, length - 1) + 1)
        ),
    },
    "neighbours": {
        "leaves out the first, whoever it is": the_first_is_itself,
        "dot product, lengths and all": dot_products,
        "best last": best_last,
    },
    "padding": {
        "padding zeroed but counted": divided_by_length,
        "divided by the words of all reviews": divided_by_all_words,
        "takes padding to be behind": padding_behind,
    },
}
RIGHT = {}
