"""Answers to the exercises of lesson 16, written without sight of what the checks know."""

import itertools
import math

import numpy as np


# 1. bits_of_text
def bits_each_token_by_its_length(probabilities, tokens):
    lengths = np.array([len(token) for token in tokens])
    return np.mean(-np.log2(probabilities) / lengths)


def bits_of_underflowing_product(probabilities, tokens):
    # fine for a sentence, infinite for a chapter
    return -np.log2(np.prod(probabilities)) / sum(len(token) for token in tokens)


def bits_by_math(probabilities, tokens):
    return math.fsum(-math.log2(p) for p in probabilities) / len("".join(tokens))


def bits_from_nats(probabilities, tokens):
    nats = -np.mean(np.log(np.asarray(probabilities, dtype=float)))
    return np.array([nats / np.log(2) / np.mean([len(token) for token in tokens])])


# 2. grow_cache
def cache_read_before_growing(query, key, value, keys, values):
    weights = np.exp(keys @ query / np.sqrt(len(query)))
    output = weights / weights.sum() @ values
    return output, np.concatenate([keys, [key]]), np.concatenate([values, [value]])


def cache_new_in_front(query, key, value, keys, values):
    keys, values = np.concatenate([[key], keys]), np.concatenate([[value], values])
    scores = keys @ query / np.sqrt(len(query))
    weights = np.exp(scores - scores.max())
    return weights / weights.sum() @ values, keys, values


def cache_without_root(query, key, value, keys, values):
    keys, values = np.vstack([keys, key]), np.vstack([values, value])
    scores = keys @ query
    weights = np.exp(scores - scores.max())
    return weights / weights.sum() @ values, keys, values


def cache_overflowing(query, key, value, keys, values):
    keys, values = np.vstack([keys, key]), np.vstack([values, value])
    weights = np.exp(keys @ query / np.sqrt(len(query)))
    return weights / weights.sum() @ values, keys, values


def cache_output_last(query, key, value, keys, values):
    keys, values = np.vstack([keys, key]), np.vstack([values, value])
    scores = keys @ query / np.sqrt(len(query))
    weights = np.exp(scores - scores.max())
    return keys, values, weights / weights.sum() @ values


def cache_by_einsum(query, key, value, keys, values):
    keys = np.append(keys, key[None, :], axis=0)
    values = np.append(values, value[None, :], axis=0)
    scores = np.einsum("d,nd->n", query, keys) * query.size**-0.5
    weights = np.exp(scores - np.logaddexp.reduce(scores))
    return np.einsum("n,nd->d", weights, values), keys, values


def cache_by_loops(query, key, value, keys, values):
    all_keys, all_values = [*keys, key], [*values, value]
    scores = [float(sum(q * k for q, k in zip(query, one, strict=False))) for one in all_keys]
    scores = [score / math.sqrt(len(query)) for score in scores]
    top, output, total = max(scores), np.zeros(len(value)), 0.0
    for score, one in zip(scores, all_values, strict=False):
        weight = math.exp(score - top)
        output = output + weight * np.asarray(one)
        total += weight
    return output / total, np.array(all_keys), np.array(all_values)


# 3. blend
def practice_bits(strengths):
    """Bits of a practice play by the notebook's exercises; None outside the notebook."""
    here = globals()
    if "exercises" in here:
        return here["exercises"].blended_bits(strengths)
    return here["blended_bits"](strengths) if "blended_bits" in here else None


def blend_tuned_one_after_the_other():
    best = [10.0, 20.0, 20.0, 20.0, 40.0, 80.0, 160.0, 320.0]
    if practice_bits(best) is not None:
        for place in range(7, -1, -1):
            trials = [
                [*best[:place], best[place] * factor, *best[place + 1 :]]
                for factor in (1.0, 0.25, 0.5, 2.0, 4.0)
            ]
            best = min(trials, key=practice_bits)
    return best


def blend_growing_by_a_factor():
    # two numbers only: where the growth begins, and by how much an order
    orders = np.maximum(np.arange(1, 9) - 3, 0)
    best = 10 * 2.0**orders
    if practice_bits([10.0]) is not None:
        trials = [a * g**orders for a in (5, 10, 20, 40) for g in (1.0, 1.25, 1.5, 2.0)]
        best = min(trials, key=lambda strengths: practice_bits(strengths.tolist()))
    return best


# 4. shifted_windows
def windows_sliding(ids, length):
    count = len(ids) - length
    inputs = [ids[i : i + length] for i in range(count)]
    targets = [ids[i + 1 : i + 1 + length] for i in range(count)]
    return np.array(inputs).reshape(-1, length), np.array(targets).reshape(-1, length)


