"""Answers to the exercises of lesson 13, written without sight of what the checks know."""

import math

import numpy as np

# negations ----------------------------------------------------------------------------------


def negate_in_text(tokens):
    return " ".join(tokens).replace("not ", "not_").split()


def negate_last_lost(tokens):
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


def negate_in_place(tokens):
    i = 0
    while i < len(tokens) - 1:
        if tokens[i] == "not":
            tokens[i] = "not_" + tokens.pop(i + 1)
        i += 1
    return tokens


def negate_looks_back(tokens):
    joined = []
    for i, token in enumerate(tokens):
        if i > 0 and tokens[i - 1] == "not":
            joined.append("not_" + token)
        elif token != "not" or i == len(tokens) - 1:
            joined.append(token)
    return joined


def negate_keeps_word(tokens):
    joined = []
    for i, token in enumerate(tokens):
        if token == "not" and i + 1 < len(tokens):
            joined.append("not_" + tokens[i + 1])
        else:
            joined.append(token)
    return joined


def negate_index(tokens):
    joined, i = [], 0
    while i < len(tokens):
        step = 2 if tokens[i] == "not" and i + 1 < len(tokens) else 1
        joined.append("_".join(tokens[i : i + step]))
        i += step
    return joined


def negate_iterator(tokens):
    def walk():
        left = iter(tokens)
        for token in left:
            if token == "not":
                following = next(left, None)
                yield token if following is None else f"not_{following}"
            else:
                yield token

    return list(walk())


# centre -------------------------------------------------------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def gradient_ascent_sign(centre, context, negatives):
    pull = 1 - sigmoid(context @ centre)
    push = sigmoid(negatives @ centre)
    return pull * context - push @ negatives


def gradient_mean_of_negatives(centre, context, negatives):
    pull = sigmoid(context @ centre) - 1
    push = sigmoid(negatives @ centre)
    return pull * context + push @ negatives / len(negatives)


def gradient_by_context(centre, context, negatives):
    return (sigmoid(context @ centre) - 1) * centre


def gradient_sign_in_push(centre, context, negatives):
    pull = sigmoid(context @ centre) - 1
    push = sigmoid(-negatives @ centre)
    return pull * context + push @ negatives


def gradient_overflows(centre, context, negatives):
    def unsafe(z):
        return np.exp(z) / (1 + np.exp(z))

    return (unsafe(context @ centre) - 1) * context + unsafe(negatives @ centre) @ negatives


def gradient_tanh(centre, context, negatives):
    table = np.vstack([context[np.newaxis], negatives])
    label = np.zeros(len(table))
    label[0] = 1
    chance = (1 + np.tanh(table @ centre / 2)) / 2
    return np.einsum("n,nd->d", chance - label, table)


def gradient_loop(centre, context, negatives):
    def chance(z):
        if z >= 0:
            return 1 / (1 + math.exp(-z))
        return math.exp(z) / (1 + math.exp(z))

    def dot(a, b):
        return sum(float(p) * float(q) for p, q in zip(a, b, strict=False))

    total = [-chance(-dot(centre, context)) * float(value) for value in context]
    for negative in negatives:
        push = chance(dot(centre, negative))
        total = [old + push * float(value) for old, value in zip(total, negative, strict=False)]
    return total


# unhappy ------------------------------------------------------------------------------------


def score_the_happy(known, new):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(min_df=3, sublinear_tf=True)
    model = LogisticRegression(class_weight="balanced", max_iter=300)
    model.fit(words.fit_transform(known["text"]), known["recommended"])
    return model.predict_proba(words.transform(new["text"]))[:, 1]


def score_hard_labels(known, new):
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB

    words = CountVectorizer(min_df=3)
    model = MultinomialNB()
    model.fit(words.fit_transform(known["text"]), 1 - known["recommended"])
    return model.predict(words.transform(new["text"])).astype(float)


def score_vocabulary_anew(known, new):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(max_features=1000)
    model = LogisticRegression(class_weight="balanced", max_iter=300)
    model.fit(words.fit_transform(known["text"]), 1 - known["recommended"])
    table = words.fit_transform(new["text"]).toarray()
    full = np.zeros((len(table), model.coef_.shape[1]))
    wide = min(table.shape[1], full.shape[1])
    full[:, :wide] = table[:, :wide]
    return model.decision_function(full)


def score_word_list(known, new):
    bad = {"not", "but", "unfortunately", "disappointed", "return", "returned", "returning", "bad"}
    return np.array(
        [sum(w.strip(".,!?") in bad for w in str(t).lower().split()) for t in new["text"]],
        dtype=float,
    )


def score_order(known, new):
    scores = np.asarray(score_pipeline(known, new))
    return np.argsort(-scores, kind="stable")


def score_pipeline(known, new):
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        CountVectorizer(ngram_range=(1, 2), min_df=3),
        TfidfTransformer(sublinear_tf=True),
        LogisticRegression(C=3, class_weight="balanced", max_iter=300),
    )
    model.fit(list(known["text"]), np.where(known["recommended"] == 1, 0, 1))
    return model.predict_proba(list(new["text"]))[:, 1].tolist()


def score_minus_recommended(known, new):
    import pandas as pd
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True)
    model = LogisticRegression(C=3, class_weight="balanced", max_iter=300)
    model.fit(words.fit_transform(known["text"]), known["recommended"])
    return pd.Series(-model.decision_function(words.transform(new["text"])), index=new.index)


# pairs --------------------------------------------------------------------------------------


def pairs_by_counting(length, window):
    pairs = 0
    for centre in range(length):
        for context in range(max(0, centre - window), min(length, centre + window + 1)):
            pairs += context != centre
    return pairs


