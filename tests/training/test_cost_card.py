"""The cost card counts what the formulas say."""

import numpy as np
import pytest

from course_lib.training import CostCard, cost_card
from course_lib.training.cost_card import LATENCY_RUNS, count_products


def sequential(keras, shape, layers, optimizer=None):
    model = keras.Sequential([keras.Input(shape), *layers])
    if optimizer:
        model.compile(optimizer=optimizer, loss="mse")
    return model


def test_a_dense_model(keras):
    layers = [keras.layers.Dense(4, activation="relu"), keras.layers.Dense(2)]
    card = cost_card(sequential(keras, (3,), layers), np.zeros(3), training_seconds=1.25)
    assert card.parameters == 3 * 4 + 4 + 4 * 2 + 2
    # Each weight is one multiplication and one addition, each bias one addition.
    assert card.flops_per_example == (2 * 3 * 4 + 4) + (2 * 4 * 2 + 2)
    assert card.training_seconds == 1.25
    assert 0 < card.latency_ms < 1000
    assert 4 * card.parameters < card.file_size < 100_000


@pytest.mark.parametrize(
    ("padding", "bias", "positions"),
    [("valid", True, 6 * 7), ("same", True, 8 * 9), ("valid", False, 6 * 7)],
)
def test_a_convolution(keras, padding, bias, positions):
    layer = keras.layers.Conv2D(5, 3, padding=padding, use_bias=bias)
    card = cost_card(sequential(keras, (8, 9, 2), [layer]), np.zeros((8, 9, 2)))
    assert card.parameters == 3 * 3 * 2 * 5 + 5 * bias
    assert card.flops_per_example == positions * 5 * (2 * 3 * 3 * 2 + bias)


@pytest.mark.parametrize(("optimizer", "copies"), [("adam", 4), ("sgd", 2), ("rmsprop", 3)])
@pytest.mark.parametrize("trained", [False, True])
def test_training_memory_is_weights_gradients_and_state(keras, optimizer, copies, trained):
    model = sequential(keras, (30,), [keras.layers.Dense(20), keras.layers.Dense(1)], optimizer)
    if trained:
        model.fit(np.zeros((4, 30)), np.zeros((4, 1)), verbose=0)
    card = cost_card(model, np.zeros(30))
    weights = 4 * (30 * 20 + 20 + 20 + 1)
    assert copies * weights <= card.training_memory <= copies * weights + 64


def test_training_memory_without_an_optimizer(keras):
    card = cost_card(sequential(keras, (30,), [keras.layers.Dense(20)]), np.zeros(30))
    assert card.training_memory == 2 * 4 * (30 * 20 + 20)


def test_frozen_weights_need_no_gradient_and_no_state(keras):
    model = sequential(keras, (4,), [keras.layers.Dense(3), keras.layers.Dense(2)])
    model.layers[0].trainable = False
    model.compile("adam", "mse")
    card = cost_card(model, np.zeros(4))
    assert card.parameters == 15 + 8
    expected = 4 * (15 + 8) + 3 * 4 * 8
    assert expected <= card.training_memory <= expected + 64


def test_weights_of_double_precision_count_double(keras):
    model = sequential(keras, (4,), [keras.layers.Dense(3, dtype="float64")])
    assert cost_card(model, np.zeros(4)).training_memory == 2 * 8 * 15


def test_the_model_is_left_as_it_was(keras):
    model = sequential(keras, (3,), [keras.layers.Dense(2), keras.layers.Dropout(0.5)], "adam")
    before = [np.array(weight) for weight in model.get_weights()]
    cost_card(model, np.ones(3))
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert int(model.optimizer.iterations) == 0
    model.fit(np.zeros((4, 3)), np.zeros((4, 2)), verbose=0)


@pytest.mark.parametrize("trained", [False, True])
def test_the_file_holds_the_weights_and_no_optimizer(keras, trained):
    layers = [keras.layers.Dense(300), keras.layers.Dense(20)]
    model = sequential(keras, (50,), layers)
    alone = cost_card(model, np.zeros(50))
    model.compile("adam", "mse")
    if trained:
        model.fit(np.zeros((4, 50)), np.zeros((4, 20)), verbose=0)
    optimizer = model.optimizer
    card = cost_card(model, np.zeros(50))
    assert card.file_size == alone.file_size
    assert 4 * card.parameters < card.file_size < 1.5 * 4 * card.parameters
    assert model.optimizer is optimizer
    steps = int(optimizer.iterations)
    model.fit(np.zeros((4, 50)), np.zeros((4, 20)), verbose=0)
    assert int(optimizer.iterations) == steps + 1