def windows_last_target_from_the_front(ids, length):
    count = len(ids) // length
    inputs = ids[: count * length].reshape(count, length)
    targets = np.roll(ids, -1)[: count * length].reshape(count, length)
    return inputs, targets


def windows_one_lost_between_rows(ids, length):
    count = len(ids) // (length + 1)
    rows = ids[: count * (length + 1)].reshape(count, length + 1)
    return rows[:, :-1], rows[:, 1:]


def windows_targets_before(ids, length):
    count = (len(ids) - 1) // length
    inputs = ids[1 : count * length + 1].reshape(count, length)
    targets = ids[: count * length].reshape(count, length)
    return inputs, targets


def windows_read_down_the_columns(ids, length):
    count = (len(ids) - 1) // length
    inputs = ids[: count * length].reshape(length, count).T
    targets = ids[1 : count * length + 1].reshape(length, count).T
    return inputs, targets


def windows_by_places(ids, length):
    count = max(len(ids) - 1, 0) // length
    places = np.arange(count)[:, None] * length + np.arange(length)
    return ids[places], ids[places + 1]


def windows_row_by_row(ids, length):
    inputs, targets, start = [], [], 0
    while start + length < len(ids):
        inputs.append(ids[start : start + length])
        targets.append(ids[start + 1 : start + length + 1])
        start += length
    shape = (len(inputs), length)
    return [np.array(rows, dtype=ids.dtype).reshape(shape) for rows in (inputs, targets)]


# 5. one_merge
def merge_overlapping(symbols, pair):
    merged, skip = [], False
    for place, symbol in enumerate(symbols):
        following = symbols[place + 1] if place + 1 < len(symbols) else None
        if (symbol, following) == tuple(pair):
            merged.append(symbol + following)
            skip = True
        elif skip:
            skip = False
        else:
            merged.append(symbol)
    return merged


def merge_first_only(symbols, pair):
    for place in range(len(symbols) - 1):
        if (symbols[place], symbols[place + 1]) == tuple(pair):
            return [*symbols[:place], "".join(pair), *symbols[place + 2 :]]
    return list(symbols)


def merge_by_text_replace(symbols, pair):
    return " ".join(symbols).replace(" ".join(pair), "".join(pair)).split(" ")


def merge_changes_its_input(symbols, pair):
    place = 0
    while place < len(symbols) - 1:
        if (symbols[place], symbols[place + 1]) == tuple(pair):
            symbols[place : place + 2] = ["".join(pair)]
        place += 1
    return symbols


def merge_last_symbol_lost(symbols, pair):
    merged, place = [], 0
    while place < len(symbols) - 1:
        if (symbols[place], symbols[place + 1]) == tuple(pair):
            merged.append("".join(pair))
            place += 2
        else:
            merged.append(symbols[place])
            place += 1
    return merged


def merge_looking_back(symbols, pair):
    first, second = pair
    merged, free = [], False  # free: the last symbol has not been merged just now
    for symbol in symbols:
        if free and merged[-1] == first and symbol == second:
            merged[-1] = first + second
            free = False
        else:
            merged.append(symbol)
            free = True
    return merged


def merge_by_generator(symbols, pair):
    def go():
        left = iter([*symbols, None])
        held = next(left)
        for symbol in left:
            if symbol is not None and held is not None and (held, symbol) == tuple(pair):
                yield held + symbol
                held = None
            else:
                if held is not None:
                    yield held
                held = symbol

    return list(go())


# 6. nucleus
def nucleus_without_the_one_that_reaches(probabilities, p):
    order = np.argsort(-probabilities, kind="stable")
    keep = order[np.cumsum(probabilities[order]) <= p]
    kept = np.zeros(len(probabilities))
    kept[keep] = probabilities[keep]
    return kept / max(kept.sum(), 1e-12)


def nucleus_not_shared_out(probabilities, p):
    order = np.argsort(-probabilities, kind="stable")
    count = np.searchsorted(np.cumsum(probabilities[order]), p) + 1
    kept = np.zeros(len(probabilities))
    kept[order[:count]] = probabilities[order[:count]]
    return kept


def nucleus_in_sorted_order(probabilities, p):
    ordered = np.sort(probabilities)[::-1]
    count = np.searchsorted(np.cumsum(ordered), p) + 1
    kept = np.where(np.arange(len(ordered)) < count, ordered, 0.0)
    return kept / kept.sum()


def nucleus_one_too_many_when_exact(probabilities, p):
    order = np.argsort(-probabilities, kind="stable")
    count = np.searchsorted(np.cumsum(probabilities[order]), p, side="right") + 1
    kept = np.zeros(len(probabilities))
    kept[order[:count]] = probabilities[order[:count]]
    return kept / kept.sum()


