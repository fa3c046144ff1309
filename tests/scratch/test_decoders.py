"""The counts are those published, and those of Keras layers of the same sizes."""

import dataclasses

import pytest

from course_lib.lesson import quiet_stderr
from course_lib.scratch.decoders import DECODERS, Decoder

# Weights in the published files, all and those that work for a token (two of Mixtral's
# eight experts); bytes of keys and values a token in 16 bits.
PUBLISHED = {
    "SmolLM2 135M": (134_515_008, 134_515_008, 2 * 30 * 3 * 64 * 2),
    "Qwen2.5 0.5B": (494_032_768, 494_032_768, 2 * 24 * 2 * 64 * 2),
    "Gemma 2B": (2_506_172_416, 2_506_172_416, 2 * 18 * 1 * 256 * 2),
    "Mistral 7B": (7_241_732_096, 7_241_732_096, 2 * 32 * 8 * 128 * 2),
    "Llama 3 8B": (8_030_261_248, 8_030_261_248, 2 * 32 * 8 * 128 * 2),
    "Mixtral 8x7B": (46_702_792_704, 12_879_925_248, 2 * 32 * 8 * 128 * 2),
}


def test_all_are_checked():
    assert list(DECODERS) == list(PUBLISHED)
    assert all("arXiv:2" in one.source for one in DECODERS.values())


@pytest.mark.parametrize("name", PUBLISHED)
def test_counts_are_those_published(name):
    decoder = DECODERS[name]
    found = decoder.parameters(), decoder.parameters(active=True), decoder.cache_bytes()
    assert found == PUBLISHED[name]


def test_gemma_without_its_table_is_table_2_of_its_paper():
    gemma = DECODERS["Gemma 2B"]
    assert gemma.parameters() - gemma.vocabulary * gemma.width == 1_981_884_416


def test_bytes_a_token_by_hand():
    found = {name: decoder.cache_bytes() for name, decoder in DECODERS.items()}
    assert found["SmolLM2 135M"] == 23_040
    assert found["Qwen2.5 0.5B"] == 12_288
    assert found["Gemma 2B"] == 18_432
    assert found["Llama 3 8B"] == 131_072
    assert DECODERS["Llama 3 8B"].cache_bytes(8192) == 2**30
    assert DECODERS["SmolLM2 135M"].cache_bytes(10, bytes_each=4) == 460_800


TINY = Decoder(11, 8, 2, 12, 4, 2, source="made up")
VARIANTS = [
    {},
    {"tied": True},
    {"head_size": 6},
    {"biases": True, "groups": 1},
    {"experts": 3, "used": 2, "groups": 4},
]


@pytest.mark.parametrize("changes", VARIANTS)
def test_counts_are_those_of_keras_layers(changes):
    with quiet_stderr():
        from keras import layers
    one = dataclasses.replace(TINY, **changes)
    size = one.head_size or one.width // one.heads
    weights = []

    def build(layer, *shapes):
        layer.build(*shapes)
        weights.extend(layer.weights)

    text = (None, None, one.width)
    for _ in range(1 if one.tied else 2):
        build(layers.Embedding(one.vocabulary, one.width), (None, None))
    for _ in range(one.depth):
        attention = layers.GroupQueryAttention(size, one.heads, one.groups, use_bias=one.biases)
        build(attention, text, text)
        if one.biases:
            # The product that joins the heads has none.
            output = attention._output_dense.bias
            weights = [other for other in weights if other is not output]
        for _ in range(2):
            build(layers.RMSNormalization(), text)
        for _ in range(one.experts):
            for wide in (True, True, False):
                inner, outer = (one.inner, one.width) if wide else (one.width, one.inner)
                build(layers.Dense(inner, use_bias=False), (None, None, outer))
        if one.experts > 1:
            build(layers.Dense(one.experts, use_bias=False), text)
    build(layers.RMSNormalization(), text)
    assert one.parameters() == sum(int(other.value.shape.num_elements()) for other in weights)


def test_active_weights_leave_out_the_experts_that_rest():
    one = dataclasses.replace(TINY, experts=5, used=2)
    resting = one.depth * 3 * 3 * one.width * one.inner
    assert one.parameters() - one.parameters(active=True) == resting
    assert TINY.parameters(active=True) == TINY.parameters()


def test_sizes_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="key_value_heads should divide the 4 heads, but is 3"):
        dataclasses.replace(TINY, groups=3).parameters()
    with pytest.raises(ValueError, match="used should be at most 2, but is 3"):
        dataclasses.replace(TINY, experts=2, used=3).parameters(active=True)
    with pytest.raises(ValueError, match="tokens should be positive, but is 0"):
        TINY.cache_bytes(0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        TINY.width = 3
