"""Exercises of lesson 18, scaling and its cost."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib import datasets
from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected, call
from course_lib.scratch.scaling import fit_law, law_loss

# 1. Counting a GPT with experts


def count_parameters(vocabulary, context, width, depth, experts):  # type: ignore[no-untyped-def]
    tables = (vocabulary + context) * width
    dense = experts * (4 + 4) * width**2 + experts * width
    block = (3 + 1) * width**2 + dense + 2 * width
    return tables + depth * block + width


def _count(**changes: Any) -> Callable[..., Any]:
    """Return an answer that counts some parts otherwise, given as functions of d and experts."""

    def answer(vocabulary, context, width, depth, experts):  # type: ignore[no-untyped-def]
        parts = {
            "tokens": lambda d, e: vocabulary * d,
            "places": lambda d, e: context * d,
            "attention": lambda d, e: 4 * d**2,
            "dense": lambda d, e: 8 * e * d**2,
            "scores": lambda d, e: e * d,
            "norms": lambda d, e: 2 * d,
            "last": lambda d, e: d,
        } | changes
        counts = {name: part(width, experts) for name, part in parts.items()}
        block = sum(counts[name] for name in ("attention", "dense", "scores", "norms"))
        return depth * block + sum(counts[name] for name in ("tokens", "places", "last"))

    return answer


def _nothing(d: int, e: int) -> int:
    return 0


parameter_count = Exercise(
    name="parameter_count",
    question="Return the number of parameters of this course's GPT with so many experts a block.",
    reference=count_parameters,
    cases=[Case((77, 64, 16, 2, 3)), Case((10, 5, 8, 1, 2)), Case((2400, 32, 96, 3, 8))],
    tolerance=0.0,
    explanation="Memory must hold all experts, and a token meets one: such a model is large in "
    "bytes and small in operations.",
    hints=[
        "What stays as it was? The tables, attention, the normalisations.",
        "Of the 12 squares of the width in a block, 3 + 1 are attention's, and 4 + 4 a pair of "
        "dense layers. How many pairs are there?",
        "The matrix of scores has `width` rows and a column for each expert, in every block.",
    ],
    mistakes=[
        Mistake(
            "no experts",
            _count(dense=lambda d, e: 8 * d**2, scores=_nothing),
            "that is the GPT as it was, with one pair of dense layers in each block. Here each "
            "block has several, and a matrix that scores them.",
        ),
        Mistake(
            "no scores",
            _count(scores=_nothing),
            "the experts are right. The matrix that scores them is missing: from `width` features "
            "to one number for each expert, in every block.",
        ),
        Mistake(
            "attention for each expert",
            _count(attention=lambda d, e: 4 * e * d**2),
            "you counted attention once for each expert. There is one in a block; only the dense "
            "layers are there several times.",
        ),
        Mistake(
            "attention and norms for each expert",
            _count(attention=lambda d, e: 4 * e * d**2, norms=lambda d, e: 2 * e * d),
            "you multiplied the whole block by the experts. Attention and the normalisations are "
            "there once; only the dense layers come several times.",
        ),
        Mistake(
            "beside the old pair",
            _count(dense=lambda d, e: 8 * (e + 1) * d**2),
            "you have one pair of dense layers too many: the experts stand in the place of the "
            "old pair.",
        ),
        Mistake(
            "half an expert",
            _count(dense=lambda d, e: 4 * e * d**2),
            "your experts have 4 d^2 weights each. That is one dense layer, and an expert is two: "
            "from d to 4 d features and back.",
        ),
        Mistake(
            "only the expert in use",
            _count(dense=lambda d, e: 8 * d**2),
            "you counted the one expert through which a token passes. The others are parameters, "
            "too: another token needs them.",
        ),
        Mistake(
            "scores once",
            lambda vocabulary, context, width, depth, experts: (
                count_parameters(vocabulary, context, width, depth, experts)
                - (depth - 1) * experts * width
            ),
            "you counted the matrix of scores once. Each block has its own.",
        ),
        Mistake(
            "scores as squares",
            _count(scores=lambda d, e: d**2),
            "your matrix of scores is a square. It makes one number for each expert out of the "
            "`width` features.",
        ),
        Mistake(
            "two tables of tokens",
            lambda vocabulary, context, width, depth, experts: count_parameters(
                2 * vocabulary, context, width, depth, experts
            ),
            "you counted the table of tokens twice. The scores at the end use the same table as "
            "the beginning.",
        ),
        Mistake(
            "no positions",
            _count(places=_nothing),
            "the table of positions is missing: a row of `width` numbers for each place of the "
            "context.",
        ),
        Mistake(
            "no normalisations",
            _count(norms=_nothing, last=_nothing),
            "the matrices and tables are right. The normalisations have parameters too: a scale "
            "for each feature, twice in a block and once at the end.",
        ),
        Mistake(
            "three squares in an attention",
            _count(attention=lambda d, e: 3 * d**2),
            "your attention has three matrices. There are four: query, key, value, and the output "
            "behind them.",
        ),
        Mistake(
            "one norm in a block",
            _count(norms=lambda d, e: d),
            "nearly: a block has two normalisations, one before attention and one before the dense "
            "layers.",
        ),
        Mistake(
            "bias of the scores",
            _count(scores=lambda d, e: e * d + e),
            "nearly: you gave the scores of the experts a bias. Layers have none here.",
        ),
        Mistake(
            "one score for each expert",
            _count(scores=lambda d, e: e),
            "a score is made of all `width` features, so the matrix of scores has a column of "
            "that length for each expert.",
        ),
        Mistake(
            "experts of one square",
            _count(dense=lambda d, e: 2 * e * d**2),
            "your dense layers lead from d to d. They widen to 4 d features and come back: two "
            "matrices of 4 d^2.",
        ),
        Mistake(
            "no attention",
            _count(attention=_nothing),
            "attention is missing: four squares of the width in each block.",
        ),
        Mistake(
            "no tables",
            _count(tokens=_nothing, places=_nothing),
            "the tables are missing: a row of `width` numbers for each token of the vocabulary, "
            "and for each place of the context.",
        ),
        Mistake(
            "one block",
            lambda vocabulary, context, width, depth, experts: count_parameters(
                vocabulary, context, width, 1, experts
            ),
            "you counted one block. There are depth of them, and each has weights of its own.",
        ),
        Mistake(
            "no scores, no normalisations",
            _count(scores=_nothing, norms=_nothing, last=_nothing),
            "two things are missing: the matrix of scores in each block, and the scales of the "
            "normalisations.",
        ),
        Mistake(
            "biases counted",
            _count(
                attention=lambda d, e: 4 * d**2 + 4 * d, dense=lambda d, e: e * (8 * d**2 + 5 * d)
            ),
            "you counted biases. The layers of this GPT have none.",
        ),
        Mistake(
            "two numbers in a norm",
            _count(norms=lambda d, e: 4 * d, last=lambda d, e: 2 * d),
            "your normalisations have two numbers a feature. In this GPT they have one: a scale "
            "and no shift.",
        ),
        Mistake(
            "last norm forgotten",
            _count(last=_nothing),
            "nearly: one more normalisation stands behind the last block.",
        ),
    ],
)

# 2. The cache of keys and values


def count_cache_bytes(depth, heads, shared_sets, head_size, prompt, answer, texts):  # type: ignore[no-untyped-def]
    a_token = 2 * depth * shared_sets * head_size * 2
    return a_token * (prompt + texts * answer)


def _cache(tokens: Callable[..., int], a_token: Callable[..., int]) -> Callable[..., int]:
    """Return an answer that keeps other tokens, or other numbers for each."""

    def cache(depth, heads, shared_sets, head_size, prompt, answer, texts):  # type: ignore[no-untyped-def]
        return tokens(prompt, answer, texts) * a_token(depth, heads, shared_sets, head_size)

    return cache


def _all_tokens(prompt: int, answer: int, texts: int) -> int:
    return prompt + texts * answer


def _bytes_a_token(depth: int, heads: int, sets: int, size: int) -> int:
    return 4 * depth * sets * size


cache_size = Exercise(
    name="cache_size",
    question="Return the fewest bytes that hold the keys and values of a prompt and its answers.",
    reference=count_cache_bytes,
    cases=[
        Case((2, 8, 2, 4, 10, 3, 5)),
        Case((3, 6, 6, 5, 7, 4, 2)),
        Case((80, 64, 8, 128, 4096, 500, 32)),
    ],
    tolerance=0.0,
    explanation="A position's key and value depend on nothing behind it: so one prompt serves all "
    "its answers. The number of query heads does not occur.",
    hints=[
        "What is kept for each token and block? A key and a value for each shared set, of "
        "head_size numbers each.",
        "Do the keys and values of the prompt depend on the answer that is written behind it?",
        "The prompt is kept once, and each answer by itself. How many tokens are that?",
    ],
    mistakes=[
        Mistake(
            "the prompt for each text",
            _cache(lambda prompt, answer, texts: texts * (prompt + answer), _bytes_a_token),
            "you kept the prompt once for each answer. Under a causal mask its keys and values "
            "depend on nothing behind it, so they are the same for all.",
        ),
        Mistake(
            "one answer",
            _cache(lambda prompt, answer, texts: prompt + answer, _bytes_a_token),
            "you kept one answer. They differ, so each has keys and values of its own.",
        ),
        Mistake(
            "answers alone",
            _cache(lambda prompt, answer, texts: texts * answer, _bytes_a_token),
            "you kept the answers alone. Every new token looks back at the prompt, too.",
        ),
        Mistake(
            "prompt alone",
            _cache(lambda prompt, answer, texts: prompt, _bytes_a_token),
            "you kept the prompt alone. Every new token looks back at its own answer, too.",
        ),
        Mistake(
            "the wrong way round",
            _cache(lambda prompt, answer, texts: texts * prompt + answer, _bytes_a_token),
            "prompt and answers have changed places: the prompt is the same for all, and the "
            "answers differ.",
        ),
        Mistake(
            "every head",
            _cache(_all_tokens, lambda depth, heads, sets, size: 4 * depth * heads * size),
            "you kept keys and values for every query head. Heads of one group share a set: count "
            "the sets, not the heads.",
        ),
        Mistake(
            "sets for every head",
            _cache(_all_tokens, lambda depth, heads, sets, size: 4 * depth * heads * sets * size),
            "you multiplied heads and sets. The sets are for all heads together.",
        ),
        Mistake(
            "divided by the sets",
            _cache(_all_tokens, lambda depth, heads, sets, size: 4 * depth * heads // sets * size),
            "you divided the heads by the sets, which is how many heads share one. The number of "
            "sets itself is kept.",
        ),
        Mistake(
            "half of it",
            _cache(_all_tokens, lambda depth, heads, sets, size: 2 * depth * sets * size),
            "half of it. A token leaves a key and a value behind, and each of their numbers takes "
            "two bytes.",
        ),
        Mistake(
            "twice too much",
            _cache(_all_tokens, lambda depth, heads, sets, size: 8 * depth * sets * size),
            "twice too much. Keys and values are two, and 16 bits are two bytes: no more factors "
            "of two.",
        ),
        Mistake(
            "the prompt for each text, every head",
            _cache(
                lambda prompt, answer, texts: texts * (prompt + answer),
                lambda depth, heads, sets, size: 4 * depth * heads * size,
            ),
            "two things: the prompt is the same for all answers, and is kept once; and heads share "
            "sets of keys and values, so count the sets.",
        ),
        Mistake(
            "the prompt for each text, half of it",
            _cache(
                lambda prompt, answer, texts: texts * (prompt + answer),
                lambda depth, heads, sets, size: 2 * depth * sets * size,
            ),
            "two things: the prompt is kept once for all answers; and a token leaves a key and a "
            "value, with two bytes for each number.",
        ),
        Mistake(
            "every head, half of it",
            _cache(_all_tokens, lambda depth, heads, sets, size: 2 * depth * heads * size),
            "two things: count the shared sets, not the heads; and a token leaves a key and a "
            "value, with two bytes for each number.",
        ),
        Mistake(
            "one number a set",
            _cache(_all_tokens, lambda depth, heads, sets, size: 4 * depth * sets),
            "you counted one number for a key. It has head_size of them.",
        ),
        Mistake(
            "one set",
            _cache(_all_tokens, lambda depth, heads, sets, size: 4 * depth * size),
            "you counted one set of keys and values. There are shared_sets of them.",
        ),
        Mistake(
            "prompt times answers",
            _cache(lambda prompt, answer, texts: texts * prompt * answer, _bytes_a_token),
            "you multiplied prompt and answer. Their tokens stand one behind the other: add.",
        ),
        Mistake(
            "last token left out",
            _cache(lambda prompt, answer, texts: prompt + texts * (answer - 1), _bytes_a_token),
            "you left out the last token of each answer. All these tokens are asked for.",
        ),
        Mistake(
            "numbers of one kind",
            _cache(_all_tokens, lambda depth, heads, sets, size: depth * sets * size),
            "a quarter of it: you counted numbers of one kind. Keys and values are kept, with two "
            "bytes for each number.",
        ),
        Mistake(
            "one block",
            _cache(_all_tokens, lambda depth, heads, sets, size: 4 * sets * size),
            "that is the cache of one block. Each block has keys and values of its own.",
        ),
        Mistake(
            "in bits",
            _cache(_all_tokens, lambda depth, heads, sets, size: 32 * depth * sets * size),
            "these are bits, and a byte has eight of them.",
        ),
    ],
)

# 3. Hours of a training


def count_hours(parameters, tokens, peak, utilisation):  # type: ignore[no-untyped-def]
    operations = 6 * parameters * tokens
    return operations / (peak * utilisation) / 3600


card_hours = Exercise(
    name="card_hours",
    question="Return how many hours of one card a training takes.",
    reference=count_hours,
    cases=[
        Case((7e9, 2e12, 312e12, 0.4)),
        Case((1e6, 5e6, 1e11, 0.25)),
        Case((70e9, 1.4e12, 989e12, 0.35)),
    ],
    explanation="The number of cards does not occur: twice as many take half as long.",
    hints=[
        "How many operations does a training take for each parameter and token?",
        "The card reaches only a share of its peak: peak * utilisation operations a second.",
        "An hour has 3600 seconds.",
    ],
    mistakes=[
        Mistake(
            "forward only",
            lambda parameters, tokens, peak, utilisation: (
                2 * parameters * tokens / (peak * utilisation) / 3600
            ),
            "two operations for each parameter and token is the way forward. The way back takes "
            "twice as much again.",
        ),
        Mistake(
            "one operation each",
            lambda parameters, tokens, peak, utilisation: (
                parameters * tokens / (peak * utilisation) / 3600
            ),
            "you counted one operation for each parameter and token. A multiplication and an "
            "addition forward, and twice that back, make six.",
        ),
        Mistake(
            "forward only, at full speed",
            lambda parameters, tokens, peak, utilisation: 2 * parameters * tokens / peak / 3600,
            "two things: the way back takes twice as much as the way forward; and the card reaches "
            "only a share of its peak.",
        ),
        Mistake(
            "forward twice",
            lambda parameters, tokens, peak, utilisation: (
                8 * parameters * tokens / (peak * utilisation) / 3600
            ),
            "8 N D counts the way forward twice, as when it is computed again to save memory. Here "
            "it is computed once.",
        ),
        Mistake(
            "idle share",
            lambda parameters, tokens, peak, utilisation: (
                6 * parameters * tokens / (peak * (1 - utilisation)) / 3600
            ),
            "you took the share in which the card is idle. Utilisation is the share that works.",
        ),
        Mistake(
            "multiplied by 3600",
            lambda parameters, tokens, peak, utilisation: (
                6 * parameters * tokens / (peak * utilisation) * 3600
            ),
            "you multiplied by 3600. Seconds become hours when they are divided by it.",
        ),
        Mistake(
            "seconds at full speed",
            lambda parameters, tokens, peak, utilisation: 6 * parameters * tokens / peak,
            "two things: these are seconds, and at the full peak. Divide by the utilisation and by "
            "3600.",
        ),
        Mistake(
            "added",
            lambda parameters, tokens, peak, utilisation: (
                6 * (parameters + tokens) / (peak * utilisation) / 3600
            ),
            "you added parameters and tokens. Every token meets every parameter: multiply.",
        ),
        Mistake(
            "upside down",
            lambda *given: 1 / count_hours(*given),
            "these are trainings an hour: your fraction is upside down.",
        ),
        Mistake(
            "days",
            lambda parameters, tokens, peak, utilisation: (
                6 * parameters * tokens / (peak * utilisation) / 3600 / 24
            ),
            "these are days. Hours of one card are asked for.",
        ),
        Mistake(
            "back only",
            lambda parameters, tokens, peak, utilisation: (
                4 * parameters * tokens / (peak * utilisation) / 3600
            ),
            "4 N D is the way back alone. The way forward comes on top.",
        ),
        Mistake(
            "full speed",
            lambda parameters, tokens, peak, utilisation: 6 * parameters * tokens / peak / 3600,
            "at its peak the card would be that fast. Your plan leaves out the utilisation, and "
            "the money would run out early.",
        ),
        Mistake(
            "utilisation in percent",
            lambda parameters, tokens, peak, utilisation: (
                6 * parameters * tokens / (peak * utilisation / 100) / 3600
            ),
            "you divided the utilisation by 100. It is a share already: 0.4 means 40 %.",
        ),
        Mistake(
            "multiplied by the utilisation",
            lambda parameters, tokens, peak, utilisation: (
                6 * parameters * tokens / peak * utilisation / 3600
            ),
            "a card that is used less takes longer: divide by the utilisation.",
        ),
        Mistake(
            "seconds",
            lambda parameters, tokens, peak, utilisation: (
                6 * parameters * tokens / (peak * utilisation)
            ),
            "these are seconds. Hours are asked for.",
        ),
        Mistake(
            "minutes",
            lambda parameters, tokens, peak, utilisation: (
                6 * parameters * tokens / (peak * utilisation) / 60
            ),
            "these are minutes. An hour has 3600 seconds.",
        ),
    ],
)

# 4. The best split of a budget


def split_budget(operations, a, alpha, b, beta):  # type: ignore[no-untyped-def]
    ratio = (alpha * a / (beta * b)) ** (1 / (alpha + beta))
    parameters = ratio * (operations / 6) ** (beta / (alpha + beta))
    return parameters, operations / 6 / parameters


def _split(ratio: Any, share: Any, six: float = 6.0) -> Callable[..., tuple[Any, Any]]:
    """Return an answer with another factor or another exponent."""

    def answer(operations, a, alpha, b, beta):  # type: ignore[no-untyped-def]
        size = ratio(a, alpha, b, beta) * (operations / six) ** share(alpha, beta)
        return size, operations / six / size

    return answer


def _ratio(a: float, alpha: float, b: float, beta: float) -> float:
    return float((alpha * a / (beta * b)) ** (1 / (alpha + beta)))


def _twenty_each(operations, a, alpha, b, beta):  # type: ignore[no-untyped-def]
    parameters = np.sqrt(operations / 6 / 20)
    return parameters, 20 * parameters


budget_split = Exercise(
    name="budget_split",
    question="Return the parameters and tokens with the least loss for a number of operations.",
    reference=split_budget,
    cases=[
        Case((1e20, 400.0, 0.34, 2000.0, 0.37)),
        Case((6e12, 5.0, 0.3, 60.0, 0.4)),
        Case((1e24, 482.0, 0.35, 2085.0, 0.3)),
    ],
    explanation="With alpha = beta both grow with the root of the budget: ten times the money, "
    "three times the model and three times the text.",
    hints=[
        "With D = C / (6 N), set the slope of A / N^alpha + B / D^beta to zero.",
        "At the best split alpha A / N^alpha = beta B / D^beta.",
        "Solve for N: it grows with (C / 6) to the power beta / (alpha + beta).",
    ],
    mistakes=[
        Mistake(
            "exponents swapped",
            _split(_ratio, lambda alpha, beta: alpha / (alpha + beta)),
            "the exponents have changed places. N grows with beta / (alpha + beta): the more text "
            "helps (a large beta), the sooner it is enough, and the rest goes into size.",
        ),
        Mistake(
            "six forgotten",
            _split(_ratio, lambda alpha, beta: beta / (alpha + beta), 1.0),
            "your N times D is the whole budget. Each parameter and token takes 6 operations.",
        ),
        Mistake(
            "ratio upside down",
            _split(lambda *law: 1 / _ratio(*law), lambda alpha, beta: beta / (alpha + beta)),
            "your factor is upside down: a large A means that parameters are scarce, so N should "
            "grow with it.",
        ),
        Mistake(
            "no slopes",
            _split(
                lambda a, alpha, b, beta: (a / b) ** (1 / (alpha + beta)),
                lambda alpha, beta: beta / (alpha + beta),
            ),
            "you made the two terms equal. Their slopes must be: each term comes with its "
            "exponent, alpha A and beta B.",
        ),
        Mistake(
            "factor without its power",
            _split(
                lambda a, alpha, b, beta: alpha * a / (beta * b),
                lambda alpha, beta: beta / (alpha + beta),
            ),
            "your factor lacks its power: solved for N, alpha A / (beta B) comes to the power "
            "1 / (alpha + beta).",
        ),
        Mistake(
            "no factor",
            _split(lambda *law: 1.0, lambda alpha, beta: beta / (alpha + beta)),
            "the power of the budget is right. In front of it stands a factor of A, B and the "
            "exponents.",
        ),
        Mistake(
            "root of the budget",
            _split(_ratio, lambda alpha, beta: 0.5),
            "you took the root of the budget, which is right only when alpha equals beta. N grows "
            "with the power beta / (alpha + beta).",
        ),
        Mistake(
            "exponents upside down in the factor",
            _split(
                lambda a, alpha, b, beta: (beta * a / (alpha * b)) ** (1 / (alpha + beta)),
                lambda alpha, beta: beta / (alpha + beta),
            ),
            "in your factor alpha and beta have changed places: a slope is alpha A on one side and "
            "beta B on the other.",
        ),
        Mistake(
            "six for the tokens alone",
            lambda operations, *law: (
                split_budget(6 * operations, *law)[0],
                operations / 6 / split_budget(6 * operations, *law)[0],
            ),
            "the 6 is in your tokens and not in your parameters. Both come from C / 6.",
        ),
        Mistake(
            "six multiplied",
            lambda operations, *law: split_budget(36 * operations, *law),
            "you multiplied the budget by 6. Each parameter and token takes 6 operations, so there "
            "are C / 6 to share out.",
        ),
        Mistake(
            "wrong order, six forgotten",
            lambda operations, *law: split_budget(6 * operations, *law)[::-1],
            "two things: parameters come first, then tokens; and N times D is C / 6, since each "
            "pair takes 6 operations.",
        ),
        Mistake(
            "parameters alone",
            lambda *given: split_budget(*given)[0],
            "the parameters are right. Return the tokens as well: what is left of C / 6.",
        ),
        Mistake(
            "tokens without their factor",
            lambda operations, *law: (
                split_budget(operations, *law)[0],
                split_budget(operations, *law)[1] * _ratio(*law),
            ),
            "the parameters are right. Your tokens have the right power, and lack one over the "
            "factor: N times D has to be C / 6.",
        ),
        Mistake(
            "tokens of the whole budget",
            lambda operations, *law: (
                split_budget(operations, *law)[0],
                operations / split_budget(operations, *law)[0],
            ),
            "the parameters are right. The tokens are six times too many: D is C / (6 N).",
        ),
        Mistake(
            "halves",
            lambda operations, *law: (np.sqrt(operations / 6),) * 2,
            "you give size and text the same number. The law says how they are to differ: the "
            "slopes of both terms have to be equal.",
        ),
        Mistake(
            "twenty tokens each",
            _twenty_each,
            "twenty tokens a parameter is one law's answer near one budget. Yours must follow the "
            "law that is given.",
        ),
        Mistake(
            "the wrong order",
            lambda *given: split_budget(*given)[::-1],
            "both numbers are right and have changed places: parameters first, then tokens.",
        ),
    ],
)

# 5. An exponent


def find_exponent(sizes, losses, floor):  # type: ignore[no-untyped-def]
    slope, _ = np.polyfit(np.log(sizes), np.log(losses - floor), 1)
    return -slope


def _points(floor: float, factor: float, alpha: float) -> tuple[np.ndarray, np.ndarray, float]:
    sizes = np.geomspace(1e4, 1e7, 7)
    return sizes, floor + factor / sizes**alpha, floor


power = Exercise(
    name="power",
    question="Return the exponent alpha of L = E + A / N^alpha from sizes and losses.",
    reference=find_exponent,
    cases=[
        Case(_points(1.5, 30.0, 0.34), "seven sizes, E = 1.5"),
        Case(_points(1.0, 8.0, 0.2), "seven sizes, E = 1"),
        Case(_points(0.6, 50.0, 0.5), "seven sizes, E = 0.6"),
    ],
    explanation="Only what lies above the floor is a straight line on logarithmic axes.",
    hints=[
        "Move E to the other side: L - E = A / N^alpha. What are the logarithms of both sides?",
        "log(L - E) = log(A) - alpha log(N) is a line.",
        "np.polyfit(x, y, 1) returns slope and intercept.",
    ],
    mistakes=[
        Mistake(
            "floor left in",
            lambda sizes, losses, floor: -np.polyfit(np.log(sizes), np.log(losses), 1)[0],
            "the floor is still in what you take the logarithm of, so that the line bends and its "
            "slope is too small. Subtract E from the losses first.",
        ),
        Mistake(
            "floor left in, and the sign",
            lambda sizes, losses, floor: np.polyfit(np.log(sizes), np.log(losses), 1)[0],
            "two things. Subtract E from the losses before you take their logarithm; and alpha is "
            "minus the slope, since the law divides by N^alpha.",
        ),
        Mistake(
            "the sign",
            lambda sizes, losses, floor: np.polyfit(np.log(sizes), np.log(losses - floor), 1)[0],
            "your slope is right and negative. The law divides by N^alpha, so alpha is minus the "
            "slope.",
        ),
        Mistake(
            "one logarithm",
            lambda sizes, losses, floor: -np.polyfit(np.log(sizes), losses - floor, 1)[0],
            "you took the logarithm of the sizes only. A power law is straight when both axes are "
            "logarithmic.",
        ),
        Mistake(
            "no logarithm",
            lambda sizes, losses, floor: -np.polyfit(sizes, losses - floor, 1)[0],
            "you fitted a line to sizes and losses as they are. A power becomes a line only after "
            "logarithms of both.",
        ),
        Mistake(
            "two bases",
            lambda sizes, losses, floor: -np.polyfit(np.log10(sizes), np.log(losses - floor), 1)[0],
            "your two logarithms have different bases. Take the same for both; which one does not "
            "matter.",
        ),
        Mistake(
            "base 2 and base e",
            lambda sizes, losses, floor: -np.polyfit(np.log2(sizes), np.log(losses - floor), 1)[0],
            "the logarithm of the sizes has base 2, that of the losses base e. Take one base for "
            "both.",
        ),
        Mistake(
            "lowest loss for the floor",
            lambda sizes, losses, floor: (
                -np.polyfit(np.log(sizes[:-1]), np.log(losses[:-1] - losses.min()), 1)[0]
            ),
            "you took away the lowest loss that came. The floor lies below it, and is given.",
        ),
        Mistake(
            "floor added",
            lambda sizes, losses, floor: -np.polyfit(np.log(sizes), np.log(losses + floor), 1)[0],
            "you added the floor to the losses. It is part of them: take it away.",
        ),
        Mistake(
            "factor",
            lambda sizes, losses, floor: np.exp(
                np.polyfit(np.log(sizes), np.log(losses - floor), 1)[1]
            ),
            "that is the factor A. The exponent is minus the slope, the first number of "
            "np.polyfit.",
        ),
        Mistake(
            "intercept, turned",
            lambda sizes, losses, floor: -np.polyfit(np.log(sizes), np.log(losses - floor), 1)[1],
            "you turned the sign of the intercept. It is the slope that is asked for: np.polyfit "
            "returns it first.",
        ),
        Mistake(
            "slope and intercept",
            lambda sizes, losses, floor: np.polyfit(np.log(sizes), np.log(losses - floor), 1),
            "you return slope and intercept. The exponent is minus the slope, one number.",
        ),
        Mistake(
            "power of e",
            lambda sizes, losses, floor: np.exp(
                -np.polyfit(np.log(sizes), np.log(losses - floor), 1)[0]
            ),
            "you took e to the power of the exponent. The slope needs no such step back; only the "
            "intercept does.",
        ),
        Mistake(
            "two bases, the other way",
            lambda sizes, losses, floor: -np.polyfit(np.log(sizes), np.log10(losses - floor), 1)[0],
            "the logarithm of the losses has base 10 and that of the sizes base e. Take one base "
            "for both.",
        ),
        Mistake(
            "turned round, and the sign",
            lambda sizes, losses, floor: np.polyfit(np.log(losses - floor), np.log(sizes), 1)[0],
            "two things. Sizes are x and losses are y, and you have them the other way; and alpha "
            "is minus the slope.",
        ),
        Mistake(
            "turned round",
            lambda sizes, losses, floor: -np.polyfit(np.log(losses - floor), np.log(sizes), 1)[0],
            "your axes are turned round: sizes are x and losses are y. What came is 1 / alpha.",
        ),
        Mistake(
            "intercept",
            lambda sizes, losses, floor: np.polyfit(np.log(sizes), np.log(losses - floor), 1)[1],
            "that is the intercept, the logarithm of A. np.polyfit returns the slope first.",
        ),
    ],
)

# 6. Open-ended: foretell larger runs

ERROR_ALLOWED = 0.04
WORLDS = {
    "the first invented world": (1.7, 400.0, 0.34, 420.0, 0.28),
    "the second invented world": (1.2, 6.0, 0.3, 60.0, 0.33),
    "the third invented world": (0.8, 30.0, 0.45, 9.0, 0.15),
}


def small_and_large(world: str) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Return runs to learn from, and runs to foretell.

    Args:
        world: a name of `WORLDS`, or "this course's runs".

    Returns:
        Parameters, tokens and losses of the small runs, then of the large ones.
        In an invented world losses vary by 0.5 %.

    Raises:
        DatasetError: when the course's runs are missing or damaged.
    """
    if world in WORLDS:
        sizes, texts = np.geomspace(1e4, 3e6, 8), np.geomspace(2e5, 1e8, 6)
        parameters, tokens = (one.ravel() for one in np.meshgrid(sizes, texts))
        chance = np.random.default_rng(list(WORLDS).index(world)).normal(size=parameters.size)
        losses = law_loss(WORLDS[world], parameters, tokens) * np.exp(0.005 * chance)
        large = (parameters > 1e6) & (tokens > 1e7)
        known = (parameters < 5e5) & (tokens < 2e7)
    else:
        runs = datasets.scaling_runs()
        grid = runs[runs["part"] == "grid"]
        names = ["parameters", "tokens", "validation_loss"]
        parameters, tokens, losses = grid[names].to_numpy(np.float64).T
        cost = parameters * tokens
        known = cost <= np.sort(cost)[-8]
        large = ~known
    runs_of = [tuple(one[part] for one in (parameters, tokens, losses)) for part in (known, large)]
    return runs_of[0], runs_of[1]


