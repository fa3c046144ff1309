"""Exercises of lesson 16, a GPT of your own."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected, call

# 1. Bits per character


def bits(probabilities, tokens):  # type: ignore[no-untyped-def]
    characters = sum(len(token) for token in tokens)
    return -np.sum(np.log2(probabilities)) / characters


def _lengths(tokens: Any) -> np.ndarray:
    return np.array([len(token) for token in tokens])


def _long_text() -> Case:
    generator = np.random.default_rng(16)
    words = [" the", " café", ",", " winter", "s", " of", " our", "\n"]
    tokens = [words[i] for i in generator.integers(0, len(words), 400)]
    return Case((generator.uniform(0.01, 0.3, 400), tokens), "a text of 400 tokens")


def _bits_of_product(p, tokens):  # type: ignore[no-untyped-def]
    with np.errstate(divide="ignore"):
        return -np.log2(np.prod(p)) / _lengths(tokens).sum()


bits_of_text = Exercise(
    name="bits_of_text",
    question="Return the bits per character of a text whose tokens had these probabilities.",
    reference=bits,
    cases=[
        Case((np.array([0.5, 0.25, 0.125]), ["to", " b", "e"])),
        Case((np.array([0.9, 0.05, 0.4, 0.2]), ["the", " ", "win", "ter\n"])),
        Case((np.array([0.01, 0.02]), [" discontent", "ed"])),
        _long_text(),
    ],
    explanation="However a text is cut, its cost is one sum, and its characters are as many: so "
    "models with different tokens can be compared.",
    hints=[
        "A token with probability 1/2 costs one bit, with 1/4 two, with 1/8 three: -np.log2(p).",
        "What does the whole text cost? Surprises add up.",
        "And how many characters has it? len(token) for each of the tokens, added up.",
    ],
    mistakes=[
        Mistake(
            "a token",
            lambda p, tokens: -np.mean(np.log2(p)),
            "these are bits per token. A token may hold several characters: divide the cost of "
            "the text by all its characters.",
        ),
        Mistake(
            "nats",
            lambda p, tokens: -np.sum(np.log(p)) / _lengths(tokens).sum(),
            "these are nats: np.log has base e. For bits take np.log2.",
        ),
        Mistake(
            "negative",
            lambda p, tokens: -bits(p, tokens),
            "a cost cannot be negative: logarithms of probabilities are, so turn the sign.",
        ),
        Mistake(
            "sum",
            lambda p, tokens: -np.sum(np.log2(p)),
            "that is the cost of the whole text. Divide it by the number of characters.",
        ),
        Mistake(
            "each token's own",
            lambda p, tokens: np.mean(-np.log2(p) / _lengths(tokens)),
            "you took the mean of each token's bits per character, so that a short token counts "
            "as much as a long one. Add up first, bits and characters, and divide then.",
        ),
        Mistake(
            "paid for each character",
            lambda p, tokens: np.average(-np.log2(p), weights=_lengths(tokens)),
            "you counted a token's cost once for each of its characters. It is paid once for all "
            "of them together.",
        ),
        Mistake(
            "blanks put in between",
            lambda p, tokens: -np.sum(np.log2(p)) / len(" ".join(tokens)),
            "you count a blank between every two tokens. Tokens bring their own blanks: add up "
            "len(token).",
        ),
        Mistake(
            "logarithm of the product",
            _bits_of_product,
            "right for short texts. The product of hundreds of probabilities is so small that it "
            "becomes 0, and its logarithm infinite: take logarithms first, and add them up.",
        ),
        Mistake(
            "nats of the product",
            lambda p, tokens: _bits_of_product(p, tokens) * np.log(2),
            "two things: for bits take np.log2; and take logarithms before you multiply, since the "
            "product of hundreds of probabilities becomes 0.",
        ),
        Mistake(
            "nats a token",
            lambda p, tokens: -np.mean(np.log(p)),
            "two things: np.log has base e, and bits need np.log2; and divide by the characters, "
            "not by the tokens.",
        ),
        Mistake(
            "nats in total",
            lambda p, tokens: -np.sum(np.log(p)),
            "two things: np.log has base e, and bits need np.log2; and the cost of the whole text "
            "is yet to be divided by its characters.",
        ),
        Mistake(
            "negative nats",
            lambda p, tokens: np.sum(np.log(p)) / _lengths(tokens).sum(),
            "two things: np.log has base e, and bits need np.log2; and a cost is positive, so turn "
            "the sign.",
        ),
        Mistake(
            "negative, a token",
            lambda p, tokens: np.mean(np.log2(p)),
            "two things: a cost is positive, so turn the sign; and divide by the characters, not "
            "by the tokens.",
        ),
        Mistake(
            "base 10",
            lambda p, tokens: -np.sum(np.log10(p)) / _lengths(tokens).sum(),
            "np.log10 counts decimal digits. For bits take np.log2.",
        ),
        Mistake(
            "what did not come",
            lambda p, tokens: -np.sum(np.log2(1 - p)) / _lengths(tokens).sum(),
            "you took the probability that each token does not come. The text has come: take p "
            "itself.",
        ),
        Mistake(
            "one number for each token",
            lambda p, tokens: -np.log2(p) / _lengths(tokens),
            "you return a number for each token. The whole text has one: add up bits and "
            "characters, and divide then.",
        ),
        Mistake(
            "bytes",
            lambda p, tokens: -np.sum(np.log2(p)) / len("".join(tokens).encode()),
            "these are bits per byte. A letter such as é is one character, and two bytes.",
        ),
        Mistake(
            "without blanks",
            lambda p, tokens: -np.sum(np.log2(p)) / len("".join("".join(tokens).split())),
            "you left out blanks and line ends. They are characters, too.",
        ),
        Mistake(
            "logarithm of the mean",
            lambda p, tokens: -np.log2(np.mean(p)) * len(p) / _lengths(tokens).sum(),
            "you took the mean first and the logarithm then. Surprise at one token is not made "
            "good by certainty about another: logarithm first.",
        ),
        Mistake(
            "perplexity",
            lambda p, tokens: 2 ** bits(p, tokens),
            "that is the perplexity, 2 to the power of what is asked for.",
        ),
        Mistake(
            "entropy",
            lambda p, tokens: -np.sum(p * np.log2(p)) / _lengths(tokens).sum(),
            "you weighted each logarithm by its probability, as in an entropy. Here every token "
            "of the text has come once: add them up as they are.",
        ),
        Mistake(
            "upside down",
            lambda p, tokens: 1 / bits(p, tokens),
            "these are characters per bit: your fraction is upside down.",
        ),
    ],
)

# 2. Inputs and targets


def shift(ids, length):  # type: ignore[no-untyped-def]
    count = (len(ids) - 1) // length
    inputs = ids[: count * length].reshape(count, length)
    targets = ids[1 : count * length + 1].reshape(count, length)
    return inputs, targets


def _cut(ids, length, ahead):  # type: ignore[no-untyped-def]
    count = (len(ids) - max(ahead, 1)) // length
    inputs = ids[: count * length].reshape(count, length)
    return inputs, ids[ahead : count * length + ahead].reshape(count, length)


def _behind(ids, length):  # type: ignore[no-untyped-def]
    inputs, targets = shift(ids, length)
    return targets, inputs


def _inside(ids, length):  # type: ignore[no-untyped-def]
    inputs, _ = shift(ids, length)
    return inputs[:, :-1], inputs[:, 1:]


def _rolled(ids, length):  # type: ignore[no-untyped-def]
    inputs, _ = shift(ids, length)
    return inputs, np.roll(inputs, -1, axis=1)


def _sliding(ids, length):  # type: ignore[no-untyped-def]
    places = np.arange(len(ids) - length)[:, np.newaxis] + np.arange(length)
    return ids[places], ids[places + 1]


def _first_for_last(ids, length):  # type: ignore[no-untyped-def]
    count = len(ids) // length
    inputs, targets = ids[: count * length], np.roll(ids, -1)[: count * length]
    return inputs.reshape(count, length), targets.reshape(count, length)


def _rows_and_one(ids, length):  # type: ignore[no-untyped-def]
    count = len(ids) // (length + 1)
    rows = ids[: count * (length + 1)].reshape(count, length + 1)
    return rows[:, :-1], rows[:, 1:]


def _down_the_columns(ids, length):  # type: ignore[no-untyped-def]
    inputs, targets = shift(ids, length)
    count = len(inputs)
    return inputs.reshape(length, count).T, targets.reshape(length, count).T


def _one_row_fewer(ids, length):  # type: ignore[no-untyped-def]
    end = (len(ids) // length - 1) * length
    return ids[:end].reshape(-1, length), ids[1 : end + 1].reshape(-1, length)


def _from_the_end(ids, length):  # type: ignore[no-untyped-def]
    return shift(ids[(len(ids) - 1) % length :], length)


def _last_row_dropped(ids, length):  # type: ignore[no-untyped-def]
    inputs, targets = shift(ids, length)
    return inputs[:-1], targets[:-1]


shifted_windows = Exercise(
    name="shifted_windows",
    question="Cut a text into rows of `length` inputs, and the targets that come next.",
    reference=shift,
    cases=[
        Case((np.arange(10, 23), 4), "13 tokens in rows of 4"),
        Case((np.arange(50, 59), 3), "9 tokens in rows of 3"),
        Case((np.arange(9) ** 2, 2), "9 tokens in rows of 2"),
    ],
    tolerance=0.0,
    explanation="A row of n inputs is n questions at once, thanks to the causal mask.",
    hints=[
        "How many whole rows are there? Each target needs one more token behind: "
        "(len(ids) - 1) // length.",
        "The inputs are the first count * length tokens, reshaped to (count, length).",
        "The targets are the same stretch, begun one token later: ids[1 : count * length + 1].",
    ],
    mistakes=[
        Mistake(
            "not shifted",
            lambda ids, length: _cut(ids, length, 0),
            "your targets are the inputs themselves. The model would learn to copy: begin the "
            "targets one token later.",
        ),
        Mistake(
            "two ahead",
            lambda ids, length: _cut(ids, length, 2),
            "your targets lie two tokens ahead. The next token is one ahead.",
        ),
        Mistake(
            "the wrong way round",
            _behind,
            "inputs and targets have changed places: this model would predict the past.",
        ),
        Mistake(
            "shifted inside the row",
            _inside,
            "you shifted inside each row, so that rows are one too short and every length-th "
            "target is lost. Shift the text before you cut it.",
        ),
        Mistake(
            "rolled",
            _rolled,
            "np.roll puts each row's first token behind its last one. The last target of a row "
            "is the first input of the next row.",
        ),
        Mistake(
            "sliding windows",
            _sliding,
            "your rows begin one token after each other, so that every token is asked for many "
            "times. A row begins where the one before ends.",
        ),
        Mistake(
            "first token for the last target",
            _first_for_last,
            "where the rows use up the whole text, the last target is its first token, which does "
            "not come next. That row has no last target: leave it out.",
        ),
        Mistake(
            "rows of one more",
            _rows_and_one,
            "you cut the text into rows of length + 1 first, so the step from one row to the next "
            "is never asked for. Shift the whole text before you cut it.",
        ),
        Mistake(
            "down the columns",
            _down_the_columns,
            "the text runs down your columns. Reshape to (count, length), without a transpose: it "
            "is read along the rows.",
        ),
        Mistake(
            "not cut",
            lambda ids, length: (ids[:-1], ids[1:]),
            "inputs and targets fit together, but are not cut into rows. Reshape both to "
            "(rows, length).",
        ),
        Mistake(
            "last target of each row alone",
            lambda ids, length: (shift(ids, length)[0], shift(ids, length)[1][:, -1]),
            "you have one target for each row. Every place of a row asks for what comes next: "
            "targets have the shape of the inputs.",
        ),
        Mistake(
            "always one row fewer",
            _one_row_fewer,
            "you always take one row fewer than the text holds. Only where its end falls on the "
            "end of a row is there no target for the last one.",
        ),
        Mistake(
            "from the end",
            _from_the_end,
            "you leave out tokens in front. What does not fill a row is left out at the end.",
        ),
        Mistake(
            "last row dropped",
            _last_row_dropped,
            "you leave out a row that has all its targets. (len(ids) - 1) // length rows fit.",
        ),
    ],
)

# 3. Top-p


def keep_most_likely(probabilities, p):  # type: ignore[no-untyped-def]
    order = np.argsort(-probabilities, kind="stable")
    total, kept = 0.0, np.zeros(len(probabilities))
    for token in order:
        kept[token] = probabilities[token]
        total += probabilities[token]
        if total >= p:
            break
    return kept / total


def _kept(probabilities, keep):  # type: ignore[no-untyped-def]
    kept = np.where(keep, probabilities, 0.0)
    return kept / max(kept.sum(), 1e-12)


def _sorted(probabilities, p):  # type: ignore[no-untyped-def]
    return np.sort(keep_most_likely(probabilities, p))[::-1]


def _nothing_kept(probabilities, p):  # type: ignore[no-untyped-def]
    kept = np.where(_before(probabilities) + probabilities <= p, probabilities, 0.0)
    with np.errstate(all="ignore"):
        return kept / kept.sum()


def _softmax_of_kept(probabilities, p):  # type: ignore[no-untyped-def]
    kept = np.where(_before(probabilities) < p, np.exp(probabilities), 0.0)
    return kept / kept.sum()


def _before(probabilities):  # type: ignore[no-untyped-def]
    """Return for each token the sum of those more likely than it."""
    order = np.argsort(-probabilities, kind="stable")
    sums = np.cumsum(probabilities[order]) - probabilities[order]
    before = np.empty(len(probabilities))
    before[order] = sums
    return before


nucleus = Exercise(
    name="nucleus",
    question="Keep the fewest most likely tokens that reach p together, and share out anew.",
    reference=keep_most_likely,
    cases=[
        Case((np.array([0.1, 0.45, 0.15, 0.3]), 0.7)),
        Case((np.array([0.05, 0.03, 0.9, 0.02]), 0.7)),
        Case((np.array([0.24, 0.26, 0.22, 0.28]), 0.6)),
        Case((np.array([0.0625, 0.5, 0.1875, 0.25]), 0.75)),
    ],
    explanation="A sure model keeps one token, an unsure one many: that is what top-k cannot do.",
    hints=[
        "Sort the tokens, the most likely first: np.argsort(-probabilities).",
        "Go down the list and add up; stop with the token that reaches p, and keep that one, too.",
        "At the end divide what is kept by its sum, so that it is a distribution again.",
    ],
    mistakes=[
        Mistake(
            "not shared out",
            lambda q, p: np.where(_before(q) < p, q, 0.0),
            "the right tokens are left, but they do not sum to one. Divide by their sum.",
        ),
        Mistake(
            "stopped too early",
            lambda q, p: _kept(q, _before(q) + q <= p),
            "you left out the token with which p is reached. Together the others stay below p, "
            "and a token more likely than p leaves nothing at all.",
        ),
        Mistake(
            "one too many",
            lambda q, p: _kept(q, np.isin(q, np.sort(q)[-1 - np.sum(_before(q) < p) :])),
            "you kept one token more than needed: stop as soon as the sum reaches p.",
        ),
        Mistake(
            "one too many at a tie",
            lambda q, p: _kept(q, _before(q) <= p),
            "right, but where the sum reaches p exactly you take one more. Reached is enough: stop "
            "at >=, not at >.",
        ),
        Mistake(
            "in sorted order",
            _sorted,
            "the right numbers, but sorted: the first place is the first token of the vocabulary, "
            "not the likeliest. Put each back where it came from.",
        ),
        Mistake(
            "softmax of what is kept",
            _softmax_of_kept,
            "you took exponentials of probabilities, which evens them out. They are no scores: "
            "divide what is kept by its sum.",
        ),
        Mistake(
            "stopped too early, but never empty",
            lambda q, p: _kept(q, (_before(q) + q <= p) | (q == q.max())),
            "you stop before p is reached, and only save the likeliest token. Keep the token with "
            "which the sum reaches p, too.",
        ),
        Mistake(
            "stopped before a tie",
            lambda q, p: _kept(q, _before(q) + q < p),
            "you leave out the token with which p is reached, even where it is reached exactly. "
            "Keep that one, too.",
        ),
        Mistake(
            "stopped too early, divided by nothing",
            _nothing_kept,
            "you leave out the token with which p is reached. Where the first one is enough, "
            "nothing is left, and zero by zero is NaN.",
        ),
        Mistake(
            "likeliest alone",
            lambda q, p: (q == q.max()).astype(float),
            "you kept the likeliest token alone. Keep as many as it takes to reach p together.",
        ),
        Mistake(
            "numbers of the tokens",
            lambda q, p: np.flatnonzero(keep_most_likely(q, p)),
            "you return which tokens are kept. Return a probability for each token of the "
            "vocabulary, 0 for the others.",
        ),
        Mistake(
            "others left out",
            lambda q, p: keep_most_likely(q, p)[keep_most_likely(q, p) > 0],
            "the others are gone, and with them the places of those that are kept. Return a "
            "probability for each token, 0 for the others.",
        ),
        Mistake(
            "larger than p",
            lambda q, p: _kept(q, q >= p),
            "you asked of each token alone whether it reaches p. Several may reach it together.",
        ),
        Mistake(
            "share of the likeliest",
            lambda q, p: _kept(q, q >= p * q.max()),
            "you compared each token with a share of the likeliest. Top-p adds them up, from the "
            "likeliest down.",
        ),
        Mistake(
            "compared one by one",
            lambda q, p: _kept(q, q >= 1 - p),
            "you compared each probability with a threshold. Top-p asks for the sum of the "
            "largest ones.",
        ),
        Mistake(
            "in the order of the alphabet",
            lambda q, p: _kept(q, np.cumsum(q) - q < p),
            "you added up in the order of the vocabulary. Sort by probability first.",
        ),
        Mistake(
            "the least likely",
            lambda q, p: _kept(q, 1 - _before(q) - q < p),
            "you began with the least likely token. np.argsort sorts upwards: take the negative.",
        ),
    ],
)

# 4. One merge


def merge(symbols, pair):  # type: ignore[no-untyped-def]
    merged, place = [], 0
    while place < len(symbols):
        if tuple(symbols[place : place + 2]) == tuple(pair):
            merged.append(symbols[place] + symbols[place + 1])
            place += 2
        else:
            merged.append(symbols[place])
            place += 1
    return merged


def _every_place(symbols, pair):  # type: ignore[no-untyped-def]
    ahead = [*list(symbols)[1:], ""]
    return [a + b if (a, b) == tuple(pair) else a for a, b in zip(symbols, ahead, strict=True)]


def _first_only(symbols, pair):  # type: ignore[no-untyped-def]
    for place in range(len(symbols) - 1):
        if tuple(symbols[place : place + 2]) == tuple(pair):
            return [*symbols[:place], "".join(pair), *symbols[place + 2 :]]
    return list(symbols)


def _by_text(symbols, pair):  # type: ignore[no-untyped-def]
    joined, merged = "".join(pair), []
    for number, part in enumerate("".join(symbols).split(joined)):
        merged += ([joined] if number else []) + list(part)
    return merged


def _middle_twice(symbols, pair):  # type: ignore[no-untyped-def]
    merged, skip = [], False
    for symbol, after in zip(symbols, [*list(symbols)[1:], None], strict=True):
        if (symbol, after) == tuple(pair):
            merged.append(symbol + after)
            skip = True
        elif skip:
            skip = False
        else:
            merged.append(symbol)
    return merged


def _marked(symbols, pair):  # type: ignore[no-untyped-def]
    """Return the merged symbols, each with whether it is a new one."""
    marked, place = [], 0
    while place < len(symbols):
        new = tuple(symbols[place : place + 2]) == tuple(pair)
        marked.append(("".join(pair) if new else symbols[place], new))
        place += 2 if new else 1
    return marked


def _either_order(symbols, pair):  # type: ignore[no-untyped-def]
    merged, place = [], 0
    while place < len(symbols):
        two = tuple(symbols[place : place + 2])
        new = two in (tuple(pair), tuple(pair)[::-1])
        merged.append("".join(two) if new else symbols[place])
        place += 2 if new else 1
    return merged


def _text_with_blanks(symbols, pair):  # type: ignore[no-untyped-def]
    return " ".join(symbols).replace(" ".join(pair), "".join(pair)).split(" ")


def _last_lost(symbols, pair):  # type: ignore[no-untyped-def]
    merged, place = [], 0
    while place < len(symbols) - 1:
        together = tuple(symbols[place : place + 2]) == tuple(pair)
        merged.append("".join(pair) if together else symbols[place])
        place += 2 if together else 1
    return merged


one_merge = Exercise(
    name="one_merge",
    question="Make every occurrence of a pair one symbol, from left to right.",
    reference=merge,
    cases=[
        Case((["b", "a", "n", "a", "n", "a"], ("a", "n"))),
        Case((["a", "a", "a", "b"], ("a", "a"))),
        Case((["th", "e", "t", "he", "th", "e"], ("th", "e"))),
        Case((["n", "a", "ba", "n", "a", "n"], ("a", "n"))),
    ],
    explanation="Learning is counting pairs and doing this, over and over.",
    hints=[
        "Walk along with a place of your own: it moves on by two after a merge, by one otherwise.",
        "Compare two neighbours with the pair: (symbols[place], symbols[place + 1]) == pair.",
        "At the last symbol there is no neighbour; keep it as it is.",
    ],
    mistakes=[
        Mistake(
            "the second one stays",
            _every_place,
            "the second symbol of a merged pair is still there. After a merge move on by two.",
        ),
        Mistake(
            "first one only",
            _first_only,
            "you merged the first occurrence only. The pair may come again.",
        ),
        Mistake(
            "as text",
            _by_text,
            "you joined the symbols into a text and cut it again. The borders that earlier merges "
            "made are lost: t + he is not th + e.",
        ),
        Mistake(
            "middle one twice",
            _middle_twice,
            "of three equal symbols in a row you use the middle one twice. After a merge go on "
            "behind both of its symbols.",
        ),
        Mistake(
            "as text with blanks",
            _text_with_blanks,
            "in a text with blanks the end of a longer symbol looks like a symbol: ba n holds a n. "
            "Compare whole symbols, two at a time.",
        ),
        Mistake(
            "last symbol lost",
            _last_lost,
            "the last symbol is lost where no merge takes it in. It has no neighbour behind it, "
            "and is kept as it is.",
        ),
        Mistake(
            "either order",
            _either_order,
            "you merge the pair turned round as well. (a, n) and (n, a) are two pairs.",
        ),
        Mistake(
            "second symbol dropped",
            lambda symbols, pair: [pair[0] if new else one for one, new in _marked(symbols, pair)],
            "the places are right, but the second symbol of the pair is gone. The new symbol is "
            "both, one behind the other.",
        ),
        Mistake(
            "kept as a pair",
            lambda symbols, pair: [
                tuple(pair) if new else one for one, new in _marked(symbols, pair)
            ],
            "what you merged is still a pair. The new symbol is one text: pair[0] + pair[1].",
        ),
        Mistake(
            "blank in between",
            lambda symbols, pair: [
                " ".join(pair) if new else one for one, new in _marked(symbols, pair)
            ],
            "you put a blank into the new symbol. Its two parts stand side by side.",
        ),
        Mistake(
            "from the right",
            lambda symbols, pair: (
                [one[::-1] for one in merge([s[::-1] for s in symbols[::-1]], tuple(pair)[::-1])][
                    ::-1
                ]
                if len(set(pair)) == 1
                else merge(symbols, pair)
            ),
            "you merged from the right. With three equal symbols in a row the order matters: "
            "begin on the left.",
        ),
        Mistake(
            "put together again",
            lambda symbols, pair: "".join(symbols),
            "you returned one text. A list of symbols is asked for.",
        ),
    ],
)

# 5. The cache


def attend_one(query, key, value, keys, values):  # type: ignore[no-untyped-def]
    keys = np.concatenate([keys, key[np.newaxis]])
    values = np.concatenate([values, value[np.newaxis]])
    scores = keys @ query / np.sqrt(len(query))
    weights = np.exp(scores - scores.max())
    return weights / weights.sum() @ values, keys, values


def _attend(  # type: ignore[no-untyped-def]
    query,
    key,
    value,
    keys,
    values,
    *,
    root=lambda positions, features: np.sqrt(features),
    itself=True,
    front=False,
    of_keys=False,
    largest=True,
):
    order = (lambda past, new: [new, past]) if front else (lambda past, new: [past, new])
    all_keys = np.concatenate(order(keys, key[np.newaxis]))
    all_values = np.concatenate(order(values, value[np.newaxis]))
    seen_keys, seen_values = (all_keys, all_values) if itself else (keys, values)
    scores = seen_keys @ query / root(len(all_keys), len(query))
    with np.errstate(all="ignore"):
        weights = np.exp(scores - (scores.max() if largest else 0.0))
        read = seen_keys if of_keys else seen_values
        return weights / weights.sum() @ read, all_keys, all_values


def _either_softmax(
    name: str, hint: str, give: Callable[..., Any] = lambda *three: three, **how: Any
) -> list[Mistake]:
    """Return a mistake twice: its softmax bears large scores, or does not."""

    def answer(largest: bool) -> Callable[..., Any]:
        return lambda *given: give(*_attend(*given, largest=largest, **how))

    both = (
        f"two things. {hint[0].upper()}{hint[1:]} And take the largest score off before the "
        "exponentials: large ones run over to infinity here."
    )
    return [
        Mistake(name, answer(True), hint),
        Mistake(f"{name}, and overflow", answer(False), both),
    ]


def _cache_case(seed: int, past: int, size: int) -> Case:
    generator = np.random.default_rng(seed)
    arguments = (*generator.normal(size=(3, size)), *generator.normal(size=(2, past, size)))
    return Case(arguments, f"{past} positions in the cache, {size} features")


def _otherwise(what: Callable[..., Any]) -> Callable[..., Any]:
    """Return an answer that makes something else of weights, new keys and values."""

    def answer(query, key, value, keys, values):  # type: ignore[no-untyped-def]
        keys, values = np.vstack([keys, key]), np.vstack([values, value])
        scores = keys @ query / np.sqrt(len(query))
        weights = np.exp(scores - scores.max())
        return what(scores, weights, keys, values)

    return answer


grow_cache = Exercise(
    name="grow_cache",
    question="Return what a new position reads with the help of a cache, and the longer cache.",
    reference=attend_one,
    cases=[
        _cache_case(1, 3, 2),
        _cache_case(2, 1, 4),
        _cache_case(3, 6, 5),
        # Numbers with few binary digits, so that float32 makes the same scores of them.
        Case(
            (
                np.array([64.0, -32.0, 16.0, 8.0]),
                np.array([48.0, 0.0, 0.9375, 0.0]),
                np.array([1.0, -2.0, 0.5, 0.25]),
                np.array([[48.0, 0.0, 1.0, 0.0], [48.0, -0.0625, 1.0, 0.0]]),
                np.array([[0.3, 0.8, -1.0, 0.6], [2.0, -0.4, 0.1, -1.5]]),
            ),
            "scores that go beyond 1000",
        ),
    ],
    explanation="One query, and n keys: the work of one row instead of the whole table.",
    hints=[
        "First put the new key and the new value behind the old ones: np.concatenate, with "
        "key[np.newaxis] as a row.",
        "Then the query meets all keys: keys @ query, divided by the root of the features.",
        "Softmax, and the mean of all values with these weights. Return output, keys, values.",
    ],
    mistakes=[
        Mistake(
            "overflow",
            lambda *given: _attend(*given, largest=False),
            "right for small scores. The exponential of a large one is infinite, and infinity by "
            "infinity is NaN: take the largest score off all of them first.",
        ),
        *_either_softmax(
            "without itself",
            "the new position read the old ones only. A token may look at itself: put key and "
            "value into the cache first.",
            itself=False,
        ),
        *_either_softmax(
            "cache not grown",
            "the output is as it should be, but you returned the old cache. The next position "
            "will miss this one.",
            give=lambda output, keys, values: (output, keys[:-1], values[:-1]),
        ),
        *_either_softmax(
            "put in front",
            "the new key stands in front. The output is the same, but the rows of the cache are "
            "positions, and the new one comes last.",
            front=True,
        ),
        *_either_softmax(
            "no root",
            "the root is missing: divide the scores by np.sqrt(len(query)).",
            root=lambda positions, features: 1.0,
        ),
        *_either_softmax(
            "divided by the features",
            "you divided the scores by the number of features. Take its root.",
            root=lambda positions, features: features,
        ),
        *_either_softmax(
            "root of the positions",
            "you divided the scores by the root of the number of positions. It is the number of "
            "features, len(query), whose root belongs there.",
            root=lambda positions, features: np.sqrt(positions),
        ),
        *_either_softmax(
            "root of the old positions",
            "you divided the scores by the root of the number of positions that were in the cache. "
            "It is the number of features, len(query), whose root belongs there.",
            root=lambda positions, features: np.sqrt(positions - 1),
        ),
        *_either_softmax(
            "output only",
            "you returned the output alone. Return three things: output, keys, values.",
            give=lambda output, keys, values: output,
        ),
        *_either_softmax(
            "output last",
            "your output stands last. Return it first, then the keys and the values.",
            give=lambda output, keys, values: (keys, values, output),
        ),
        *_either_softmax(
            "keys and values exchanged",
            "in what you return the keys and the values have changed places: output, keys, values.",
            give=lambda output, keys, values: (output, values, keys),
        ),
        Mistake(
            "values not grown",
            _otherwise(lambda s, w, keys, values: (w / w.sum() @ values, keys, values[:-1])),
            "the keys have grown and the values have not. The next position needs both.",
        ),
        Mistake(
            "no softmax",
            _otherwise(lambda s, w, keys, values: (s @ values, keys, values)),
            "you weighted the values with the scores. A softmax makes weights of them.",
        ),
        Mistake(
            "not normalised",
            _otherwise(lambda s, w, keys, values: (w @ values, keys, values)),
            "your weights do not sum to one. Divide the exponentials by their sum.",
        ),
        Mistake(
            "the weights",
            _otherwise(lambda s, w, keys, values: (w / w.sum(), keys, values)),
            "you return the weights. The output is the mean of the values with these weights.",
        ),
        Mistake(
            "plain mean",
            _otherwise(lambda s, w, keys, values: (values.mean(axis=0), keys, values)),
            "your output is the plain mean of the values. The query and the keys say how much each "
            "of them counts.",
        ),
        Mistake(
            "key for query",
            lambda q, k, v, keys, values: _attend(k, k, v, keys, values),
            "you compare the new key with the keys. It is the query that asks.",
        ),
        *_either_softmax(
            "mean of the keys",
            "your output is a mean of the keys. They only say how much each position counts; what "
            "is read there is its value.",
            of_keys=True,
        ),
    ],
)

# 6. Open-ended: how much to trust the counts

LEARNED, HELD_OUT, LONGEST = 300_000, 60_000, 8
BITS_WANTED = 2.745


@lru_cache(maxsize=2)
def counted(part: str) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Return what n-grams of 300,000 characters say about 60,000 other ones.

    Args:
        part: "practice", to try strengths on, or "judge".

    Returns:
        For n = 1 to 8, how often each n-gram was seen and how often its first
        n - 1 characters, both of shape (60000 - n + 1,).

    Raises:
        ValueError: when `part` is neither.
    """
    from course_lib import datasets

    titles = {"practice": "Richard II", "judge": "Measure for Measure"}
    if part not in titles:
        raise ValueError(f"counted: part should be practice or judge, but is {part!r}.")
    plays = datasets.shakespeare()
    text = plays[titles[part]][:HELD_OUT]
    learned = (plays["Coriolanus"] + plays["Romeo and Juliet"])[:LEARNED]
    result = []
    known, asked = (np.array([ord(sign) for sign in part]) for part in (learned, text))
    # Each n-gram has a number, made of that of its first n - 1 characters and of its last one:
    # counting numbers takes a tenth of the time that counting texts does.
    contexts = np.zeros(len(known), int), np.zeros(len(asked), int)
    for n in range(1, LONGEST + 1):
        past, now = (one[: len(one) - (n > 1)] for one in contexts)
        pairs = np.concatenate([past * 2**20 + known[n - 1 :], now * 2**20 + asked[n - 1 :]])
        names, numbers = np.unique(pairs, return_inverse=True)
        grams = numbers[: len(past)], numbers[len(past) :]
        seen = np.bincount(grams[0], minlength=len(names))[grams[1]]
        total = np.bincount(past, minlength=max(past.max(), now.max()) + 1)[now]
        result.append((seen, total))
        contexts = grams
    return tuple(result)


