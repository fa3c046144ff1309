"""How large models count, compute and remember, and how their loss falls with size.

Counts are whole numbers; operations are multiplications and additions, counted
one each; memory is in bytes; losses are in nats per token.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from course_lib.scratch.shapes import requires, shapes

Law = tuple[float, float, float, float, float]


def _positive(name: str, arguments: dict[str, Any]) -> None:
    """Refuse sizes that are no positive numbers."""
    for argument, value in arguments.items():
        if isinstance(value, bool | np.bool_) or value is None:
            continue
        try:
            numbers = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name}: {argument} should be a number, but is {value!r}.") from error
        if not (np.isfinite(numbers) & (numbers > 0)).all():
            raise ValueError(f"{name}: {argument} should be positive, but is {value!r}.")


@requires(_positive)
def gpt_parameters(
    vocabulary: int, context: int, width: int, depth: int, biases: bool = False
) -> int:
    """Return the number of weights of a GPT whose first and last table are one.

    Args:
        vocabulary: tokens in the table.
        context: positions in the other table.
        width: features of a position.
        depth: blocks, each with an inner width of 4 times `width`.
        biases: True for GPT-2 and GPT-3, whose products and normalisations have
            biases; False for this course's GPT.

    Raises:
        ValueError: when a size is not positive.

    Source: A. Radford and others (2019), Language Models are Unsupervised
    Multitask Learners, OpenAI (the shape; the count follows from it).
    """
    tables = (vocabulary + context) * width
    matrices = (3 + 1 + 4 + 4) * width**2
    vectors = (2 + 2 + 3 + 1 + 4 + 1) * width if biases else 2 * width
    last_norm = 2 * width if biases else width
    return tables + depth * (matrices + vectors) + last_norm


@requires(_positive)
def llama_parameters(
    vocabulary: int, width: int, depth: int, inner: int, key_value_width: int
) -> int:
    """Return the number of weights of a Llama: two tables, gated blocks, no biases.

    Args:
        vocabulary: tokens in each of the two tables.
        width: features of a position.
        depth: blocks.
        inner: width between the three products of the gated half.
        key_value_width: features of the keys, and of the values, of a position;
            less than `width` where several heads share them.

    Raises:
        ValueError: when a size is not positive.

    Source: H. Touvron and others (2023), Llama 2: Open Foundation and
    Fine-Tuned Chat Models, arXiv:2307.09288.
    """
    attention = 2 * width**2 + 2 * width * key_value_width
    block = attention + 3 * width * inner + 2 * width
    return 2 * vocabulary * width + depth * block + width


@requires(_positive)
def decoder_parameters(
    vocabulary: int,
    width: int,
    depth: int,
    inner: int,
    heads: int,
    key_value_heads: int,
    *,
    head_size: int | None = None,
    tied: bool = False,
    biases: bool = False,
    experts: int = 1,
    used: int | None = None,
) -> int:
    """Return the number of weights of today's decoders: `llama_parameters` with what varies.

    Args:
        vocabulary: tokens in a table.
        width: features of a position.
        depth: blocks.
        inner: width between the three products of a gated half, or of an expert.
        heads: of the queries.
        key_value_heads: of the keys and the values; fewer are shared among queries.
        head_size: features of a head; `width` over `heads` where it is not given.
        tied: whether the first and the last table are one.
        biases: whether queries, keys and values have them.
        experts: gated halves in a block; with more than one a matrix scores them.
        used: how many of them a token uses: the count is that of the weights that work
            for a token. Without it, all count.

    Raises:
        ValueError: when a size is not positive, key-value heads do not divide the heads,
            or more experts are used than there are.

    Source: the shapes are those of A. Yang and others (2024), Qwen2.5 Technical Report,
    arXiv:2412.15115; A. Q. Jiang and others (2024), Mixtral of Experts,
    arXiv:2401.04088; the counts follow from them.
    """
    if heads % key_value_heads:
        raise ValueError(
            f"decoder_parameters: key_value_heads should divide the {heads} heads, "
            f"but is {key_value_heads}."
        )
    used = experts if used is None else used
    if used > experts:
        raise ValueError(f"decoder_parameters: used should be at most {experts}, but is {used}.")
    size = width // heads if head_size is None else head_size
    projected = (heads + 2 * key_value_heads) * size
    attention = width * projected + heads * size * width + (projected if biases else 0)
    scores = width * experts if experts > 1 else 0
    block = attention + used * 3 * width * inner + scores + 2 * width
    return (1 if tied else 2) * vocabulary * width + depth * block + width


@requires(_positive)
def forward_operations(vocabulary: int, context: int, width: int, depth: int) -> int:
    """Return the operations of all matrix products of a GPT for one token.

    A product of a row of n numbers with an (n, m) matrix takes 2 n m. The whole
    square of attention scores is counted, as it is computed, masked half included.

    Args:
        vocabulary: scores at the end.
        context: positions that a token is compared with.
        width: features of a position.
        depth: blocks.

    Raises:
        ValueError: when a size is not positive.

    Source: J. Kaplan and others (2020), Scaling Laws for Neural Language
    Models, arXiv:2001.08361, table 1.
    """
    products = 12 * width**2 * depth + vocabulary * width
    attention = 2 * context * width * depth
    return 2 * (products + attention)


@requires(_positive)
def training_operations(parameters: float, tokens: float) -> float:
    """Return the rule of thumb for the operations of a training: 6 N D.

    Two for each weight and token on the way forward, four on the way back.

    Raises:
        ValueError: when an argument is not positive.

    Source: J. Kaplan and others (2020), arXiv:2001.08361, section 2.1.
    """
    return 6 * parameters * tokens


@requires(_positive)
def cache_bytes(
    depth: int, key_value_width: int, tokens: int, sequences: int = 1, bytes_each: int = 2
) -> int:
    """Return the size of a cache of keys and values.

    Args:
        depth: blocks.
        key_value_width: features of the keys, and of the values, of a position.
        tokens: room in each sequence.
        sequences: at a time.
        bytes_each: of one number: 4 in float32, 2 in 16 bits.

    Raises:
        ValueError: when an argument is not positive.
    """
    return 2 * depth * key_value_width * tokens * sequences * bytes_each


def law_loss(law: Sequence[float], parameters: Any, tokens: Any) -> Any:
    """Return the loss that a scaling law gives, in nats per token.

    Args:
        law: E, A, alpha, B, beta.
        parameters: N, a number or an array.
        tokens: D, of a shape that fits.

    Source: J. Hoffmann and others (2022), Training Compute-Optimal Large
    Language Models, NeurIPS, equation 2.
    """
    floor, a, alpha, b, beta = law
    return floor + a / parameters**alpha + b / tokens**beta


@shapes(parameters="n", tokens="n", losses="n")
def fit_law(
    parameters: np.ndarray,
    tokens: np.ndarray,
    losses: np.ndarray,
) -> Law:
    """Return the law E, A, alpha, B, beta that runs follow best.

    Differences of logarithms are squared up to 0.01 and counted linearly beyond
    (Huber), so that one odd run cannot bend the law. Of several starts the best
    end counts. The exponents stay between 0.01 and 3.

    Args:
        parameters: of each run, shape (n,).
        tokens: read by each run, shape (n,).
        losses: of each run in nats, shape (n,).

    Raises:
        ValueError: when shapes differ.

    Source: J. Hoffmann and others (2022), section 3.3 and appendix D.4.
    """

    def errors(numbers: np.ndarray) -> np.ndarray:
        floor, a, b = np.exp(numbers[[0, 1, 3]])
        law = (floor, a, numbers[2], b, numbers[4])
        return np.log(law_loss(law, parameters, tokens)) - np.log(losses)

    ends = []
    limits = [-20, -20, 0.01, -20, 0.01], [20, 40, 3, 40, 3]
    for power in (0.1, 0.2, 0.3, 0.5):
        start = [0, 10 * power, power, 10 * power, power]
        ends.append(least_squares(errors, start, bounds=limits, loss="huber", f_scale=0.01))
    floor, a, alpha, b, beta = min(ends, key=lambda end: end.cost).x
    return np.exp(floor), np.exp(a), alpha, np.exp(b), beta


def best_split(law: Sequence[float], operations: Any) -> tuple[Any, Any]:
    """Return the parameters and tokens with the least loss for 6 N D operations.

    Args:
        law: E, A, alpha, B, beta.
        operations: the budget, a number or an array.

    Source: J. Hoffmann and others (2022), equation 4.
    """
    _, a, alpha, b, beta = law
    ratio = (alpha * a / (beta * b)) ** (1 / (alpha + beta))
    parameters = ratio * (operations / 6) ** (beta / (alpha + beta))
    return parameters, operations / 6 / parameters