def test_a_model_that_was_called_only(keras):
    model = keras.Sequential([keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="built model: call it once, or give it an Input"):
        cost_card(model, np.zeros(3))
    model(np.zeros((1, 3)))
    assert cost_card(model, np.zeros(3)).parameters == 8


def test_a_model_of_words(keras):
    model = sequential(keras, (6,), [keras.layers.Embedding(10, 4), keras.layers.Flatten()])
    assert cost_card(model, np.array([1, 2, 3, 4, 5, 9])).parameters == 40


@pytest.mark.parametrize("shape", [(), (4,), (1, 4), (2, 3)])
def test_an_example_of_another_shape(keras, shape):
    model = sequential(keras, (3,), [keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="does not take an example of shape") as caught:
        cost_card(model, np.zeros(shape))
    assert f"shape {shape}." in str(caught.value)


def test_nothing_is_printed(keras, capfd):
    cost_card(sequential(keras, (3,), [keras.layers.Dense(2)], "adam"), np.zeros(3))
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_latency_is_the_median_of_many_runs(keras, monkeypatch):
    ticks = iter(np.cumsum([1, 0.002] * LATENCY_RUNS))
    model = sequential(keras, (3,), [keras.layers.Dense(2)])
    monkeypatch.setattr("time.perf_counter", lambda: next(ticks))
    assert cost_card(model, np.zeros(3)).latency_ms == pytest.approx(2.0)
    with pytest.raises(StopIteration):
        next(ticks)


def test_how_it_is_printed():
    card = CostCard(1234567, 999, 1000, 12.345, 0.1234, 12_345_678)
    assert str(card).splitlines() == [
        "parameters                     1,234,567",
        "operations per example         999 FLOPs",
        "training memory                   1.0 kB",
        "training time                     12.3 s",
        "latency, one example             0.12 ms",
        "size on disk                     12.3 MB",
    ]


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_940, "999.9 kB"),
        (999_999, "1.0 MB"),
        (2_500_000_000, "2.5 GB"),
        (9_999_500_000_000, "9,999.5 GB"),
    ],
)
def test_sizes(size, text):
    card = CostCard(1, 1, size, None, 1.0, 1)
    lines = str(card).splitlines()
    assert lines[2].endswith(f" {text}")
    assert lines[3].endswith(" not measured")
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(("name", "gates"), [("SimpleRNN", 1), ("LSTM", 4), ("GRU", 3)])
@pytest.mark.parametrize("twice", [False, True])
def test_every_step_of_a_recurrent_layer_counts(keras, name, gates, twice):
    layer = getattr(keras.layers, name)(16)
    if twice:
        layer = keras.layers.Bidirectional(layer)
    card = cost_card(sequential(keras, (36, 3), [layer]), np.zeros((36, 3)))
    # Sums and gates come on top of the matrix products, and are a tenth of them here.
    products = (1 + twice) * 36 * 2 * gates * 16 * (3 + 16)
    assert products < card.flops_per_example < 1.25 * products
    parts = [layer.forward_layer, layer.backward_layer] if twice else [layer]
    assert not any(part.unroll for part in parts)


def test_a_layer_that_was_unrolled_stays_so(keras):
    layer = keras.layers.SimpleRNN(4, unroll=True)
    cost_card(sequential(keras, (5, 3), [layer]), np.zeros((5, 3)))
    assert layer.unroll


@pytest.mark.parametrize("turn", [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize("batch", [(), (5,)])
def test_matrix_products_are_counted_whichever_way_they_are_turned(keras, turn, batch):
    import tensorflow as tf

    first, second = ((4, 2) if turn[0] else (2, 4)), ((3, 4) if turn[1] else (4, 3))
    left, right = (tf.TensorSpec((*batch, *one)) for one in (first, second))

    def both(x, y):
        return tf.nn.relu(tf.matmul(x, y, transpose_a=turn[0], transpose_b=turn[1]))

    # Each of 2 x 3 results is a sum of 4 products.
    assert count_products(both, left, right) == int(np.prod(batch)) * 2 * 2 * 3 * 4


def test_products_of_open_lengths_cannot_be_counted(keras):
    import tensorflow as tf

    with pytest.raises(ValueError, match="count_products needs whole shapes"):
        count_products(lambda x: tf.matmul(x, x), tf.TensorSpec((None, None)))
