"""The shipped language models are as good as their logs say."""

import csv

import numpy as np
import pytest

from course_lib import datasets
from course_lib.datasets.cards import open_checked
from course_lib.lesson import quiet_stderr
from course_lib.models import weights

with quiet_stderr():
    from course_lib.models import pretrained
    from course_lib.training.language_model import language_model_loss


def log(name):
    text = open_checked(weights.FOLDER, f"{name}_log.csv").read().decode()
    return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(text.splitlines())]


def test_plays_are_on_one_side_only():
    parts = pretrained.shakespeare_parts()
    plays = datasets.shakespeare()
    assert parts["validation"] == plays.pop("The Taming of the Shrew")
    assert parts["test"] == plays.pop("The Tempest")
    assert parts["training"] == "".join(plays.values())
    assert [len(part) for part in parts.values()] == [1_042_149, 109_368, 97_712]


def test_quatrains_are_on_one_side_only():
    parts = pretrained.quatrain_parts()
    assert [len(part) for part in parts.values()] == [9_267, 515, 515]
    poems = [poem for part in parts.values() for poem in part]
    assert sorted(poems) == sorted(datasets.tang_quatrains(7)["text"])


def test_the_shakespeare_gpt_is_the_best_of_its_log():
    model, characters = pretrained.shakespeare_gpt()
    assert model.count_params() == 813_824
    assert len(characters) == 77
    part = characters.encode(pretrained.shakespeare_parts()["validation"])
    best = min(row["validation_loss"] for row in log("shakespeare_gpt"))
    assert language_model_loss(model, part, 128) == pytest.approx(best, abs=2e-3)


def test_the_quatrain_gpt_is_the_best_of_its_log():
    model, characters = pretrained.quatrain_gpt()
    assert model.count_params() == 565_920
    rows = pretrained.quatrain_rows(pretrained.quatrain_parts()["validation"], characters)
    assert rows.shape == (515, 33)
    assert characters.decode(rows[0, :1]) == pretrained.BEGIN
    unknown = characters.numbers[pretrained.UNKNOWN]
    assert 0 < np.mean(rows == unknown) < 0.03
    best = min(row["validation_loss"] for row in log("quatrain_gpt"))
    assert language_model_loss(model, rows, 32) == pytest.approx(best, abs=2e-3)


@pytest.mark.parametrize("make", [pretrained.shakespeare_gpt, pretrained.quatrain_gpt])
def test_untrained_they_know_nothing(make):
    model, characters = make(trained=False)
    ids = np.random.default_rng(0).integers(0, len(characters), 400)
    assert language_model_loss(model, ids, 32) == pytest.approx(np.log(len(characters)), abs=0.1)


def test_all_shipped_weights_are_small():
    files = {file["file"]: file["bytes"] for file in datasets.card(weights.FOLDER).files}
    assert set(files) > {"shakespeare_gpt.npz", "quatrain_gpt.npz"}
    assert sum(files.values()) < 3_000_000
