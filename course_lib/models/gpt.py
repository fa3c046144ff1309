"""A small GPT: a Transformer that only looks back, and predicts the next token.

Normalisation stands before each half of a block, as in GPT-2; queries, keys and
values come from one product; the first and the last table of tokens are one.
Sources: A. Vaswani and others (2017), Attention Is All You Need, NIPS; A. Radford
and others (2019), Language Models are Unsupervised Multitask Learners, OpenAI.
"""

import math
from typing import Any

import numpy as np

from course_lib.lesson import quiet_stderr
from course_lib.scratch.attention import causal_mask

with quiet_stderr():
    import keras
    from keras import layers, ops


def normal(deviation: float) -> keras.initializers.Initializer:
    """Return the initialiser of GPT-2: normal, with this standard deviation."""
    return keras.initializers.RandomNormal(stddev=deviation)


@keras.saving.register_keras_serializable("course_lib")
class Block(layers.Layer):
    """Causal self-attention and two dense layers, each added to what came in.

    Called with x of shape (batch, length, width), it returns the same shape.
    With a cache it takes one new position and returns its output and the cache.
    """

    def __init__(self, heads: int, width: int, depth: int, **options: Any) -> None:
        super().__init__(**options)
        self.heads, self.width, self.depth = heads, width, depth
        # Each block adds to one sum; the last factor keeps its size (Radford and others 2019).
        end = 0.02 / math.sqrt(2 * depth)

        def dense(units: int, deviation: float, name: str) -> layers.Dense:
            start = normal(deviation)
            return layers.Dense(units, use_bias=False, kernel_initializer=start, name=name)

        self.norm_1 = layers.LayerNormalization(epsilon=1e-5, center=False, name="norm_1")
        self.project = dense(3 * width, 0.02, "project")
        self.mix = dense(width, end, "mix")
        self.norm_2 = layers.LayerNormalization(epsilon=1e-5, center=False, name="norm_2")
        self.widen = dense(4 * width, 0.02, "widen")
        self.narrow = dense(width, end, "narrow")

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the weights."""
        for part in (self.norm_1, self.project, self.mix, self.norm_2, self.widen):
            part.build((None, None, self.width))
        self.narrow.build((None, None, 4 * self.width))

    def compute_output_spec(self, x: Any) -> keras.KerasTensor:
        """Return the shape and type of the output, which are those of the input."""
        return keras.KerasTensor(x.shape, dtype=x.dtype)

    def split(self, x: Any) -> tuple[Any, Any, Any]:
        """Return queries, keys and values, each of shape (batch, heads, length, size)."""
        parts = (-1, x.shape[1], 3, self.heads, self.width // self.heads)
        together = ops.reshape(self.project(x), parts)
        query, key, value = ops.unstack(ops.transpose(together, (2, 0, 3, 1, 4)), 3)
        return query, key, value

    def attend(self, query: Any, key: Any, value: Any, visible: Any) -> Any:
        """Return what the heads read, side by side: shape (batch, length, width)."""
        size = self.width // self.heads
        scores = ops.matmul(query, ops.swapaxes(key, 2, 3)) / math.sqrt(size)
        weights = ops.softmax(ops.where(visible, scores, -1e9))
        read = ops.transpose(ops.matmul(weights, value), (0, 2, 1, 3))
        return self.mix(ops.reshape(read, (-1, read.shape[1], self.width)))

    def think(self, x: Any) -> Any:
        """Return x with the output of the two dense layers added."""
        hidden = ops.gelu(self.widen(self.norm_2(x)), approximate=True)
        return x + self.narrow(hidden)

    def call(self, x: Any) -> Any:
        """Return the block's output; each position sees itself and what is before it."""
        visible = causal_mask(x.shape[1])
        return self.think(x + self.attend(*self.split(self.norm_1(x)), visible))

    def step(self, x: Any, cache: Any, position: Any) -> tuple[Any, Any]:
        """Return the output at one new position, and the cache with its key and value.

        Args:
            x: the new position's input, shape (batch, 1, width).
            cache: keys and values so far, shape (2, batch, heads, context, size).
            position: where the new position is, an integer from 0.
        """
        query, key, value = self.split(self.norm_1(x))
        cache = ops.slice_update(cache, (0, 0, 0, position, 0), ops.stack([key, value]))
        visible = ops.arange(cache.shape[3]) <= position
        return self.think(x + self.attend(query, cache[0], cache[1], visible)), cache

    def get_config(self) -> dict[str, Any]:
        """Return what `__init__` needs to build the block again."""
        sizes = {"heads": self.heads, "width": self.width, "depth": self.depth}
        return {**super().get_config(), **sizes}


