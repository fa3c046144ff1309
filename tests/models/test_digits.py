"""The network of lesson 08, and weights that are shipped."""

import numpy as np
import pytest

from course_lib import datasets
from course_lib.datasets import cards
from course_lib.lesson import quiet_stderr
from course_lib.models import weights

with quiet_stderr():
    from course_lib.models import digits


@pytest.fixture(scope="module")
def trained():
    return digits.trained_digit_network()


def test_the_network_is_as_described():
    network = digits.digit_network()
    assert network.output_shape == (None, 10)
    assert [tuple(network.get_layer(f"relu_{i}").output.shape[1:]) for i in (1, 2, 3)] == [
        (12, 12, 16),
        (10, 10, 48),
        (3, 3, 96),
    ]
    convolutions = 25 * 16 + 9 * 16 * 48 + 9 * 48 * 96
    normalisations = 4 * (16 + 48 + 96)
    assert network.count_params() == convolutions + normalisations + (9 * 96 + 1) * 10


def test_the_filters_can_be_chosen():
    network = digits.digit_network((2, 3, 4))
    assert network.get_layer("relu_3").output.shape[1:] == (3, 3, 4)


def test_the_shipped_network_reads_digits(trained):
    _, (images, labels) = datasets.mnist()
    logits = trained.predict(images[..., np.newaxis] / np.float32(255), batch_size=1000, verbose=0)
    assert np.mean(logits.argmax(axis=1) == labels) >= 0.994


def test_the_file_is_small():
    (entry,) = (f for f in datasets.card(weights.FOLDER).files if f["file"] == "digits.npz")
    assert entry["bytes"] < 300_000


def test_weights_of_another_shape_are_refused_and_nothing_changes():
    network = digits.digit_network((2, 3, 4))
    before = network.get_weights()
    with pytest.raises(ValueError, match=r"do not fit the network 'digits'.*\(5, 5, 1, 2\)"):
        weights.load_weights(network, "digits.npz")
    for old, new in zip(before, network.get_weights(), strict=True):
        assert np.array_equal(old, new)


def test_a_missing_file_is_said(tmp_path, monkeypatch):
    (tmp_path / weights.FOLDER).mkdir()
    card = (cards.folder() / weights.FOLDER / "card.json").read_bytes()
    (tmp_path / weights.FOLDER / "card.json").write_bytes(card)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(datasets.DatasetError, match=r"digits\.npz cannot be read"):
        digits.trained_digit_network()


def test_arrays_sort_in_the_order_of_the_weights(trained):
    arrays = weights.as_arrays(trained)
    assert sorted(arrays) == list(arrays)
    for array, weight in zip(arrays.values(), trained.get_weights(), strict=True):
        assert np.array_equal(array, weight)
