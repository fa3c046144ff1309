"""The translator: text as numbers, a causal decoder, padding that changes nothing, writing."""

import numpy as np
import pytest

from course_lib.lesson import quiet_stderr
from course_lib.scratch.attention import multi_head_attention, sinusoidal_positions

with quiet_stderr():
    import keras

    from course_lib.models import translator as lib

SYMBOLS = (9, 8)


@pytest.fixture(scope="module", params=["transformer", "recurrent"])
def made(request):
    keras.utils.set_random_seed(1)
    return getattr(lib, request.param)(6, 5, SYMBOLS)


@pytest.fixture(scope="module")
def tokens():
    generator = np.random.default_rng(2)
    source = generator.integers(4, SYMBOLS[0], (7, 6)).astype("int32")
    source[:4, 4:] = lib.PAD
    target = generator.integers(4, SYMBOLS[1], (7, 5)).astype("int32")
    target[:, 0] = lib.START
    return source, target


# Text and numbers


def test_symbols_are_numbered_in_order_from_four_on():
    assert lib.number_symbols(["ba", "bc"]) == {"a": 4, "b": 5, "c": 6}
    words = [("the", "cat"), ("the", "dog")]
    assert lib.number_symbols(words, at_least=2) == {"the": 4}


def test_texts_are_padded_behind_and_strange_symbols_are_unknown():
    rows = lib.encode(["ab", "xba"], {"a": 4, "b": 5}, 4)
    assert rows.dtype == "int32"
    np.testing.assert_array_equal(rows, [[4, 5, 0, 0], [3, 5, 4, 0]])


def test_targets_stand_between_start_and_end_and_come_back_as_texts():
    numbers = {"a": 4, "b": 5}
    rows = lib.encode_targets(["ab", "a", ""], numbers, 2)
    np.testing.assert_array_equal(rows, [[1, 4, 5, 2], [1, 4, 2, 0], [1, 2, 0, 0]])
    assert lib.to_texts(rows, numbers) == ["ab", "a", ""]
    assert lib.to_texts(np.array([[1, 3, 5, 2]]), numbers) == ["b"]


@pytest.mark.parametrize("function", [lib.encode, lib.encode_targets])
def test_a_text_that_is_too_long_is_refused(function):
    with pytest.raises(ValueError, match="a text has 3 symbols, but length is 2"):
        function(["abc"], {"a": 4}, 2)


# A dictionary


def test_a_dictionary_holds_what_occurs_together():
    sources = [("the", "cat"), ("the", "dog"), ("a", "dog", "dog")]
    found = lib.count_dictionary(sources, ["xc", "xd", "dy"], most=2, above=0.5)
    # the with x: 2 of (2 + 2) / 2; the with c and d: 2/3 and 1/2.
    assert found["the"] == ["x", "c"]
    assert found["dog"] == ["d", "y"]
    assert found["cat"] == ["c", "x"]
    strict = lib.count_dictionary(sources, ["xc", "xd", "dy"], most=1, above=0.99)
    assert strict == {"the": ["x"], "cat": ["c"], "dog": ["d"], "a": ["y"]}


def test_equals_are_ordered_by_symbol():
    assert lib.count_dictionary([("one",)], ["zab"])["one"] == ["a", "b", "z"]


def test_pairs_must_be_pairs():
    with pytest.raises(ValueError, match="zip"):
        lib.count_dictionary([("one",)], [])


def test_word_by_word_says_nothing_twice_and_skips_what_is_not_known():
    dictionary = {"he": ["x", "y"], "runs": ["y", "z"]}
    assert lib.word_by_word([("he", "always", "runs"), ("never",)], dictionary) == ["xyz", ""]


# The networks


def test_parameters_are_counted_by_hand():
    attention, norm = 4 * (64**2 + 64), 2 * 64
    forward = 2 * 64 * 128 + 128 + 64
    blocks = (attention + forward + 2 * norm) + (2 * attention + forward + 3 * norm)
    around = 2 * norm + sum(SYMBOLS) * 64 + 64 * SYMBOLS[1] + SYMBOLS[1]
    assert lib.transformer(6, 5, SYMBOLS).whole.count_params() == blocks + around


def test_the_encoder_block_is_the_one_of_scratch():
    three = keras.Input((3, lib.WIDTH))
    block = keras.Model(three, lib.encoder_block(three, np.ones((1, 1, 3), bool)))
    generator = np.random.default_rng(3)
    block.set_weights([w + generator.normal(0, 0.2, w.shape) for w in block.get_weights()])
    weights = block.get_weights()

    def normalised(x, scale, shift):
        centred = x - x.mean(axis=-1, keepdims=True)
        return centred / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-3) * scale + shift

    x = generator.normal(size=(2, 3, lib.WIDTH))
    norm = normalised(x, *weights[:2])
    ours = x + multi_head_attention(norm, norm, norm, *weights[2:10])[0]
    kernel, bias, last_kernel, last_bias = weights[12:]
    hidden = np.maximum(normalised(ours, *weights[10:12]) @ kernel + bias, 0)
    ours = ours + hidden @ last_kernel + last_bias
    np.testing.assert_allclose(block.predict_on_batch(x), ours, atol=1e-4)