@keras.saving.register_keras_serializable("course_lib")
class GPT(keras.Model):
    """A decoder-only Transformer over tokens.

    Args:
        vocabulary: number of different tokens.
        context: the longest sequence, in tokens.
        width: features of each position, a multiple of `heads`.
        depth: blocks.
        heads: of each block.

    Raises:
        ValueError: when a size is not a positive whole number, or the width no
            multiple of the heads.
    """

    def __init__(
        self,
        vocabulary: int,
        context: int = 64,
        width: int = 128,
        depth: int = 4,
        heads: int = 4,
        **options: Any,
    ) -> None:
        sizes: dict[str, int] = {
            "vocabulary": vocabulary,
            "context": context,
            "width": width,
            "depth": depth,
            "heads": heads,
        }
        for name, size in sizes.items():
            if not isinstance(size, int) or size < 1:
                raise ValueError(f"GPT: {name} should be a positive whole number, but is {size!r}.")
        if width % heads:
            raise ValueError(f"GPT: width {width} should be a multiple of {heads} heads.")
        super().__init__(**options)
        self.sizes = sizes
        # Two initialisers, because one used twice draws the same numbers twice.
        self.tokens = layers.Embedding(vocabulary, width, normal(0.02), name="tokens")
        self.places = layers.Embedding(context, width, normal(0.02), name="places")
        self.blocks = [Block(heads, width, depth, name=f"block_{i}") for i in range(depth)]
        self.norm = layers.LayerNormalization(epsilon=1e-5, center=False, name="norm")
        self(np.zeros((1, context), dtype="int32"))

    def call(self, tokens: Any) -> Any:
        """Return logits of the next token at every position.

        Args:
            tokens: whole numbers, shape (batch, length), length at most `context`.

        Returns:
            Shape (batch, length, vocabulary).

        Raises:
            ValueError: when the sequences are longer than the context.
        """
        length, context = tokens.shape[1], self.sizes["context"]
        if length > context:
            raise ValueError(
                f"GPT: sequences should have at most {context} tokens, its context, "
                f"but have {length}."
            )
        x = self.tokens(tokens) + self.places(ops.arange(length))
        for block in self.blocks:
            x = block(x)
        return self.logits(x)

    def logits(self, x: Any) -> Any:
        """Return scores of all tokens from the last block's output."""
        return ops.matmul(self.norm(x), ops.transpose(self.tokens.embeddings))

    def empty_cache(self, batch: int) -> Any:
        """Return a cache of zeros, shape (depth, 2, batch, heads, context, size)."""
        sizes = self.sizes
        size = sizes["width"] // sizes["heads"]
        return ops.zeros((sizes["depth"], 2, batch, sizes["heads"], sizes["context"], size))

    def step(self, tokens: Any, caches: Any, position: Any) -> tuple[Any, Any]:
        """Return the logits behind one new token, and the caches that remember it.

        Args:
            tokens: the new token of each sequence, shape (batch,).
            caches: of `empty_cache`, or of the step before.
            position: of the new token, an integer from 0 to context - 1.

        Returns:
            Logits of shape (batch, vocabulary), and the new caches.
        """
        x = self.tokens(tokens[:, None]) + self.places(ops.reshape(position, (1, 1)))
        updated = []
        for block, cache in zip(self.blocks, ops.unstack(caches, len(self.blocks)), strict=True):
            x, cache = block.step(x, cache, position)
            updated.append(cache)
        return self.logits(x)[:, 0], ops.stack(updated)

    def get_config(self) -> dict[str, Any]:
        """Return what `__init__` needs to build the model again."""
        return {**super().get_config(), **self.sizes}
