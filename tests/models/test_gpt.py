"""The GPT: counted, causal, equal to the reference of scratch, and the same with a cache."""

import numpy as np
import pytest

from course_lib.lesson import quiet_stderr
from course_lib.scratch import attention

with quiet_stderr():
    import keras

    from course_lib.models.gpt import GPT

SIZES = {"vocabulary": 11, "context": 8, "width": 12, "depth": 2, "heads": 3}


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    made = GPT(**SIZES)
    generator = np.random.default_rng(1)
    # Larger than the start, so that every part shows in the output.
    made.set_weights([w + generator.normal(0, 0.3, w.shape) for w in made.get_weights()])
    return made


@pytest.fixture(scope="module")
def tokens():
    return np.random.default_rng(2).integers(0, 11, (3, 8))


@pytest.mark.parametrize(("width", "depth", "heads"), [(12, 2, 3), (8, 1, 8), (128, 4, 4)])
def test_parameters_are_counted_by_the_formula(width, depth, heads):
    model = GPT(77, 64, width, depth, heads)
    tables = (77 + 64) * width
    assert model.count_params() == tables + depth * (12 * width**2 + 2 * width) + width


def test_it_is_the_transformer_of_scratch(model, tokens):
    weights = {weight.path.split("/", 1)[1]: weight.numpy() for weight in model.weights}

    def normalised(x, gamma):
        centred = x - x.mean(axis=-1, keepdims=True)
        return centred / np.sqrt(centred.var(axis=-1, keepdims=True) + 1e-5) * gamma

    def gelu(x):
        return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))

    def part(*names):
        found = [w for path, w in weights.items() if all(name in path for name in names)]
        assert len(found) == 1, names
        return found[0].astype(float)

    table, places = model.tokens.get_weights()[0], model.places.get_weights()[0]
    x = table[tokens].astype(float) + places[:8]
    for block in ("block_0", "block_1"):
        kernels = part(block, "project").reshape(12, 3, 3, 4)
        query, key, value = (kernels[:, i] for i in range(3))
        nothing = np.zeros((3, 4))
        output = part(block, "mix").reshape(3, 4, 12)
        inputs = normalised(x, part(block, "norm_1"))
        read, _ = attention.multi_head_attention(
            inputs, inputs, inputs,
            query, nothing, key, nothing, value, nothing, output, np.zeros(12),
            mask=attention.causal_mask(8),
        )  # fmt: skip
        x = x + read
        hidden = gelu(normalised(x, part(block, "norm_2")) @ part(block, "widen"))
        x = x + hidden @ part(block, "narrow")
    logits = normalised(x, model.norm.get_weights()[0]) @ table.T
    np.testing.assert_allclose(model(tokens), logits, atol=2e-4)


def test_later_tokens_change_nothing_before_them(model, tokens):
    changed = tokens.copy()
    changed[:, 5:] = (changed[:, 5:] + 1) % 11
    before, after = model(tokens).numpy(), model(changed).numpy()
    np.testing.assert_array_equal(before[:, :5], after[:, :5])
    assert np.abs(before - after)[:, 5:].max(axis=2).min() > 1e-3


def test_a_shorter_sequence_is_the_beginning_of_a_longer_one(model, tokens):
    np.testing.assert_allclose(model(tokens[:, :3]), model(tokens)[:, :3], atol=1e-5)


def test_steps_with_a_cache_are_the_whole(model, tokens):
    caches = model.empty_cache(3)
    assert caches.shape == (2, 2, 3, 3, 8, 4)
    logits = []
    for position in range(8):
        one, caches = model.step(tokens[:, position], caches, position)
        logits.append(one)
    np.testing.assert_allclose(np.stack(logits, axis=1), model(tokens), atol=1e-5)


def test_no_two_tables_start_with_the_same_numbers(model):
    starts = [w.numpy().ravel()[:64] for w in model.weights if len(w.shape) == 2]
    scaled = [start / start.std() for start in starts]
    for i, one in enumerate(scaled):
        for other in scaled[:i]:
            assert np.abs(one - other).max() > 0.5


def test_untrained_it_knows_nothing():
    keras.utils.set_random_seed(3)
    model = GPT(50, 16, 32, 3, 4)
    tokens, targets = np.random.default_rng(0).integers(0, 50, (2, 20, 16))
    loss = keras.losses.sparse_categorical_crossentropy(targets, model(tokens), from_logits=True)
    assert np.mean(loss) == pytest.approx(np.log(50), abs=0.1)
    block = model.blocks[0]
    assert np.std(block.project.kernel) == pytest.approx(0.02, rel=0.1)
    for ends in (block.mix, block.narrow):
        assert np.std(ends.kernel) == pytest.approx(0.02 / np.sqrt(6), rel=0.1)
    assert np.std(model.tokens.embeddings) == pytest.approx(0.02, rel=0.1)


def test_it_is_saved_and_read_again(model, tokens, tmp_path):
    model.save(tmp_path / "gpt.keras")
    again = keras.models.load_model(tmp_path / "gpt.keras")
    assert again.sizes == SIZES
    np.testing.assert_array_equal(again(tokens), model(tokens))


def test_a_sequence_longer_than_the_context_is_refused(model):
    with pytest.raises(ValueError, match="at most 8 tokens, its context, but have 9"):
        model(np.zeros((1, 9), dtype=int))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"heads": 5}, "width 12 should be a multiple of 5 heads"),
        ({"depth": 0}, "depth should be a positive whole number, but is 0"),
        ({"vocabulary": 2.5}, "vocabulary should be a positive whole number, but is 2.5"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        GPT(**SIZES | change)