def pairs_closed_form(length, window):
    reach = max(0, min(window, length - 1))
    return float(reach * (2 * length - reach - 1))


# neighbours ---------------------------------------------------------------------------------


def nearest_by_dot(vectors, row, count):
    similar = (vectors @ vectors[row]).astype(float)
    similar[row] = -np.inf
    return np.argsort(-similar, kind="stable")[:count]


def nearest_skips_first(vectors, row, count):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.argsort(-(unit @ unit[row]), kind="stable")[1 : count + 1]


def nearest_ascending(vectors, row, count):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = unit @ unit[row]
    similar[row] = -np.inf
    return np.argsort(similar, kind="stable")[-count:]


def nearest_own_zero(vectors, row, count):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = unit @ unit[row]
    similar[row] = 0
    return np.argsort(-similar, kind="stable")[:count]


def nearest_in_place(vectors, row, count):
    vectors[:] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = vectors @ vectors[row]
    similar[row] = -np.inf
    return np.argsort(-similar, kind="stable")[:count]


def nearest_sorted(vectors, row, count):
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    similar = vectors @ vectors[row] / (lengths * lengths[row])
    others = [i for i in range(len(vectors)) if i != row]
    return sorted(others, key=lambda i: -similar[i])[:count]


def nearest_removed(vectors, row, count):
    # the distance of unit vectors orders as the cosine does
    unit = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    order = np.argsort(1 - unit @ unit[row], kind="stable")
    return order[order != row][:count]


# padding ------------------------------------------------------------------------------------


def mean_divided_by_length(vectors, ids):
    real = (ids != 0)[:, :, np.newaxis]
    return (vectors * real).mean(axis=1)


def mean_weighted_by_ids(vectors, ids):
    return (vectors * ids[:, :, np.newaxis]).sum(axis=1) / ids.sum(axis=1, keepdims=True)


def mean_padding_at_end(vectors, ids):
    counts = (ids != 0).sum(axis=1)
    return np.array([v[:count].mean(axis=0) for v, count in zip(vectors, counts, strict=False)])


def mean_plus_one(vectors, ids):
    real = (ids != 0)[:, :, np.newaxis]
    return (vectors * real).sum(axis=1) / (real.sum(axis=1) + 1)


def mean_loop(vectors, ids):
    return [table[numbers != 0].mean(axis=0) for table, numbers in zip(vectors, ids, strict=False)]


def mean_einsum(vectors, ids):
    real = np.where(ids == 0, 0.0, 1.0)
    share = real / real.sum(axis=1, keepdims=True)
    return np.einsum("rl,rlu->ru", share, vectors)


WRONG = {
    "negations": {
        "replaces in the joined text, so 'knot' is caught too": negate_in_text,
        "a last not is lost": negate_last_lost,
        "changes the caller's list": negate_in_place,
        "looks back, so not not good gives two": negate_looks_back,
        "the joined word stays on its own as well": negate_keeps_word,
    },
    "centre": {
        "sign of the ascent": gradient_ascent_sign,
        "mean over the negatives, not the sum": gradient_mean_of_negatives,
        "by the context, not by the centre": gradient_by_context,
        "s(-v.u) for the negatives": gradient_sign_in_push,
        "exp(z) / (1 + exp(z)), nan for large z": gradient_overflows,
    },
    "unhappy": {
        "scores those who recommend": score_the_happy,
        "labels 0 and 1 instead of scores": score_hard_labels,
        "fits the vocabulary anew on the new reviews": score_vocabulary_anew,
        "counts words of a hand-made list": score_word_list,
        "the order of the reviews, not their scores": score_order,
    },
    "pairs": {
        "forgets the edges": lambda length, window: 2 * window * length,
        "each pair once": (
            lambda length, window: sum(
                length - distance for distance in range(1, min(window, length - 1) + 1)
            )
        ),
        "closed form that fails for a window beyond the text": (
            lambda length, window: 2 * window * length - window * (window + 1)
        ),
        "only centres with a full window": (
            lambda length, window: max(0, length - 2 * window) * 2 * window
        ),
        "the centre with itself as well": (
            lambda length, window: pairs_by_counting(length, window) + length
        ),
    },
    "neighbours": {
        "dot product without the lengths": nearest_by_dot,
        "skips the first, which a twin may be": nearest_skips_first,
        "best last": nearest_ascending,
        "own similarity set to 0, above the negative ones": nearest_own_zero,
        "scales the caller's vectors": nearest_in_place,
    },
    "padding": {
        "mean over all places": lambda vectors, ids: vectors.mean(axis=1),
        "masked sum, divided by the whole length": mean_divided_by_length,
        "ids as weights instead of a mask": mean_weighted_by_ids,
        "takes the first words, as if padding came last": mean_padding_at_end,
        "count plus 1 against division by zero": mean_plus_one,
    },
}
RIGHT = {
    "negations": {
        "while loop over an index": negate_index,
        "an iterator that takes the next one": negate_iterator,
    },
    "centre": {
        "one table with labels, tanh and einsum": gradient_tanh,
        "plain loops and math, list": gradient_loop,
    },
    "unhappy": {
        "a pipeline, probabilities, list": score_pipeline,
        "fits the recommended, minus sign, Series": score_minus_recommended,
    },
    "pairs": {
        "counts them one by one": pairs_by_counting,
        "closed form with a bounded window, float": pairs_closed_form,
    },
    "neighbours": {
        "sorted, list of ints": nearest_sorted,
        "sorts all, then takes itself out": nearest_removed,
    },
    "padding": {
        "loop with a Boolean index, list": mean_loop,
        "einsum with shares": mean_einsum,
    },
}