def foretell_by_law(parameters, tokens, losses, larger_parameters, larger_tokens):  # type: ignore[no-untyped-def]
    law = fit_law(parameters, tokens, losses)
    return law_loss(law, larger_parameters, larger_tokens)


def errors_of(answer: Any) -> dict[str, float]:
    """Return the mean relative error of an answer on each world.

    Raises:
        Rejected: when the answer fails or returns anything but a positive loss
            for each larger run.
    """
    errors = {}
    for world in [*WORLDS, "this course's runs"]:
        small, (sizes, texts, truth) = small_and_large(world)
        case = Case((*small, sizes, texts), f"{len(small[0])} small and {len(sizes)} larger runs")
        said = call(answer, case)
        try:
            numbers = np.asarray(said, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise Rejected("return an array of losses, one number for each larger run.") from error
        if numbers.shape != truth.shape:
            raise Rejected(
                f"return one loss for each larger run, shape {truth.shape}. Yours has shape "
                f"{numbers.shape}."
            )
        if not np.isfinite(numbers).all():
            raise Rejected(
                f"a loss should be a positive number, and in {world} some of yours are NaN or "
                "infinite."
            )
        if not (numbers > 0).all():
            raise Rejected(
                f"a loss should be a positive number, but in {world} you foretell "
                f"{numbers.min():.2g} for a larger run. A straight line goes on down below zero, "
                "whatever its axis; losses level off."
            )
        errors[world] = float(np.mean(np.abs(numbers / truth - 1)))
    return errors


def accept_prediction(answer: Any) -> str:
    """Return "" when the larger runs are foretold well enough, otherwise what is off."""
    errors = errors_of(answer)
    world = max(errors, key=lambda name: errors[name])
    if errors[world] <= ERROR_ALLOWED:
        return ""
    small, (sizes, texts, truth) = small_and_large(world)
    said = np.asarray(call(answer, Case((*small, sizes, texts))), dtype=np.float64)
    start = f"in {world} your mean error is {errors[world]:.1%}, and 4 % is allowed. "
    if _right_when_exchanged(answer, small, sizes, texts, truth):
        return start + (
            "It would be small enough if you exchanged the larger runs' parameters and tokens: "
            "parameters come first."
        )
    if np.ptp(said) < 1e-9:
        return start + "You say the same loss for every larger run: use their sizes and texts."
    if (said > truth).mean() >= 0.9:
        return start + (
            "You are too pessimistic: larger runs go below your guesses. Does your curve still "
            "fall where they are?"
        )
    if (said < truth).mean() >= 0.9:
        return start + (
            "You are too optimistic: no straight line goes on for ever. Does your law have a floor?"
        )
    return start + "You miss on both sides: do size and text each have a term of their own?"


def _right_when_exchanged(  # type: ignore[no-untyped-def]
    answer, small, sizes, texts, truth
) -> bool:
    try:
        said = np.asarray(call(answer, Case((*small, texts, sizes))), dtype=np.float64)
        return bool(np.mean(np.abs(said / truth - 1)) <= ERROR_ALLOWED)
    except Exception:
        return False


def _best_so_far(parameters, tokens, losses, sizes, texts):  # type: ignore[no-untyped-def]
    return np.full(len(sizes), losses.min())


def _nearest(parameters, tokens, losses, sizes, texts):  # type: ignore[no-untyped-def]
    return losses[np.argmax(parameters * tokens)] - 0.001 * np.log(sizes)


def _line(parameters, tokens, losses, sizes, texts):  # type: ignore[no-untyped-def]
    x = np.stack([np.log(parameters), np.log(tokens), np.ones(len(tokens))], axis=1)
    weights = np.linalg.lstsq(x, np.log(losses), rcond=None)[0]
    return np.exp(weights[0] * np.log(sizes) + weights[1] * np.log(texts) + weights[2])


def _line_of_losses(parameters, tokens, losses, sizes, texts):  # type: ignore[no-untyped-def]
    line = np.polyfit(np.log(parameters * tokens), losses, 1)
    return np.polyval(line, np.log(sizes * texts))


def _guess_by_order(parameters, tokens, losses, sizes, texts):  # type: ignore[no-untyped-def]
    law = fit_law(parameters, tokens, losses)
    said = law_loss(law, sizes, texts)
    return said[::-1] + 0.3 * (-1.0) ** np.arange(len(sizes))


prediction = Exercise(
    name="prediction",
    question="Return the losses of larger runs, from the parameters, tokens and losses of small "
    "ones and the parameters and tokens of the larger.",
    reference=foretell_by_law,
    accept=accept_prediction,
    seconds=30.0,
    explanation="It holds as long as the larger run learns the same thing as the small ones.",
    hints=[
        "Which law has this lesson fitted, and with which function?",
        "Fit it to the small runs; then put the larger sizes and texts into it.",
        "scaling.fit_law(parameters, tokens, losses) returns a law, and scaling.law_loss(law, "
        "parameters, tokens) what it says.",
    ],
    mistakes=[
        Mistake("the best so far", _best_so_far, "You say the same loss for every larger run"),
        Mistake("nearly the dearest", _nearest, "You are too pessimistic"),
        Mistake("a line of logarithms", _line, "You are too optimistic"),
        Mistake(
            "parameters and tokens exchanged",
            lambda parameters, tokens, losses, sizes, texts: foretell_by_law(
                parameters, tokens, losses, texts, sizes
            ),
            "if you exchanged the larger runs' parameters and tokens",
        ),
        Mistake("a line of losses", _line_of_losses, "A straight line goes on down below zero"),
        Mistake("mixed up", _guess_by_order, "You miss on both sides"),
    ],
)