def nucleus_changes_its_input(probabilities, p):
    order = np.argsort(-probabilities, kind="stable")
    count = np.searchsorted(np.cumsum(probabilities[order]), p) + 1
    probabilities[order[count:]] = 0
    probabilities /= probabilities.sum()
    return probabilities


def nucleus_by_searchsorted(probabilities, p):
    order = np.argsort(-probabilities, kind="stable")
    count = np.searchsorted(np.cumsum(probabilities[order]), p) + 1
    keep = np.isin(np.arange(len(probabilities)), order[:count])
    kept = np.where(keep, probabilities, 0.0)
    return kept / kept.sum()


def nucleus_plain_python(probabilities, p):
    left = sorted(range(len(probabilities)), key=lambda i: (-probabilities[i], i))
    totals = itertools.accumulate(float(probabilities[i]) for i in left)
    keep = set()
    for i, total in zip(left, totals, strict=False):
        keep.add(i)
        if total >= p:
            break
    return [float(q) / total if i in keep else 0.0 for i, q in enumerate(probabilities)]


WRONG = {
    "bits_of_text": {
        "bits per token": lambda probabilities, tokens: -np.mean(np.log2(probabilities)),
        "nats instead of bits": lambda probabilities, tokens: (
            -np.sum(np.log(probabilities)) / sum(len(token) for token in tokens)
        ),
        "mean of each token's bits per character": bits_each_token_by_its_length,
        "log of the product, infinite for long texts": bits_of_underflowing_product,
        "tokens joined with spaces, which count as characters": lambda probabilities, tokens: (
            -np.sum(np.log2(probabilities)) / len(" ".join(tokens))
        ),
    },
    "grow_cache": {
        "reads the old cache only, then grows it": cache_read_before_growing,
        "new key and value in front": cache_new_in_front,
        "no division by the root": cache_without_root,
        "overflows for large scores": cache_overflowing,
        "output returned last": cache_output_last,
    },
    "blend": {
        "three orders only": lambda: [10, 10, 10],
        "one strength for all orders": lambda: [10] * 8,
        "strengths the wrong way round, falling": lambda: [320, 160, 80, 40, 20, 10, 5, 2],
        "hardly any help for long contexts": lambda: [0.1] * 8,
        "strengths taken for shares that sum to 1": lambda: [
            *(0.05, 0.05, 0.1, 0.1, 0.15, 0.15, 0.2, 0.2),
        ],
        "two numbers tuned, growing by a factor, an array": blend_growing_by_a_factor,
    },
    "shifted_windows": {
        "sliding windows, one step apart": windows_sliding,
        "last target wraps to the first number": windows_last_target_from_the_front,
        "chunks of length + 1, so one question a row is lost": windows_one_lost_between_rows,
        "inputs and targets exchanged": windows_targets_before,
        "reshaped the other way and transposed": windows_read_down_the_columns,
    },
    "one_merge": {
        "overlapping occurrences merged twice (a a a)": merge_overlapping,
        "first occurrence only": merge_first_only,
        "text replace, hits ends of longer symbols": merge_by_text_replace,
        "right result, but changes the caller's list": merge_changes_its_input,
        "last symbol lost when it is not merged": merge_last_symbol_lost,
    },
    "nucleus": {
        "drops the token that reaches p": nucleus_without_the_one_that_reaches,
        "not shared out anew": nucleus_not_shared_out,
        "returned in sorted order": nucleus_in_sorted_order,
        "one token too many when p is reached exactly": nucleus_one_too_many_when_exact,
        "right values, but changes its input": nucleus_changes_its_input,
    },
}
RIGHT = {
    "bits_of_text": {
        "math.log2 and the joined text": bits_by_math,
        "mean nats over mean length, one-element array": bits_from_nats,
    },
    "grow_cache": {
        "np.append, einsum, log-sum-exp": cache_by_einsum,
        "loops over lists": cache_by_loops,
    },
    "blend": {
        "tuned from the longest context to the shortest": blend_tuned_one_after_the_other,
    },
    "shifted_windows": {
        "fancy indexing with a table of places": windows_by_places,
        "row by row, returns a list of two": windows_row_by_row,
    },
    "one_merge": {
        "looks back at the last symbol": merge_looking_back,
        "generator that holds one symbol": merge_by_generator,
    },
    "nucleus": {
        "cumsum and searchsorted": nucleus_by_searchsorted,
        "plain Python with accumulate, returns a list": nucleus_plain_python,
    },
}
