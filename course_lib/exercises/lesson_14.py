"""Exercises of lesson 14, attention."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected, call
from course_lib.scratch.attention import scaled_dot_product_attention, sinusoidal_positions

# 1. The weights of one query


def weights_of_query(query, keys):  # type: ignore[no-untyped-def]
    scores = keys @ query / np.sqrt(len(query))
    exponentials = np.exp(scores - scores.max())
    return exponentials / exponentials.sum()


def _softmax(scores: np.ndarray) -> np.ndarray:
    exponentials = np.exp(scores - scores.max())
    return exponentials / exponentials.sum()


def _softmax_without_maximum(scores: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.exp(scores) / np.exp(scores).sum()


def _scaled(name: str, scale: Callable[..., float], hint: str) -> list[Mistake]:
    """Return the mistake of scaling scores otherwise, with either way to take a softmax."""

    def answer(softmax: Callable[[np.ndarray], np.ndarray]) -> Callable[..., np.ndarray]:
        return lambda query, keys: softmax(keys @ query * scale(query, keys))

    both = (
        f"two things. {hint[0].upper()}{hint[1:]} And take the largest score off before the "
        "exponentials: large ones run over to infinity here."
    )
    return [
        Mistake(name, answer(_softmax), hint),
        Mistake(f"{name}, and overflow", answer(_softmax_without_maximum), both),
    ]


def _cosines(query, keys):  # type: ignore[no-untyped-def]
    return _softmax(keys @ query / np.linalg.norm(query) / np.linalg.norm(keys, axis=1))


def _query_case(seed: int, keys: int, features: int) -> Case:
    generator = np.random.default_rng(seed)
    arguments = (generator.normal(size=features), generator.normal(size=(keys, features)))
    return Case(arguments, f"{keys} keys with {features} features")


attention_weights = Exercise(
    name="attention_weights",
    question="Return the attention weights of one query over all keys.",
    reference=weights_of_query,
    cases=[
        _query_case(1, 4, 2),
        _query_case(2, 3, 5),
        _query_case(3, 7, 16),
        # Numbers with few binary digits, so that float32 makes the same scores of them.
        Case(
            (
                np.array([64.0, -32.0, 16.0, 8.0]),
                np.array(
                    [
                        [48.0, 0.0, 1.0, 0.0],
                        [48.0, -0.0625, 1.0, 0.0],
                        [-40.0, 10.0, 3.0, 1.0],
                        [48.0, 0.0, 0.9375, 0.0],
                        [16.0, 2.0, -1.0, 4.0],
                    ]
                ),
            ),
            "5 keys whose scores go beyond 1000",
        ),
    ],
    explanation="One dot product for each key, one root, one softmax.",
    hints=[
        "First a score for each key: its dot product with the query, keys @ query.",
        "Divide by the root of the number of features, which is len(query).",
        "Then softmax over the keys: exponentials divided by their sum.",
    ],
    mistakes=[
        Mistake(
            "overflow",
            lambda query, keys: _softmax_without_maximum(keys @ query / np.sqrt(len(query))),
            "right for small scores. The exponential of a large one is infinite, and infinity by "
            "infinity is NaN: take the largest score off all of them first. The weights stay the "
            "same.",
        ),
        *_scaled(
            "no root",
            lambda query, keys: 1.0,
            "the root is missing: without it the scores grow with the number of features. Divide "
            "them by np.sqrt(len(query)).",
        ),
        *_scaled(
            "no root, divided",
            lambda query, keys: 1 / len(query),
            "you divided by the number of features. Its root is wanted: the variance grows with "
            "the number, the spread with the root.",
        ),
        *_scaled(
            "root of the keys",
            lambda query, keys: 1 / np.sqrt(len(keys)),
            "you took the root of the number of keys. It is the number of features that makes dot "
            "products large.",
        ),
        *_scaled(
            "times the root",
            lambda query, keys: np.sqrt(len(query)),
            "you multiplied by the root, which makes large scores larger still. Divide by it.",
        ),
        *_scaled(
            "always the root of 2",
            lambda query, keys: 1 / np.sqrt(2),
            "you divide by 1.414, the root for two features. Take the root of len(query).",
        ),
        Mistake(
            "dot products only",
            lambda query, keys: keys @ query,
            "these are the dot products. Divide them by the root of the number of features, and "
            "take a softmax.",
        ),
        Mistake(
            "root outside",
            lambda query, keys: _softmax(keys @ query) / np.sqrt(len(query)),
            "you divided the weights by the root, so that they no longer sum to one. It belongs "
            "inside: divide the scores, before the softmax.",
        ),
        Mistake(
            "sigmoid",
            lambda query, keys: 1 / (1 + np.exp(-(keys @ query) / np.sqrt(len(query)))),
            "you took a sigmoid of each score by itself. Weights share one whole among the keys: "
            "softmax.",
        ),
        Mistake(
            "all on the largest",
            lambda query, keys: np.eye(len(keys))[np.argmax(keys @ query)],
            "all the weight is on the best key. A softmax leaves something for the others, so "
            "that they can be learned.",
        ),
        Mistake(
            "scores only",
            lambda query, keys: keys @ query / np.sqrt(len(query)),
            "these are the scores. Weights are positive and sum to one: a softmax is missing.",
        ),
        Mistake(
            "divided by their sum",
            lambda query, keys: keys @ query / np.sum(keys @ query),
            "dividing scores by their sum leaves negative weights. Take exponentials first.",
        ),
        Mistake(
            "exponentials only",
            lambda query, keys: np.exp(
                keys @ query / np.sqrt(len(query)) - (keys @ query / np.sqrt(len(query))).max()
            ),
            "these are the exponentials. Divide them by their sum, so that the weights sum to one.",
        ),
        Mistake(
            "exponentials only, and overflow",
            lambda query, keys: np.exp(keys @ query / np.sqrt(len(query))),
            "exponentials do not sum to one, and large ones run over to infinity. Take the largest "
            "score off first, and divide by the sum at the end.",
        ),
        Mistake(
            "least alike",
            lambda query, keys: _softmax(-(keys @ query) / np.sqrt(len(query))),
            "your weights grow where the scores fall: the sign inside the exponential is turned.",
        ),
        Mistake(
            "cosines",
            _cosines,
            "you compared directions only. The dot product counts lengths too, so that a query "
            "can be sure or unsure.",
        ),
    ],
)

# 2. A mask for padding and order


def causal_and_padding(lengths, size):  # type: ignore[no-untyped-def]
    place = np.arange(size)
    causal = place <= place[:, np.newaxis]
    real = place < np.asarray(lengths)[:, np.newaxis]
    return causal & real[:, np.newaxis, :]


def _padding_only(lengths, size):  # type: ignore[no-untyped-def]
    real = np.arange(size) < np.asarray(lengths)[:, np.newaxis]
    return np.repeat(real[:, np.newaxis, :], size, axis=1)


def _one_too_many(lengths, size):  # type: ignore[no-untyped-def]
    real = np.arange(size) <= np.asarray(lengths)[:, np.newaxis]
    return np.tril(np.ones((size, size), dtype=bool)) & real[:, np.newaxis, :]


def _either(lengths, size):  # type: ignore[no-untyped-def]
    real = np.arange(size) < np.asarray(lengths)[:, np.newaxis]
    return np.tril(np.ones((size, size), dtype=bool)) | real[:, np.newaxis, :]


def _mask_of(lengths, size, diagonal=0, upper=False, rows=False):  # type: ignore[no-untyped-def]
    ones = np.ones((size, size), dtype=bool)
    causal = np.triu(ones) if upper else np.tril(ones, diagonal)
    real = np.arange(size) < np.asarray(lengths)[:, np.newaxis]
    return causal & (real[:, :, np.newaxis] if rows else real[:, np.newaxis, :])


combined_mask = Exercise(
    name="combined_mask",
    question="Return which token may look at which, shape (sentences, size, size), for sentences "
    "padded at the end, when none may look ahead or at padding.",
    reference=causal_and_padding,
    cases=[
        Case((np.array([3, 1]), 4), "lengths 3 and 1, padded to 4"),
        Case((np.array([2, 5, 4]), 5), "lengths 2, 5 and 4, padded to 5"),
    ],
    truths=True,
    tolerance=0.0,
    explanation="Rows are queries, columns are keys. What padding itself sees, nobody reads.",
    hints=[
        "Two conditions, joined by &: the key is not after the query, and the key is a real token.",
        "np.tril(np.ones((size, size), dtype=bool)) is the first, the same for all sentences.",
        "np.arange(size) < lengths[:, np.newaxis] says which tokens are real. They are the "
        "columns, so give it a new axis in the middle: [:, np.newaxis, :].",
    ],
    mistakes=[
        Mistake(
            "the wrong way round",
            lambda lengths, size: ~causal_and_padding(lengths, size),
            "your mask is True where looking is forbidden. In Keras True means: may look.",
        ),
        Mistake(
            "ones and zeros",
            lambda lengths, size: causal_and_padding(lengths, size).astype(int),
            "the right places, but as numbers",
        ),
        Mistake(
            "minus infinity",
            lambda lengths, size: np.where(causal_and_padding(lengths, size), 0.0, -np.inf),
            "zeros and minus infinity are what is added to scores. Return True where a token may "
            "look, False elsewhere.",
        ),
        Mistake(
            "one too many",
            _one_too_many,
            "one token of padding may be looked at: with length 3 the places 0, 1 and 2 are real. "
            "Use < where you have <=.",
        ),
        Mistake(
            "one too few",
            lambda lengths, size: _mask_of(np.asarray(lengths) - 1, size),
            "the last real token is hidden: with length 3 the places 0, 1 and 2 are real.",
        ),
        Mistake(
            "padding in front",
            lambda lengths, size: (
                _mask_of([size] * len(lengths), size)
                & (np.arange(size) >= size - np.asarray(lengths)[:, np.newaxis])[:, np.newaxis]
            ),
            "you hid the first places. These sentences are padded at the end: their first places "
            "are the real ones.",
        ),
        Mistake(
            "one ahead",
            lambda lengths, size: _mask_of(lengths, size, diagonal=1),
            "each token sees the one after it. The last that it may see is itself: no offset of "
            "the diagonal.",
        ),
        Mistake(
            "conditions added",
            lambda lengths, size: (
                _mask_of([size] * len(lengths), size).astype(int)
                + (np.arange(size) < np.asarray(lengths)[:, np.newaxis])[:, np.newaxis]
            ),
            "you added the two conditions, so that 1 says that one of them holds. Both must: join "
            "them by &.",
        ),
        Mistake(
            "one condition is enough",
            _either,
            "you allow what one of the two conditions allows. Both must hold: join them by &.",
        ),
        Mistake(
            "padding forgotten",
            lambda lengths, size: np.tile(
                np.tril(np.ones((size, size), dtype=bool)), (len(lengths), 1, 1)
            ),
            "nobody looks ahead, but the padding may be looked at. Use the lengths too.",
        ),
        Mistake(
            "order forgotten",
            _padding_only,
            "the padding is hidden, but every token sees those after it. Add the causal mask.",
        ),
        Mistake(
            "not itself",
            lambda lengths, size: _mask_of(lengths, size, diagonal=-1),
            "your tokens do not see themselves, and the first one sees nothing at all. The "
            "diagonal is allowed.",
        ),
        Mistake(
            "upper half",
            lambda lengths, size: _mask_of(lengths, size, upper=True),
            "your tokens see only themselves and what comes after. Rows are queries, columns are "
            "keys: the lower triangle is the past.",
        ),
        Mistake(
            "queries hidden",
            lambda lengths, size: _mask_of(lengths, size, rows=True),
            "the rows of the padding are all False in your mask: padding sees nothing. It is to "
            "see the real words before it. What nobody looks at is its keys, the columns.",
        ),
    ],
)

# 3. Counting parameters


def count_parameters(width, heads, key_dim):  # type: ignore[no-untyped-def]
    inner = heads * key_dim
    return 3 * (width * inner + inner) + inner * width + width


attention_parameters = Exercise(
    name="attention_parameters",
    question="Return the number of parameters of Keras's MultiHeadAttention for self-attention.",
    reference=count_parameters,
    cases=[Case((8, 2, 4)), Case((12, 3, 5)), Case((512, 8, 64)), Case((6, 1, 2))],
    explanation="With heads * key_dim = width that is 4 (width^2 + width), for any number of "
    "heads. The length of the sequence does not occur.",
    hints=[
        "Four dense layers: query, key, value and output. How wide are they?",
        "The first three lead from width to heads * key_dim numbers, the last one back.",
        "A dense layer from a to b numbers has a * b weights and b biases.",
    ],
    mistakes=[
        Mistake(
            "always 4 (D^2 + D)",
            lambda width, heads, key_dim: 4 * (width * width + width),
            "4 (width^2 + width) holds when heads * key_dim equals the width. In general the "
            "inner width is heads * key_dim.",
        ),
        Mistake(
            "no bias",
            lambda width, heads, key_dim: 4 * width * heads * key_dim,
            "the weights are right and the biases are missing, one for each output of the four "
            "dense layers.",
        ),
        Mistake(
            "every bias as wide as the heads",
            lambda width, heads, key_dim: 4 * (width + 1) * heads * key_dim,
            "the output projection leads back to the width, so it has width biases, not "
            "heads * key_dim.",
        ),
        Mistake(
            "every bias of the width",
            lambda width, heads, key_dim: 4 * width * heads * key_dim + 4 * width,
            "query, key and value lead to heads * key_dim numbers, and have as many biases. Only "
            "the output has width of them.",
        ),
        Mistake(
            "no output",
            lambda width, heads, key_dim: 3 * (width + 1) * heads * key_dim,
            "you counted query, key and value. The output projection, which mixes the heads, has "
            "weights too.",
        ),
        Mistake(
            "no output bias",
            lambda width, heads, key_dim: 4 * width * heads * key_dim + 3 * heads * key_dim,
            "nearly: the output projection has a bias, too, one for each of its width outputs.",
        ),
        Mistake(
            "square output",
            lambda width, heads, key_dim: 3 * (width + 1) * heads * key_dim + width**2 + width,
            "your output projection is a square of the width. It leads from heads * key_dim "
            "numbers to the width.",
        ),
        Mistake(
            "4 D^2",
            lambda width, heads, key_dim: 4 * width**2,
            "4 width^2 holds without biases, and when heads * key_dim equals the width. Count the "
            "four dense layers one by one.",
        ),
        Mistake(
            "one head",
            lambda width, heads, key_dim: 3 * (width + 1) * key_dim + key_dim * width + width,
            "that is one head. Every head has its own projections, heads * key_dim columns in all.",
        ),
        Mistake(
            "output for every head",
            lambda width, heads, key_dim: (
                heads * (3 * (width + 1) * key_dim + key_dim * width + width)
            ),
            "nearly: the heads share one output bias of width numbers, and you counted one for "
            "each head.",
        ),
    ],
)

# 4. Sinusoids


def position_table(length, features):  # type: ignore[no-untyped-def]
    table = np.zeros((length, features))
    positions = np.arange(length)[:, np.newaxis]
    angles = positions / 10_000 ** (np.arange(0, features, 2) / features)
    table[:, 0::2] = np.sin(angles)
    table[:, 1::2] = np.cos(angles)
    return table


def _table(length, features, first=0, step=2.0, swap=False, halves=False):  # type: ignore[no-untyped-def]
    positions = np.arange(first, first + length)[:, np.newaxis]
    angles = positions / 10_000 ** (step * np.arange(features // 2) / features)
    parts = [np.sin(angles), np.cos(angles)]
    parts = parts[::-1] if swap else parts
    if halves:
        return np.concatenate(parts, axis=1)
    return np.stack(parts, axis=-1).reshape(length, features)


def _rate_by_column(length, features):  # type: ignore[no-untyped-def]
    columns = np.arange(features)
    angles = np.arange(length)[:, np.newaxis] / 10_000 ** (columns / features)
    return np.where(columns % 2 == 0, np.sin(angles), np.cos(angles))


def _in_degrees(length, features):  # type: ignore[no-untyped-def]
    places = np.radians(np.arange(length))[:, np.newaxis]
    angles = places / 10_000 ** (np.arange(0, features, 2) / features)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, features)


sinusoids = Exercise(
    name="sinusoids",
    question="Return the sinusoidal position code, shape (length, features), features even.",
    reference=position_table,
    cases=[Case((3, 4)), Case((7, 6)), Case((20, 10))],
    explanation="Column 2i and column 2i + 1 share an angle: a clock's hand seen from two sides.",
    hints=[
        "The angle for position pos and pair i is pos / 10000 ** (2 * i / features).",
        "With positions as a column, shape (length, 1), and the rates as a row you get all angles "
        "at once.",
        "Fill table[:, 0::2] with the sines and table[:, 1::2] with the cosines.",
    ],
    mistakes=[
        Mistake(
            "one half sines",
            lambda length, features: _table(length, features, halves=True),
            "all sines stand first and all cosines last. That code works as well, but in the "
            "paper they take turns: even columns sines, odd columns cosines.",
        ),
        Mistake(
            "cosine first",
            lambda length, features: _table(length, features, swap=True),
            "sine and cosine have changed places: the even columns, 0, 2, 4, ..., are sines.",
        ),
        Mistake(
            "a rate for each column",
            _rate_by_column,
            "each of your columns has its own rate. A sine and the cosine beside it share one: "
            "the exponent is 2i / features for columns 2i and 2i + 1.",
        ),
        Mistake(
            "exponent halved",
            lambda length, features: _table(length, features, step=1.0),
            "your waves are too short: the exponent is 2i / features, with i counting pairs.",
        ),
        Mistake(
            "exponent doubled",
            lambda length, features: _table(length, features, step=4.0),
            "your waves get long too fast: 2i is the number of the even column already, 0, 2, 4, "
            "..., and you have doubled it.",
        ),
        Mistake(
            "rates up to the base itself",
            lambda length, features: _table(length, features, step=2 * features / (features - 2)),
            "your last pair turns 10000 times slower than the first, as some code has it. By the "
            "formula the exponent is 2i / features, which stays below 1.",
        ),
        Mistake(
            "smaller base",
            lambda length, features: _table(length, features, step=1.5),
            "your waves get long too slowly: the base is 10000.",
        ),
        Mistake(
            "angles only",
            lambda length, features: np.repeat(
                np.arange(length)[:, np.newaxis] / 10_000 ** (np.arange(0, features, 2) / features),
                2,
                axis=1,
            ),
            "these are the angles. Even columns are their sines, odd columns their cosines.",
        ),
        Mistake(
            "degrees",
            _in_degrees,
            "you turned the angles from degrees to radians. They are in radians already.",
        ),
        Mistake(
            "sines only",
            lambda length, features: np.repeat(_table(length, features)[:, 0::2], 2, axis=1),
            "the odd columns hold sines as well. Beside each sine stands the cosine of the same "
            "angle.",
        ),
        Mistake(
            "multiplied",
            lambda length, features: _table(length, features, step=-2.0),
            "you multiplied the position by 10000 ** (2i / features). Divide: later pairs turn "
            "more slowly.",
        ),
        Mistake(
            "counted from one",
            lambda length, features: _table(length, features, first=1),
            "you begin at position 1. The first position is 0: zeros and ones.",
        ),
    ],
)

# 5. What it costs


def count_operations(queries, keys, key_features, value_features):  # type: ignore[no-untyped-def]
    return 2 * queries * keys * key_features + 2 * queries * keys * value_features


operations = Exercise(
    name="operations",
    question="Return how many multiplications and additions the two matrix products of one head "
    "take.",
    reference=count_operations,
    cases=[Case((5, 5, 4, 4)), Case((1, 100, 8, 16)), Case((64, 32, 16, 8))],
    explanation="For self-attention of n tokens that is 4 n^2 d: twice the length, four times the "
    "cost.",
    hints=[
        "Each score is a dot product over key_features: so many multiplications, as many "
        "additions (counting the first, to zero).",
        "There are queries * keys scores.",
        "Each output has value_features numbers, and each of these is a sum over the keys.",
    ],
    mistakes=[
        Mistake(
            "additions forgotten",
            lambda queries, keys, d, v: queries * keys * (d + v),
            "you counted multiplications only. Each comes with an addition: twice as many.",
        ),
        Mistake(
            "scores only",
            lambda queries, keys, d, v: 2 * queries * keys * d,
            "that is the first product, the scores. The second, weights times values, costs too.",
        ),
        Mistake(
            "the same length",
            lambda queries, keys, d, v: 2 * queries * queries * (d + v),
            "you squared the number of queries. In cross-attention there may be more keys than "
            "queries, or fewer: queries times keys.",
        ),
        Mistake(
            "4 n^2 D",
            lambda queries, keys, d, v: 4 * queries**2 * d,
            "4 n^2 D holds for as many keys as queries and values as wide as keys. Here all four "
            "numbers may differ: count each product by itself.",
        ),
        Mistake(
            "softmax counted",
            lambda queries, keys, d, v: 2 * queries * keys * (d + v) + 2 * queries * keys,
            "besides the two products you count two steps more for each score, as for a softmax. "
            "Only the two matrix products are asked for.",
        ),
        Mistake(
            "keys squared",
            lambda queries, keys, d, v: 2 * keys * keys * (d + v),
            "you squared the number of keys. There may be fewer queries, or more: queries times "
            "keys.",
        ),
        Mistake(
            "widths multiplied",
            lambda queries, keys, d, v: 2 * queries * keys * d * v,
            "you multiplied the two widths. The products are made one after the other: add what "
            "each of them costs.",
        ),
        Mistake(
            "second product without additions",
            lambda queries, keys, d, v: 2 * queries * keys * d + queries * keys * v,
            "you counted no additions in the second product. There, too, each multiplication comes "
            "with one.",
        ),
        Mistake(
            "root counted",
            lambda queries, keys, d, v: 2 * queries * keys * (d + v) + queries * keys,
            "besides the two products you count one step more for each score, as for the root. "
            "Only the two matrix products are asked for.",
        ),
        Mistake(
            "one addition fewer",
            lambda queries, keys, d, v: queries * (keys * (2 * d - 1) + v * (2 * keys - 1)),
            "you count one addition fewer than multiplications in each sum. The question counts "
            "as many of both, the addition to zero included.",
        ),
        Mistake(
            "values only",
            lambda queries, keys, d, v: 2 * queries * keys * v,
            "that is the second product, weights times values. The scores cost too.",
        ),
        Mistake(
            "width of the values twice",
            lambda queries, keys, d, v: 4 * queries * keys * v,
            "you used the width of the values twice. A score is a dot product of a query and a "
            "key: it runs over the width of the keys.",
        ),
        Mistake(
            "linear",
            lambda queries, keys, d, v: 2 * (queries + keys) * (d + v),
            "you added queries and keys. Every query meets every key: that is a product.",
        ),
        Mistake(
            "one width",
            lambda queries, keys, d, v: 4 * queries * keys * d,
            "you used the width of the keys twice. The second product runs over the values, whose "
            "width may differ.",
        ),
    ],
)

# 6. Open-ended: look at the one before

SYMBOLS, CODE = 4, 16
SHARE_WANTED = 0.9


def tokens_with_positions(seed: int, length: int) -> np.ndarray:
    """Return tokens made of a one-hot symbol and the sinusoidal code of its place.

    Args:
        seed: of the symbols.
        length: how many tokens.

    Returns:
        Shape (length, 20): 4 numbers for the symbol, 16 for the position.
    """
    symbols = np.random.default_rng(seed).integers(0, SYMBOLS, length)
    return np.concatenate([np.eye(SYMBOLS)[symbols], sinusoidal_positions(length, CODE)], axis=1)


def look_weights(kernels: Any, tokens: np.ndarray) -> np.ndarray:
    """Return the attention weights that a pair of kernels gives.

    Args:
        kernels: query kernel and key kernel, each of shape (20, any number).
        tokens: shape (length, 20).

    Returns:
        Shape (length, length).
    """
    query_kernel, key_kernel = kernels
    return scaled_dot_product_attention(tokens @ query_kernel, tokens @ key_kernel, tokens)[1]


def look_one_back():  # type: ignore[no-untyped-def]
    query_kernel, key_kernel = np.zeros((20, 16)), np.zeros((20, 16))
    key_kernel[4:] = np.eye(16)
    for pair in range(8):
        angle = 1 / 10_000 ** (2 * pair / 16)
        cos, sin = np.cos(angle), np.sin(angle)
        # A row times this matrix is the code of the position before.
        back = [[cos, sin], [-sin, cos]]
        place = slice(2 * pair, 2 * pair + 2)
        query_kernel[4 + 2 * pair : 6 + 2 * pair, place] = 100 * np.array(back)
    return query_kernel, key_kernel


def _turned(strength: float, steps: float, symbols: float = 0.0) -> Any:
    """Return an answer that looks `steps` back, with a term for equal symbols."""

    def kernels():  # type: ignore[no-untyped-def]
        query_kernel, key_kernel = np.zeros((20, 20)), np.eye(20)
        query_kernel[:4, :4] = symbols * np.eye(4)
        for pair in range(8):
            angle = steps / 10_000 ** (2 * pair / 16)
            cos, sin = np.cos(angle), np.sin(angle)
            place = slice(4 + 2 * pair, 6 + 2 * pair)
            query_kernel[place, place] = strength * np.array([[cos, sin], [-sin, cos]])
        return query_kernel, key_kernel

    return kernels


def _kernels(answer: Any) -> tuple[np.ndarray, np.ndarray]:
    result = call(answer, Case((), "no arguments"))
    try:
        query_kernel, key_kernel = (np.asarray(one) for one in result)
        fits = query_kernel.ndim == 2 and query_kernel.shape == key_kernel.shape
        fits = fits and query_kernel.shape[0] == SYMBOLS + CODE and query_kernel.shape[1] > 0
        fits = fits and {query_kernel.dtype.kind, key_kernel.dtype.kind} <= set("iuf")
    except (TypeError, ValueError) as error:
        raise Rejected("return two arrays: the query kernel and the key kernel.") from error
    if not fits:
        raise Rejected(
            "return two arrays of real numbers with 20 rows and equally many columns: the query "
            f"kernel and the key kernel. Yours have the shapes {query_kernel.shape} and "
            f"{key_kernel.shape}."
        )
    if not (np.isfinite(query_kernel).all() and np.isfinite(key_kernel).all()):
        raise Rejected("your kernels should hold finite numbers only.")
    return query_kernel.astype(np.float64), key_kernel.astype(np.float64)


def share_one_back(kernels: Any) -> float:
    """Return the mean share of weight on the token before, over new sequences."""
    shares = []
    for seed, length in ((101, 6), (102, 13), (103, 30)):
        weights = look_weights(kernels, tokens_with_positions(seed, length))
        shares.append(np.diagonal(weights, -1).mean())
    return float(np.mean(shares))


def _in_turns(kernel: np.ndarray) -> np.ndarray:
    """Return a kernel made for sines first and cosines last as one for sines and cosines in turn.

    Such kernels are a known slip, and this tells them from others.
    """
    position = kernel[SYMBOLS:].reshape(2, CODE // 2, -1).swapaxes(0, 1).reshape(CODE, -1)
    return np.concatenate([kernel[:SYMBOLS], position])


def _judge_kernels(answer: Any) -> str:
    kernels = _kernels(answer)
    share = share_one_back(kernels)
    if share >= SHARE_WANTED:
        return ""
    result = f"on new sequences the token before gets a share of {share:.2f}."
    weights = look_weights(kernels, tokens_with_positions(104, 20))
    found = weights[1:].argmax(axis=1) - np.arange(1, 20)
    if np.ptp(weights[1:]) < 1e-9:
        return f"{result} All tokens get the same weight: the scores are all equal."
    if share_one_back([_in_turns(one) for one in kernels]) >= SHARE_WANTED:
        return (
            f"{result} Your kernels would do for a code of 8 sines and then 8 cosines. Here they "
            "take turns: a sine, the cosine of the same angle, the next sine."
        )
    if share_one_back([np.roll(one, SYMBOLS, axis=0) for one in kernels]) >= SHARE_WANTED:
        return (
            f"{result} Your kernels would do if the position came first. It stands behind the "
            "symbol: rows 4 to 19."
        )
    if np.mean(found == -1) >= 0.9:
        return (
            f"{result} It is the largest one, but the attention is too soft: make the scores "
            "larger."
        )
    turns = _turns(kernels)
    if turns:
        return f"{result} {turns}"
    if np.mean(found == 0) >= 0.9:
        return (
            f"{result} Your tokens look at themselves: query and key hold the same position. One "
            "of them has to be turned by one step."
        )
    if np.mean(found == 1) >= 0.9:
        return f"{result} Your tokens look at the one after: turn the other way."
    same = tokens_with_positions(104, 20)
    same[:, :SYMBOLS] = same[0, :SYMBOLS]
    if np.abs(weights - look_weights(kernels, same)).max() > 0.1:
        return (
            f"{result} Where your tokens look depends on their symbols. Give the first four rows "
            "of both kernels zeros."
        )
    steps = int(np.median(found))
    if steps and np.mean(found == steps) >= 0.8:
        return f"{result} Your tokens look {abs(steps)} places {'back' if steps < 0 else 'ahead'}."
    return (
        f"{result} Your tokens do not agree on a distance. What have the codes of two neighbours "
        "in common, whatever the place?"
    )


def _turns(kernels: tuple[np.ndarray, np.ndarray]) -> str:
    """Say by what a pair of kernels turns the pairs of the code, if turning is all that it does."""
    query_kernel, key_kernel = kernels
    whole = (query_kernel @ key_kernel.T)[SYMBOLS:, SYMBOLS:]
    blocks = [whole[i : i + 2, i : i + 2] for i in range(0, CODE, 2)]
    along = np.array([block[0, 0] + block[1, 1] for block in blocks]) / 2
    across = np.array([block[0, 1] - block[1, 0] for block in blocks]) / 2
    turned = np.zeros_like(whole)
    for pair, (cosine, sine) in enumerate(zip(along, across, strict=True)):
        place = slice(2 * pair, 2 * pair + 2)
        turned[place, place] = [[cosine, sine], [-sine, cosine]]
    strengths = np.hypot(along, across)
    if np.abs(whole - turned).max() > 1e-6 * strengths.max() or strengths.min() == 0:
        return ""
    angles = np.arctan2(across, along)
    wanted = 1 / 10_000 ** (np.arange(0, CODE, 2) / CODE)
    right = np.flatnonzero(np.abs(angles - wanted) < 0.01 * wanted)
    own = "Each pair has its own: between neighbours pair i turns by 1 / 10000 ** (2 * i / 16)."
    if not np.any(angles):
        return ""
    if np.ptp(angles) < 1e-9:
        fits = f", which is right for pair {right[0]} alone" if len(right) else ""
        return f"You turn all pairs by one angle{fits}. {own}"
    if 0 < len(right) < len(angles):
        names = ", ".join(map(str, right))
        return f"Your turn is right for these of the pairs 0 to 7 alone: {names}. {own}"
    return ""


def _in_halves(kernel: np.ndarray) -> np.ndarray:
    position = kernel[SYMBOLS:].reshape(CODE // 2, 2, -1).swapaxes(0, 1).reshape(CODE, -1)
    return np.concatenate([kernel[:SYMBOLS], position])


def _turned_alike():  # type: ignore[no-untyped-def]
    cos, sin = np.cos(1.0), np.sin(1.0)
    query_kernel = np.zeros((20, 16))
    query_kernel[4:] = 100 * np.kron(np.eye(8), [[cos, sin], [-sin, cos]])
    return query_kernel, np.eye(20)[:, 4:]


look_back = Exercise(
    name="look_back",
    question="Return a query kernel and a key kernel, each with 20 rows, with which every token "
    "looks at the one before.",
    reference=look_one_back,
    accept=_judge_kernels,
    explanation="A head that looks one back is what trained language models find for themselves, "
    "as the first half of copying.",
    hints=[
        "The symbols must not matter: the first four rows of both kernels are zeros.",
        "If query and key were both the position code, each token would look at itself. The query "
        "should be the code of the position before.",
        "sin(a - b) = cos(b) sin(a) - sin(b) cos(a), and "
        "cos(a - b) = sin(b) sin(a) + cos(b) cos(a). For pair i, b is 1 / 10000 ** (2 * i / 16): "
        "a 2 by 2 matrix for each of the 8 pairs.",
        "Multiply one of the kernels by 100, so that the softmax decides.",
    ],
    mistakes=[
        Mistake("looks at itself", _turned(100, 0), "look at themselves"),
        Mistake("looks ahead", _turned(100, -1), "the one after: turn the other way"),
        Mistake("too soft", _turned(5, 1), "the attention is too soft"),
        Mistake("symbols matter", _turned(100, 1, 200), "depends on their symbols"),
        Mistake(
            "no difference",
            lambda: (np.zeros((20, 16)), np.zeros((20, 16))),
            "the same weight: the scores are all equal",
        ),
        Mistake(
            "nowhere in particular",
            lambda: (np.eye(20), np.roll(np.eye(20)[:, ::-1], 4, axis=1)),
            "do not agree on a distance",
        ),
        Mistake(
            "sines and cosines as two halves",
            lambda: tuple(_in_halves(one) for one in look_one_back()),
            "8 sines and then 8 cosines",
        ),
        Mistake(
            "position in front",
            lambda: tuple(np.roll(one, -SYMBOLS, axis=0) for one in look_one_back()),
            "if the position came first",
        ),
        Mistake("one angle for all pairs", _turned_alike, "all pairs by one angle"),
        Mistake("two back", _turned(100, 2), "Your tokens look 2 places back"),
    ],
)
