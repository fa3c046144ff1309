"""A small Transformer that translates, and a recurrent network to hold it against.

Normalisation stands before each sublayer. Tokens are whole numbers, of which the
first four have a meaning: padding, start, end, and unknown.
Sources: A. Vaswani and others (2017), Attention is all you need, NIPS; I. Sutskever,
O. Vinyals and Q. V. Le (2014), Sequence to sequence learning with neural networks, NIPS.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from course_lib.lesson import quiet_stderr
from course_lib.scratch.attention import causal_mask, sinusoidal_positions
from course_lib.training.schedules import OneCycle

with quiet_stderr():
    import keras
    from keras import layers, ops

PAD, START, END, UNKNOWN = range(4)
WIDTH, HEADS, HIDDEN = 64, 4, 128


class Translator(NamedTuple):
    """A network of two parts that share their weights with the whole."""

    whole: keras.Model  # [source, target so far] to logits
    encoder: keras.Model  # source to memory
    decoder: keras.Model  # [memory, source, target so far] to logits and attention weights


# Text and numbers


def number_symbols(texts: Iterable[Sequence[str]], at_least: int = 1) -> dict[str, int]:
    """Return a number from 4 on for every symbol that occurs often enough, in order.

    Args:
        texts: texts, or lists of words.
        at_least: how often a symbol must occur in all of them.
    """
    counts = Counter(symbol for text in texts for symbol in text)
    kept = sorted(symbol for symbol, count in counts.items() if count >= at_least)
    return {symbol: number for number, symbol in enumerate(kept, start=4)}


def encode(texts: Iterable[Sequence[str]], numbers: Mapping[str, int], length: int) -> np.ndarray:
    """Return the texts as numbers, padded behind, int32, shape (texts, length).

    Raises:
        ValueError: when a text is longer than `length`.
    """
    texts = list(texts)
    longest = max(map(len, texts), default=0)
    if longest > length:
        raise ValueError(f"encode: a text has {longest} symbols, but length is {length}.")
    rows = np.full((len(texts), length), PAD, dtype="int32")
    for row, text in zip(rows, texts, strict=True):
        row[: len(text)] = [numbers.get(symbol, UNKNOWN) for symbol in text]
    return rows


def encode_targets(
    texts: Iterable[Sequence[str]], numbers: Mapping[str, int], length: int
) -> np.ndarray:
    """Return the texts as numbers between start and end, shape (texts, length + 2).

    Raises:
        ValueError: when a text is longer than `length`.
    """
    rows = encode(texts, numbers, length)
    lengths = np.sum(rows != PAD, axis=1)
    rows = np.pad(rows, ((0, 0), (1, 1)), constant_values=PAD)
    rows[:, 0] = START
    rows[np.arange(len(rows)), lengths + 1] = END
    return rows


def to_texts(rows: np.ndarray, numbers: Mapping[str, int]) -> list[str]:
    """Return the rows as texts, without padding, start, end and what is unknown."""
    symbols = {number: symbol for symbol, number in numbers.items()}
    return ["".join(symbols.get(number, "") for number in row) for row in rows.tolist()]


# A dictionary


def count_dictionary(
    sources: Iterable[Sequence[str]],
    targets: Iterable[Sequence[str]],
    most: int = 3,
    above: float = 0.2,
) -> dict[str, list[str]]:
    """Return for each source symbol the target symbols that occur in the same pairs.

    They are ordered by their Dice coefficient, twice the pairs that hold both over the
    sum of the pairs that hold either (L. R. Dice, 1945, Ecology 26), equals by symbol.

    Args:
        sources: the sentences, as words.
        targets: their translations, as characters.
        most: how many target symbols are kept.
        above: what a kept one's coefficient exceeds.

    Raises:
        ValueError: when there are not as many targets as sources.
    """
    both: Counter[tuple[str, str]] = Counter()
    in_sources: Counter[str] = Counter()
    in_targets: Counter[str] = Counter()
    for source, target in zip(sources, targets, strict=True):
        # Each once, in an order that does not depend on the hash seed.
        once, other = dict.fromkeys(source), dict.fromkeys(target)
        in_sources.update(once.keys())
        in_targets.update(other.keys())
        both.update(product(once, other))
    found: dict[str, list[tuple[float, str]]] = {}
    for (one, other_one), count in both.items():
        dice = 2 * count / (in_sources[one] + in_targets[other_one])
        if dice > above:
            found.setdefault(one, []).append((-dice, other_one))
    return {one: [other for _, other in sorted(all_of)[:most]] for one, all_of in found.items()}


def word_by_word(
    sources: Iterable[Sequence[str]], dictionary: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return each source's words looked up one after the other, no symbol twice."""
    texts = []
    for source in sources:
        found = [symbol for word in source for symbol in dictionary.get(word, ())]
        texts.append("".join(dict.fromkeys(found)))
    return texts


# The Transformer


