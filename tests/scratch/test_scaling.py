"""Counts, operations, memory and laws agree with Keras, with published models and with theory."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.lesson import quiet_stderr
from course_lib.scratch import scaling
from course_lib.training.cost_card import count_products

LAW = (1.5, 40.0, 0.3, 300.0, 0.35)
SIZES = [(11, 6, 8, 1, 2), (77, 64, 16, 2, 4), (30, 9, 24, 3, 3)]


@pytest.fixture(scope="module")
def gpts():
    with quiet_stderr():
        from course_lib.models.gpt import GPT
    return {sizes: GPT(*sizes) for sizes in SIZES}


@pytest.mark.parametrize("sizes", SIZES)
def test_parameters_are_those_of_the_model(gpts, sizes):
    assert scaling.gpt_parameters(*sizes[:4]) == gpts[sizes].count_params()


@pytest.mark.parametrize(
    ("width", "depth", "published"),
    [
        (768, 12, 124_439_808),
        (1024, 24, 354_823_168),
        (1280, 36, 774_030_080),
        (1600, 48, 1_557_611_200),
    ],
)
def test_parameters_are_those_of_gpt_2(width, depth, published):
    assert scaling.gpt_parameters(50_257, 1024, width, depth, biases=True) == published


def test_parameters_are_those_of_gpt_3_within_one_percent():
    count = scaling.gpt_parameters(50_257, 2048, 12_288, 96, biases=True)
    assert count == pytest.approx(175e9, rel=0.01)


@pytest.mark.parametrize(
    ("shape", "published"),
    [
        ((32_000, 4096, 32, 11_008, 4096), 6_738_415_616),
        ((32_000, 8192, 80, 28_672, 1024), 68_976_648_192),
        ((128_256, 4096, 32, 14_336, 1024), 8_030_261_248),
        ((128_256, 16_384, 126, 53_248, 1024), 405_853_388_800),
    ],
)
def test_parameters_are_those_of_llama(shape, published):
    assert scaling.llama_parameters(*shape) == published


SHAPES = {
    "Llama 3 8B": ((128_256, 4096, 32, 14_336, 32, 8), {}, 8_030_261_248),
    "Llama 3.2 1B": ((128_256, 2048, 16, 8192, 32, 8), {"tied": True}, 1_235_814_400),
    "Mistral 7B": ((32_000, 4096, 32, 14_336, 32, 8), {}, 7_241_732_096),
    "Mixtral 8x7B": ((32_000, 4096, 32, 14_336, 32, 8), {"experts": 8}, 46_702_792_704),
    "Mixtral 8x7B, active": (
        (32_000, 4096, 32, 14_336, 32, 8),
        {"experts": 8, "used": 2},
        12_879_925_248,
    ),
    "Qwen2.5 0.5B": (
        (151_936, 896, 24, 4864, 14, 2),
        {"tied": True, "biases": True},
        494_032_768,
    ),
    "Gemma 2B": (
        (256_000, 2048, 18, 16_384, 8, 1),
        {"tied": True, "head_size": 256},
        2_506_172_416,
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_parameters_are_those_of_todays_decoders(name):
    shape, options, published = SHAPES[name]
    assert scaling.decoder_parameters(*shape, **options) == published


def test_a_decoder_without_anything_special_is_a_llama():
    for vocabulary, width, depth, inner in ((32_000, 4096, 32, 11_008), (50, 12, 3, 20)):
        llama = scaling.llama_parameters(vocabulary, width, depth, inner, width // 2)
        assert scaling.decoder_parameters(vocabulary, width, depth, inner, 4, 2) == llama


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"experts": 2, "used": 3}, "used should be at most 2, but is 3"),
        ({"key_value_heads": 3}, "key_value_heads should divide the 4 heads, but is 3"),
        ({"head_size": 0}, "head_size should be positive"),
    ],
)
def test_decoders_that_cannot_be_are_refused(options, message):
    sizes = {"vocabulary": 9, "width": 8, "depth": 1, "inner": 8, "heads": 4, "key_value_heads": 2}
    with pytest.raises(ValueError, match=message):
        scaling.decoder_parameters(**{**sizes, **options})


@pytest.mark.parametrize("sizes", SIZES)
def test_operations_are_those_in_the_graph_and_three_times_as_many_in_training(gpts, sizes):
    import tensorflow as tf

    model, context = gpts[sizes], sizes[1]

    def gradients(tokens):
        with tf.GradientTape() as tape:
            logits = model(tokens, training=True)
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(tokens, logits)
        return tape.gradient(loss, model.trainable_variables)

    formula = context * scaling.forward_operations(*sizes[:4])
    tokens = tf.TensorSpec((1, context), "int32")
    assert count_products(model, tokens) == formula
    assert count_products(gradients, tokens) == 3 * formula


def test_operations_by_hand():
    # One block of width 2, three tokens to choose from, five positions:
    # 12 * 4 weights in the block, 3 * 2 at the end, and twice 5 * 2 in attention.
    assert scaling.forward_operations(3, 5, 2, 1) == 2 * (48 + 6 + 20)
    assert scaling.training_operations(174.6e9, 300e9) == pytest.approx(3.14e23, rel=0.01)


@pytest.mark.parametrize("sizes", SIZES)
def test_the_cache_has_the_bytes_of_the_model_s(gpts, sizes):
    _, context, width, depth, _ = sizes
    empty = gpts[sizes].empty_cache(5).numpy()
    assert scaling.cache_bytes(depth, width, context, 5, bytes_each=4) == empty.nbytes


def test_a_cache_holds_one_text_in_16_bits_unless_told():
    assert scaling.cache_bytes(3, 8, 10) == 2 * 3 * 8 * 10 * 2


def test_the_law_by_hand():
    assert scaling.law_loss((1.0, 8.0, 0.5, 27.0, 1 / 3), 16, 27) == pytest.approx(1 + 2 + 9)
    both = scaling.law_loss(LAW, np.array([1e4, 1e5]), np.array([1e6, 1e6]))
    assert both.shape == (2,)
    assert both[0] > both[1] > LAW[0]


def grid(law):
    sizes, texts = np.meshgrid(np.geomspace(1e4, 1e6, 7), np.geomspace(2e5, 5e7, 6))
    parameters, tokens = sizes.ravel(), texts.ravel()
    return parameters, tokens, scaling.law_loss(law, parameters, tokens)


@settings(deadline=None, max_examples=15)
@given(
    floor=st.floats(0.5, 2.0),
    share=st.floats(0.3, 1.5),
    alpha=st.floats(0.2, 0.5),
    text=st.floats(0.3, 1.5),
    beta=st.floats(0.2, 0.5),
)
def test_a_fit_finds_the_law_that_made_the_losses(floor, share, alpha, text, beta):
    # `share` and `text` are what the two terms cost in the middle of the grid.
    law = (floor, share * 1e5**alpha, alpha, text * 3e6**beta, beta)
    np.testing.assert_allclose(scaling.fit_law(*grid(law)), law, rtol=2e-3)


def test_one_odd_run_hardly_bends_a_fit():
    parameters, tokens, losses = grid(LAW)
    losses[17] *= 1.5
    law = scaling.fit_law(parameters, tokens, losses)
    far = scaling.law_loss(law, 1e7, 1e9) / scaling.law_loss(LAW, 1e7, 1e9)
    assert abs(far - 1) < 0.005


@pytest.mark.parametrize(("place", "steep"), [(2, "parameters"), (4, "tokens")])
def test_exponents_stay_between_their_limits(place, steep):
    parameters, tokens, _ = grid(LAW)
    x = parameters if steep == "parameters" else tokens
    law = scaling.fit_law(parameters, tokens, 1 + (x / x.min()) ** -6.0)
    assert law[place] == pytest.approx(3, abs=0.01)
    # What does not matter at all still has the least power allowed, or no weight.
    assert min(law[2], law[4]) >= 0.01


@settings(deadline=None, max_examples=40)
@given(
    alpha=st.floats(0.1, 1.0),
    beta=st.floats(0.1, 1.0),
    a=st.floats(0.5, 500),
    b=st.floats(0.5, 500),
    operations=st.floats(1e6, 1e26),
)
def test_no_other_split_of_a_budget_is_better(alpha, beta, a, b, operations):
    law = (1.0, a, alpha, b, beta)
    parameters, tokens = scaling.best_split(law, operations)
    assert 6 * parameters * tokens == pytest.approx(operations)
    above = scaling.law_loss(law, parameters, tokens) - 1
    for factor in (0.9, 1.1):
        assert scaling.law_loss(law, factor * parameters, tokens / factor) - 1 > above


def test_published_constants_split_chinchilla_s_budget_as_the_lesson_says():
    printed = scaling.best_split((1.69, 406.4, 0.34, 410.7, 0.28), 5.76e23)
    refitted = scaling.best_split((1.8172, 482.01, 0.3478, 2085.43, 0.3658), 5.76e23)
    assert printed[1] / printed[0] == pytest.approx(92.6, abs=0.1)
    assert refitted == pytest.approx((72.2e9, 1.33e12), rel=0.01)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: scaling.gpt_parameters(0, 5, 2, 1), "gpt_parameters: vocabulary should be pos"),
        (lambda: scaling.gpt_parameters(3, 5, 2, -1), "depth should be positive, but is -1"),
        (lambda: scaling.llama_parameters(3, 2, 1, 0, 2), "inner should be positive"),
        (lambda: scaling.forward_operations(3, 5, float("nan"), 1), "width should be positive"),
        (lambda: scaling.training_operations(1e9, float("inf")), "tokens should be positive"),
        (lambda: scaling.cache_bytes(1, 2, "many"), "tokens should be a number, but is 'many'"),
        (
            lambda: scaling.fit_law(np.ones(3), np.ones(4), np.ones(3)),
            "tokens should have shape",
        ),
    ],
)
def test_sizes_that_cannot_be_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