def blended_bits(strengths: Any, part: str = "practice") -> float:
    """Return bits per character of a blend with one strength for each order.

    Args:
        strengths: for n = 1, 2, ..., at most 8, each above 0.
        part: as in `counted`.
    """
    probabilities = np.full(HELD_OUT, 1 / 77)
    for n, (strength, (seen, total)) in enumerate(
        zip(strengths, counted(part), strict=False), start=1
    ):
        before = probabilities[n - 1 :]
        probabilities[n - 1 :] = (seen + strength * before) / (total + strength)
    return float(-np.mean(np.log2(probabilities)))


def choose_strengths():  # type: ignore[no-untyped-def]
    best = [10.0]
    for _ in range(2, 9):
        # A longer context was seen less often; trust it as far as practice says.
        trials = [[*best, strength] for strength in (2, 5, 10, 20, 40, 80, 160, 320)]
        best = min(trials, key=blended_bits)
    return best


def _strengths(answer: Any) -> list[float]:
    result = call(answer, Case((), "no arguments"))
    try:
        values = np.asarray(result)
        fits = values.ndim == 1 and values.dtype.kind in "iuf" and 1 <= len(values) <= LONGEST
        fits = fits and bool(np.isfinite(values).all())
    except (TypeError, ValueError) as error:
        raise Rejected("return a list of numbers, one strength for each order n.") from error
    if not fits:
        raise Rejected(
            f"return a list of 1 to {LONGEST} numbers: the strengths for n = 1, 2, 3 and so on."
        )
    if not (values > 0).all():
        raise Rejected(
            "every strength should be above 0: without any, one pair of characters that was "
            "never counted makes the whole text impossible, and its cost infinite."
        )
    return [float(value) for value in values]