def attend(query: Any, memory: Any, mask: Any) -> Any:
    """Return what four heads read from the memory, and their weights."""
    look = layers.MultiHeadAttention(HEADS, WIDTH // HEADS)
    return look(query, memory, attention_mask=mask, return_attention_scores=True)


def feed_forward(x: Any) -> Any:
    """Return the output of two dense layers, alike at every position."""
    hidden = layers.Dense(HIDDEN, activation="relu")(x)
    return layers.Dense(WIDTH)(hidden)


def encoder_block(x: Any, real: Any) -> Any:
    """Return x after self-attention over real symbols and a feed-forward sublayer."""
    norm = layers.LayerNormalization()(x)
    x = x + attend(norm, norm, real)[0]
    norm = layers.LayerNormalization()(x)
    return x + feed_forward(norm)


def decoder_block(y: Any, memory: Any, past: Any, real: Any) -> Any:
    """Return y after its three sublayers, and the weights of its cross-attention."""
    norm = layers.LayerNormalization()(y)
    y = y + attend(norm, norm, past)[0]
    norm = layers.LayerNormalization()(y)
    found, weights = attend(norm, memory, real)
    y = y + found
    norm = layers.LayerNormalization()(y)
    return y + feed_forward(norm), weights


def embed(tokens: Any, symbols: int) -> Any:
    """Return a vector for each token, with its position added."""
    start = keras.initializers.RandomNormal(stddev=0.5)
    vectors = layers.Embedding(symbols, WIDTH, start)(tokens)
    places = sinusoidal_positions(tokens.shape[1], WIDTH)
    return vectors + places.astype("float32")


def transformer(
    source_length: int, target_length: int, symbols: tuple[int, int], causal: bool = True
) -> Translator:
    """Return a Transformer with one block on each side.

    Args:
        source_length: tokens of the source.
        target_length: tokens of the target so far.
        symbols: how many different ones source and target have.
        causal: whether the decoder is kept from looking at what follows.
    """
    source = keras.Input((source_length,), dtype="int32")
    target = keras.Input((target_length,), dtype="int32")
    memory = keras.Input((source_length, WIDTH))
    real = ops.expand_dims(ops.not_equal(source, PAD), 1)
    past = causal_mask(target_length)[np.newaxis] | (not causal)

    x = encoder_block(embed(source, symbols[0]), real)
    encoder = keras.Model(source, layers.LayerNormalization()(x))
    y, weights = decoder_block(embed(target, symbols[1]), memory, past, real)
    logits = layers.Dense(symbols[1])(layers.LayerNormalization()(y))
    decoder = keras.Model([memory, source, target], [logits, weights])

    logits, _ = decoder([encoder(source), source, target])
    whole = keras.Model([source, target], logits)
    return Translator(whole, encoder, decoder)


def recurrent(
    source_length: int, target_length: int, symbols: tuple[int, int], units: int = 128
) -> Translator:
    """Return an encoder-decoder of two LSTMs without attention.

    Args:
        source_length: tokens of the source.
        target_length: tokens of the target so far.
        symbols: how many different ones source and target have.
        units: of each LSTM.
    """
    source = keras.Input((source_length,), dtype="int32")
    target = keras.Input((target_length,), dtype="int32")
    memory = keras.Input((2 * units,))
    x = layers.Embedding(symbols[0], WIDTH, mask_zero=True)(source)
    _, state, cell = layers.LSTM(units, return_state=True)(x)
    encoder = keras.Model(source, ops.concatenate([state, cell], axis=1))
    y = layers.Embedding(symbols[1], WIDTH)(target)
    states = ops.split(memory, 2, axis=1)
    y = layers.LSTM(units, return_sequences=True)(y, initial_state=states)
    decoder = keras.Model([memory, source, target], [layers.Dense(symbols[1])(y), memory])
    logits, _ = decoder([encoder(source), source, target])
    return Translator(keras.Model([source, target], logits), encoder, decoder)


# Training and use


def train(
    translator: Translator, source: np.ndarray, tokens: np.ndarray, epochs: int, peak: float = 0.005
) -> list[float]:
    """Train with right beginnings as input, and return the loss of each epoch.

    Adam with a one-cycle rate and batches of 64; labels of padding do not count.

    Args:
        translator: what is trained.
        source: tokens of the sources.
        tokens: of the targets, with start in front and end behind.
        epochs: how often each pair is seen.
        peak: of the learning rate.
    """
    steps = epochs * math.ceil(len(source) / 64)
    adam = keras.optimizers.Adam(OneCycle(peak, steps))
    # TensorFlow traces a step that has to make variables twice; so make them first.
    adam.build(translator.whole.trainable_variables)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=PAD)
    translator.whole.compile(adam, loss, steps_per_execution=10, jit_compile=False)
    log = translator.whole.fit(
        [source, tokens[:, :-1]], tokens[:, 1:], batch_size=64, epochs=epochs, verbose=0
    )
    return [float(value) for value in log.history["loss"]]


def after(
    translator: Translator, source: np.ndarray, beginnings: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return what the decoder says at each place, and where it looks, after given beginnings.

    Args:
        translator: a trained one.
        source: tokens of the sources.
        beginnings: tokens with start in front, which may be right answers or not.

    Returns:
        Logits, shape (sources, length, symbols), and weights of the cross-attention, shape
        (sources, heads, length, source length).
    """
    memory = translator.encoder.predict_on_batch(source)
    logits, weights = translator.decoder.predict_on_batch([memory, source, beginnings])
    return logits, weights


def greedy(translator: Translator, source: np.ndarray, length: int) -> np.ndarray:
    """Return what the translator writes, always the likeliest symbol.

    Args:
        translator: a trained one.
        source: tokens of the sources.
        length: how many symbols are written at most.

    Returns:
        Tokens with start in front, shape (sources, length + 1).
    """
    memory = translator.encoder.predict_on_batch(source)
    written = np.full((len(source), length + 1), PAD, dtype="int32")
    written[:, 0] = START
    for i in range(length):
        seen = [memory, source, written[:, :-1]]
        logits, _ = translator.decoder.predict_on_batch(seen)
        ended = np.isin(written[:, i], [END, PAD])
        written[:, i + 1] = np.where(ended, PAD, logits[:, i].argmax(axis=1))
    return written
