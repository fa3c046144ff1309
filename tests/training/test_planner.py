"""Plans agree with arithmetic, with published trainings, and refuse what cannot be."""

import dataclasses

import numpy as np
import pytest

from course_lib.scratch.scaling import best_split, law_loss
from course_lib.training import planner
from course_lib.training.planner import CARDS, Assumptions, plan_budget, plan_run


def test_a_run_by_hand():
    # 3e8 operations at half of 1e4 a second: 6e4 seconds of one card.
    card = planner.Card("toy", peak=1e4, memory=1e3, bandwidth=1e3, watts=600)
    plan = plan_run(
        100,
        500_000,
        card=card,
        cards=5,
        utilisation=0.5,
        dollars_per_hour=3.0,
        overhead=1.5,
        kg_per_kwh=0.2,
        law=(1.0, 2.0, 0.5, 1000.0, 0.5),
    )
    assert plan.operations == 3e8
    assert plan.card_hours == pytest.approx(6e4 / 3600)
    assert plan.dollars == pytest.approx(50.0)
    assert plan.days == pytest.approx(6e4 / 3600 / 5 / 24)
    assert plan.bytes_per_card == 16 * 100 / 5
    assert plan.kwh == pytest.approx(6e4 / 3600 * 0.6 * 1.5)
    assert plan.kg_co2 == pytest.approx(plan.kwh * 0.2)
    assert plan.loss == pytest.approx(1 + 0.2 + 2**0.5)
    # 2e8 operations for a million tokens.
    assert plan.dollars_per_million_tokens == pytest.approx(2e8 / 5e3 / 3600 * 3)


def test_a_budget_is_spent_and_split_by_the_law():
    plan = plan_budget(1_000_000, cards=64)
    assert plan.dollars == pytest.approx(1_000_000)
    assert plan.card_hours == pytest.approx(500_000)
    assert plan.operations == pytest.approx(5e5 * 3600 * 312e12 * 0.4)
    wanted = best_split(planner.REPLICATED_LAW, plan.operations)
    assert (plan.parameters, plan.tokens) == pytest.approx(wanted)
    assert plan.loss == pytest.approx(law_loss(planner.REPLICATED_LAW, *wanted))


def test_watts_of_the_card_unless_others_are_given():
    own, given = plan_run(1e9, 1e9), plan_run(1e9, 1e9, watts=800)
    assert given.kwh == pytest.approx(2 * own.kwh)


@pytest.mark.parametrize(
    ("parameters", "tokens", "published"),
    [(174.6e9, 300e9, 3.14e23), (70e9, 1.4e12, 5.76e23), (405.85e9, 15.6e12, 3.8e25)],
)
def test_published_operations(parameters, tokens, published):
    assert plan_run(parameters, tokens).operations == pytest.approx(published, rel=0.05)


def test_the_energy_of_gpt_3_from_what_was_measured():
    plan = plan_run(174.6e9, 300e9, card="V100", cards=10_000, utilisation=24.6 / 125, watts=330)
    assert plan.kwh == pytest.approx(1_287_000, rel=0.01)
    assert plan.kg_co2 == pytest.approx(552_000, rel=0.01)
    assert plan.days == pytest.approx(14.8, rel=0.01)


def test_published_hours_imply_a_utilisation():
    llama = plan_run(68_976_648_192, 2e12, utilisation=1.0)
    assert llama.card_hours / 1_720_320 == pytest.approx(0.428, abs=5e-4)
    herd = plan_run(405_853_388_800, 15.6e12, card="H100", utilisation=1.0)
    assert herd.card_hours / 30.84e6 == pytest.approx(0.346, abs=5e-4)


def test_the_cards_are_those_of_the_data_sheets():
    assert dataclasses.astuple(CARDS["V100"]) == ("V100", 125e12, 32e9, 0.9e12, 300)
    assert dataclasses.astuple(CARDS["A100"]) == ("A100", 312e12, 80e9, 2.039e12, 400)
    assert dataclasses.astuple(CARDS["H100"]) == ("H100", 989e12, 80e9, 3.35e12, 700)
    assert dataclasses.astuple(CARDS["H200"]) == ("H200", 989e12, 141e9, 4.8e12, 700)
    assert dataclasses.astuple(CARDS["B200"]) == ("B200", 2250e12, 180e9, 8e12, 1000)