def _judge_strengths(answer: Any) -> str:
    strengths = _strengths(answer)
    found = blended_bits(strengths, "judge")
    if found <= BITS_WANTED:
        return ""
    result = f"on a play you have not seen: {found:.3f} bits per character."
    if len(strengths) > 1 and abs(sum(strengths) - 1) < 1e-6:
        return (
            f"{result} Your strengths add up to 1, and they are no shares: strength s lets the "
            "forecast of the shorter context count like s characters that were seen. Try numbers "
            "from 2 to 320: the larger one is, the less the longer context is trusted."
        )
    if len(strengths) < 4:
        return f"{result} You stopped at n = {len(strengths)}: longer contexts know more."
    fewer = [blended_bits(strengths[:n], "judge") for n in range(1, len(strengths) + 1)]
    if min(fewer) < found - 0.02:
        return (
            f"{result} With the first {1 + int(np.argmin(fewer))} of your strengths alone it would "
            "be better: the longest contexts are trusted too much. Give them larger strengths."
        )
    if fewer[3] > 3.5:
        return (
            f"{result} Your short contexts are hardly trusted: characters and pairs were counted "
            "so often that a small strength will do."
        )
    if len(set(strengths)) == 1:
        return (
            f"{result} All your strengths are {strengths[0]:g}, and no single one gets there. "
            f"{_next_step(strengths)}Let each order have its own: begin with one order, try "
            "several strengths for the next with exercises.blended_bits, keep the best, and go on."
        )
    return (
        f"{result} {_next_step(strengths)}Try several strengths for each order, one order after "
        "the other, with exercises.blended_bits."
    )


