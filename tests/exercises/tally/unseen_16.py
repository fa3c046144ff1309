"""Answers to the exercises of lesson 16, by other learners,
written without sight of what the checks know.
"""

import numpy as np


# bits_of_text
def mean_of_rates(probabilities, tokens):
    lengths = np.array([len(token) for token in tokens])
    return np.mean(-np.log2(probabilities) / lengths)


def in_nats(probabilities, tokens):
    return -np.sum(np.log(probabilities)) / len("".join(tokens))


def product_first(probabilities, tokens):
    return -np.log2(np.prod(probabilities)) / len("".join(tokens))


# grow_cache
def attend(query, keys, values, divisor):
    scores = keys @ query / divisor
    weights = np.exp(scores - scores.max())
    return weights / weights.sum() @ values


def reads_the_old_cache(query, key, value, keys, values):
    output = attend(query, keys, values, np.sqrt(len(query)))
    return output, np.vstack([keys, key]), np.vstack([values, value])


def root_of_the_positions(query, key, value, keys, values):
    keys, values = np.vstack([keys, key]), np.vstack([values, value])
    return attend(query, keys, values, np.sqrt(len(keys))), keys, values


def newest_in_front(query, key, value, keys, values):
    keys, values = np.vstack([key, keys]), np.vstack([value, values])
    return attend(query, keys, values, np.sqrt(len(query))), keys, values


# shifted_windows
def rolled(ids, length):
    count = len(ids) // length
    inputs = ids[: count * length].reshape(count, length)
    targets = np.roll(ids, -1)[: count * length].reshape(count, length)
    return inputs, targets


def pieces_one_longer(ids, length):
    count = len(ids) // (length + 1)
    pieces = ids[: count * (length + 1)].reshape(count, length + 1)
    return pieces[:, :-1], pieces[:, 1:]


def at_every_place(ids, length):
    starts = range(len(ids) - length)
    inputs = np.array([ids[s : s + length] for s in starts])
    return inputs, np.array([ids[s + 1 : s + length + 1] for s in starts])


# one_merge
def last_symbol_lost(symbols, pair):
    out, place = [], 0
    while place < len(symbols) - 1:
        if (symbols[place], symbols[place + 1]) == tuple(pair):
            out.append(symbols[place] + symbols[place + 1])
            place += 2
        else:
            out.append(symbols[place])
            place += 1
    return out


def by_replacing(symbols, pair):
    return " ".join(symbols).replace(" ".join(pair), "".join(pair)).split(" ")


def overlapping(symbols, pair):
    out = []
    for i, symbol in enumerate(symbols):
        if tuple(symbols[i : i + 2]) == tuple(pair):
            out.append("".join(pair))
        elif i == 0 or tuple(symbols[i - 1 : i + 1]) != tuple(pair):
            out.append(symbol)
    return out


# nucleus
def stops_below_p(probabilities, p):
    order = np.argsort(-probabilities, kind="stable")
    keep = order[np.cumsum(probabilities[order]) <= p]
    kept = np.zeros(len(probabilities))
    kept[keep] = probabilities[keep]
    return kept / max(kept.sum(), 1e-12)


def left_in_sorted_order(probabilities, p):
    ordered = np.sort(probabilities)[::-1]
    count = np.searchsorted(np.cumsum(ordered), p) + 1
    kept = np.where(np.arange(len(ordered)) < count, ordered, 0.0)
    return kept / kept.sum()


def one_more_at_exactly_p(probabilities, p):
    order = np.argsort(-probabilities, kind="stable")
    ordered = probabilities[order]
    before = np.concatenate([[0.0], np.cumsum(ordered)[:-1]])
    keep = order[before <= p]
    kept = np.zeros(len(probabilities))
    kept[keep] = probabilities[keep]
    return kept / kept.sum()


WRONG = {
    "bits_of_text": {
        "the mean of each token's bits per character": mean_of_rates,
        "nats": in_nats,
        "product first: underflow in a long text": product_first,
    },
    "grow_cache": {
        "reads the old cache, without itself": reads_the_old_cache,
        "root of the number of positions": root_of_the_positions,
        "the newest in front": newest_in_front,
    },
    "blend": {
        "one strength for six orders": lambda: [20] * 6,
        "less help for longer contexts": lambda: [160, 80, 40, 20, 10, 5, 2, 1],
        "stops at triples": lambda: [10, 2, 5],
    },
    "shifted_windows": {
        "np.roll: the last target is the first number": rolled,
        "pieces of length + 1, a question lost between rows": pieces_one_longer,
        "a window at every place": at_every_place,
    },
    "one_merge": {
        "the last symbol is lost": last_symbol_lost,
        "replace in a text: halves of symbols match, too": by_replacing,
        "pairs overlap": overlapping,
    },
    "nucleus": {
        "stops before p is reached": stops_below_p,
        "left in sorted order": left_in_sorted_order,
        "one token more when p is reached exactly": one_more_at_exactly_p,
    },
}
RIGHT = {}