def test_the_assumptions_that_the_lesson_states():
    assumed = Assumptions()
    stated = ("A100", 1, 0.4, 2.0, None, 1.1, 0.429, (1.8172, 482.01, 0.3478, 2085.43, 0.3658))
    assert dataclasses.astuple(assumed) == stated
    assert assumed.hardware is CARDS["A100"]
    assert assumed.operations_per_hour == pytest.approx(3600 * 312e12 * 0.4)


def test_the_table_names_its_assumptions_and_units():
    lines = {line[:18].strip(): line[18:] for line in str(plan_budget(1e6, cards=64)).splitlines()}
    assert lines == {
        "assumed": "64 x A100, 40% of peak",
        "": "2.00 dollars an hour each",
        "parameters": "44.6 billion",
        "tokens": "840 billion (18.8 each)",
        "operations": "2.25e+23",
        "loss by the law": "2.003 nats",
        "card hours": "500,000",
        "days": "325.5",
        "rent": "1,000,000 dollars",
        "memory per card": "11.1 GB (fits, without activations)",
        "energy": "220,000 kWh",
        "CO2": "94,380 kg",
        "writing 1M tokens": "0.3970 dollars at least",
    }


@pytest.mark.parametrize(
    ("parameters", "tokens", "shown"),
    [
        (2, 1000, "2"),
        (999_999, 1e6, "999,999"),
        (1e6, 1e6, "1 million"),
        (999_999_999, 1e6, "1 billion"),
        (999_400, 1e6, "999,400"),
        (1.5e9, 1e12, "1.5 billion"),
        (2e12, 1e12, "2 trillion"),
    ],
)
def test_large_numbers_are_shortened(parameters, tokens, shown):
    assert f"parameters        {shown}\n" in str(plan_run(parameters, tokens))


def test_numbers_of_numpy_are_numbers():
    plan = plan_run(np.int64(5e9), np.float32(1e9), cards=np.int64(2))
    assert str(plan) == str(plan_run(5e9, 1e9, cards=2))


def test_a_model_that_does_not_fit_is_said_so():
    assert "80.0 GB (fits," in str(plan_run(5e9, 1e9))
    assert "112.0 GB (does not fit," in str(plan_run(7e9, 1e9))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"utilisation": 0}, "utilisation should be a number, over 0 and at most 1, but is 0"),
        ({"utilisation": 40}, "over 0 and at most 1, but is 40"),
        ({"utilisation": "half"}, "but is 'half'"),
        ({"utilisation": float("nan")}, "but is nan"),
        ({"utilisation": True}, "but is True"),
        ({"cards": 0}, "cards should be a whole number from 1, but is 0"),
        ({"cards": 1.5}, "but is 1.5"),
        ({"cards": True}, "but is True"),
        (
            {"card": "abacus"},
            "card should be one of V100, A100, H100, H200, B200, or a Card, but is 'abacus'",
        ),
        ({"dollars_per_hour": -1}, "dollars_per_hour should be a number, positive, but is -1"),
        ({"watts": 0}, "watts should be a number, positive"),
        ({"overhead": 0.9}, "overhead should be at least 1"),
        ({"overhead": 110}, "1.1 is good, but is 110"),
        ({"overhead": "1.1"}, "but is '1.1'"),
        ({"kg_per_kwh": -0.1}, "kg_per_kwh should be a number, positive"),
    ],
)
def test_assumptions_that_cannot_be_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        plan_run(1e9, 1e9, **wrong)


@pytest.mark.parametrize("value", [0, -5, float("inf"), "a million", None])
def test_sums_and_sizes_that_cannot_be_are_refused(value):
    with pytest.raises(ValueError, match="dollars should be a number, positive"):
        plan_budget(value)
    with pytest.raises(ValueError, match="parameters should be a number, positive"):
        plan_run(value, 1e9)
    with pytest.raises(ValueError, match="tokens should be a number, positive"):
        plan_run(1e9, value)


def test_what_is_just_possible_is_taken():
    plan = plan_run(1e9, 1e9, utilisation=1, overhead=1, kg_per_kwh=0, cards=1)
    assert plan.kg_co2 == 0.0


def test_a_name_that_is_no_assumption_is_refused():
    with pytest.raises(TypeError, match="price is no assumption; these are: card, cards, util"):
        plan_budget(100, price=2)