def test_embeddings_carry_their_positions():
    tokens = keras.Input((5,), dtype="int32")
    embedding = keras.Model(tokens, lib.embed(tokens, 9))
    table = embedding.get_weights()[0]
    came = embedding.predict_on_batch(np.array([[4, 4, 7, 0, 8]]))
    wanted = table[[4, 4, 7, 0, 8]] + sinusoidal_positions(5, lib.WIDTH)
    np.testing.assert_allclose(came[0], wanted, atol=1e-6)


def test_the_whole_is_its_parts(made, tokens):
    logits, _ = lib.after(made, *tokens)
    assert logits.shape == (7, 5, SYMBOLS[1])
    np.testing.assert_allclose(logits, made.whole.predict_on_batch(list(tokens)), atol=1e-5)


def test_what_follows_changes_nothing_before(made, tokens):
    source, target = tokens
    changed = target.copy()
    changed[:, 3:] = 4 + (changed[:, 3:] - 3) % 4
    moved = np.abs(lib.after(made, source, changed)[0] - lib.after(made, source, target)[0])
    assert moved[:, :3].max() <= 1e-6
    assert moved[:, 3:].max() > 1e-3


def test_without_the_mask_it_does(tokens):
    source, target = tokens
    keras.utils.set_random_seed(1)
    peeking = lib.transformer(6, 5, SYMBOLS, causal=False)
    changed = target.copy()
    changed[:, 3:] = 4 + (changed[:, 3:] - 3) % 4
    moved = lib.after(peeking, source, changed)[0] - lib.after(peeking, source, target)[0]
    assert np.abs(moved[:, :3]).max() > 1e-3


@pytest.mark.parametrize("name", ["transformer", "recurrent"])
def test_more_padding_changes_nothing(name, tokens):
    source, target = tokens
    keras.utils.set_random_seed(1)
    short, long = getattr(lib, name)(6, 5, SYMBOLS), getattr(lib, name)(9, 5, SYMBOLS)
    long.whole.set_weights(short.whole.get_weights())
    wide = np.pad(source, ((0, 0), (0, 3)))
    before, after = lib.after(short, source, target)[0], lib.after(long, wide, target)[0]
    np.testing.assert_allclose(after, before, atol=1e-4)


def test_nobody_looks_at_padding(tokens):
    made = lib.transformer(6, 5, SYMBOLS)
    _, weights = lib.after(made, *tokens)
    assert weights.shape == (7, lib.HEADS, 5, 6)
    np.testing.assert_allclose(weights.sum(axis=3), 1.0, atol=1e-5)
    assert weights[:4, :, :, 4:].max() == 0


# Training and use


@pytest.fixture(scope="module")
def trained():
    """A Transformer that has learned to write a text backwards."""
    keras.utils.set_random_seed(1)
    generator = np.random.default_rng(4)
    texts = ["".join(row) for row in generator.choice(list("abcd"), (640, 4))]
    numbers = lib.number_symbols(texts)
    source = lib.encode(texts, numbers, 4)
    targets = lib.encode_targets([text[::-1] for text in texts], numbers, 4)
    made = lib.transformer(4, 5, (8, 8))
    losses = lib.train(made, source, targets, epochs=12)
    return made, numbers, losses


def test_it_learns_to_write_backwards(trained):
    made, numbers, losses = trained
    assert len(losses) == 12
    assert losses[-1] < 0.1 * losses[0]
    texts = ["abcd", "ddba", "cabb"]
    rows = lib.greedy(made, lib.encode(texts, numbers, 4), 5)
    assert rows.shape == (3, 6)
    assert (rows[:, 0] == lib.START).all()
    assert lib.to_texts(rows, numbers) == [text[::-1] for text in texts]


def test_the_first_loss_is_that_of_real_labels_only(tokens):
    keras.utils.set_random_seed(1)
    made = lib.transformer(6, 5, SYMBOLS)
    source, _ = tokens
    targets = np.array([[1, 4, 5, 6, 7, 2], [1, 4, 2, 0, 0, 0]] * 3 + [[1, 5, 5, 2, 0, 0]], "int32")
    logits, _ = lib.after(made, source, targets[:, :-1])
    logs = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
    labels = targets[:, 1:]
    losses = -np.take_along_axis(logs, labels[..., np.newaxis], axis=2)[..., 0]
    wanted = losses[labels != lib.PAD].mean()
    assert lib.train(made, source, targets, epochs=1) == pytest.approx([wanted], rel=1e-4)


class _Says:
    """A decoder that always says the same symbol."""

    def __init__(self, symbol):
        self.symbol = symbol

    def predict_on_batch(self, seen):
        if not isinstance(seen, list):
            return np.zeros((len(seen), 3, 1))
        logits = np.zeros((len(seen[1]), seen[2].shape[1], 8))
        logits[..., self.symbol] = 1
        return logits, None


@pytest.mark.parametrize(("symbol", "wanted"), [(lib.END, [1, 2, 0, 0, 0]), (5, [1, 5, 5, 5, 5])])
def test_it_stops_at_the_end_or_at_the_limit(symbol, wanted):
    says = _Says(symbol)
    rows = lib.greedy(lib.Translator(None, says, says), np.full((2, 3), 4), 4)
    np.testing.assert_array_equal(rows, [wanted, wanted])
