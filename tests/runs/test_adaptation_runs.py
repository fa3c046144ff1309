"""The command behind lesson 17's stored tables still fits the lesson."""

import numpy as np
import pytest

from course_lib import lesson


@pytest.fixture(scope="module")
def tool(import_run):
    return import_run("adaptation_runs")


@pytest.fixture(scope="module")
def space(tool):
    with lesson.quiet_stderr():
        return tool.lesson_space()


@pytest.fixture
def small(space):
    """The lesson's names, with a model so small that it trains in a moment."""

    def gpt():
        sizes = {"context": 128, "width": 8, "depth": 4, "heads": 2}
        return space["GPT"](len(space["characters"]), **sizes), space["characters"]

    def with_lora(rank):
        model, _ = gpt()
        for block in model.blocks:
            block.widen.enable_lora(rank)
        return model

    from course_lib.models.gpt import GPT

    space["GPT"] = GPT
    return space | {"shakespeare_gpt": gpt, "with_lora": with_lora, "STEPS": 10}


def test_it_finds_functions_and_texts_and_leaves_the_rest(space):
    assert all(callable(space[name]) for name in ("with_lora", "log_probabilities", "loss_on"))
    assert set(space["dresses"]) == set(space["plays"]) == {"training", "validation", "test"}
    assert space["STEPS"] == 60
    assert not {"full", "scratch", "measured", "adapted"} & set(space)


def test_each_way_trains_what_it_says(tool, space):
    trained = {}
    for way in tool.RATES:
        model = tool.model_for(space, way)
        trained[way] = sum(one.numpy().size for one in model.trainable_variables)
    assert trained == {
        "full": 813_824,
        "last block": 196_992,
        "head": 9_856,
        "LoRA": 32_768,
    }


def test_rates_and_ranks_are_tried_and_the_best_gets_more_seeds(tool, monkeypatch, capsys):
    asked = []

    def tuned(space, way, rate, seed, rank=4):
        asked.append((way, rate, seed, rank))
        return 7, abs(rate - 2) + 0.001 * seed, 3.0

    monkeypatch.setattr(tool, "tuned", tuned)
    monkeypatch.setattr(tool, "RATES", {"full": (1, 2, 3)})
    monkeypatch.setattr(tool, "RANKS", (1, 8))
    tool.ways({})
    assert asked == [("full", r, 17, 4) for r in (1, 2, 3)] + [("full", 2, s, 4) for s in (1, 2)]
    told = capsys.readouterr().out
    assert '("full", 2, 7, 0.007, 3.000),' in told
    assert "spread 0.016, 0.000" in told
    asked.clear()
    tool.ranks({})
    assert [rank for *_, rank in asked] == [1, 8]


def test_a_way_is_trained_and_measured(tool, small):
    trained, reviews, play = tool.tuned(small, "head", 0.01, 1)
    assert trained == 77 * 8
    assert 3 < reviews < 5
    assert 3 < play < 5


def test_prompts_end_with_a_speaker_and_marks_are_counted(tool, space):
    generator = np.random.default_rng(0)
    encode, decode = space["characters"].encode, space["characters"].decode
    rows = tool.prompts_from(space["plays"]["validation"], 9, encode, generator)
    assert rows.shape == (9, tool.GIVEN)
    assert all(decode(row).endswith(".\n") for row in rows)
    assert tool.marks(["a!", "?! b", ""]).tolist() == [1, 2, 0]


def test_answers_follow_their_prompts_and_the_run_decides_them(tool, small):
    model, characters = small["shakespeare_gpt"]()
    sample = tool.sampler(small, model)
    prompts = np.tile(characters.encode("\n\nSo says the old king.\n")[-tool.GIVEN :], (3, 1))
    prompts = np.concatenate([prompts, prompts[:, -1:]], axis=1)[:, -tool.GIVEN :]
    first, second = sample(prompts, 1), sample(prompts, 2)
    assert first.shape == (3, tool.TOTAL)
    assert np.array_equal(first[:, : tool.GIVEN], prompts)
    assert np.array_equal(first, sample(prompts, 1))
    assert not np.array_equal(first, second)


def test_preferences_are_taught_and_told(tool, small, capsys):
    tool.teach_marks(small, seed=1, pairs=32, steps=1)
    told = capsys.readouterr().out
    assert "of 32 pairs differ" in told
    assert told.count("with a mark of 128") == 4
    assert "beta inf, with a mark of 128, KL, play, real words:" in told