def _next_step(strengths: list[float]) -> str:
    """Say which one change helps most on the practice play, if any does."""
    trials = {}
    for n, strength in enumerate(strengths):
        for way, factors in (("larger", (3.0, 30.0)), ("smaller", (1 / 3, 1 / 30))):
            others = [[*strengths[:n], strength * one, *strengths[n + 1 :]] for one in factors]
            trials[f"a {way} strength for n = {n + 1}"] = min(map(blended_bits, others))
    if len(strengths) < LONGEST:
        more = [*strengths, 2 * strengths[-1]]
        trials[f"a strength for n = {len(more)}, too,"] = blended_bits(more)
    best = min(trials, key=lambda change: trials[change])
    if trials[best] > blended_bits(strengths) - 0.001:
        return ""
    return f"On the practice play {best} would help most. "


blend = Exercise(
    name="blend",
    question="Choose a strength for each order so that a blend of n-grams predicts an unseen play.",
    reference=choose_strengths,
    accept=_judge_strengths,
    seconds=60.0,
    explanation="Pairs and triples were counted so often that their strength hardly matters. "
    "From there on, the longer the context, the rarer it is, and the more help it needs.",
    hints=[
        "exercises.blended_bits([10, 10, 10]) gives the bits per character on a practice play.",
        "Begin with one order. Add the next with several strengths, and keep the best.",
        "Try 2 to 320 for each order. The best ones need not rise from order to order.",
    ],
    mistakes=[
        Mistake("too short", lambda: [1.0, 2.0, 5.0], "You stopped at n = 3"),
        Mistake("shares", lambda: [0.1, 0.1, 0.2, 0.2, 0.4], "they are no shares"),
        Mistake("one for all", lambda: [50.0] * 8, "and no single one gets there"),
        Mistake("all alike and small", lambda: [2.0] * 8, "trusted too much"),
        Mistake("nothing is trusted", lambda: [1e6] * 8, "hardly trusted"),
        Mistake("not quite", lambda: [5.0, 5.0, 8.0, 8.0, 9.0], "one order after the other"),
        Mistake("too many", lambda: [10.0] * 9, "return a list of 1 to 8 numbers"),
        Mistake("no strength", lambda: [0.0] * 5, "its cost infinite"),
    ],
)
