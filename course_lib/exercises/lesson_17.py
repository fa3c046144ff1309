"""Exercises of lesson 17, fine-tuning."""

import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected, call
from course_lib.scratch.adaptation import lora_backward, lora_forward

# 1. Counting


def rank_that_saves(shapes):  # type: ignore[no-untyped-def]
    kernels = sum(n * m for n, m in shapes)
    for_each_rank = sum(n + m for n, m in shapes)
    return (kernels - 1) // for_each_rank


highest_rank = Exercise(
    name="highest_rank",
    question="Return the highest rank at which LoRA trains fewer weights than the kernels hold.",
    reference=rank_that_saves,
    cases=[
        Case(([(10, 10)],)),
        Case(([(128, 384), (128, 128), (128, 512), (512, 128)],)),
        Case(([(6, 2), (2, 9)],)),
        Case(([(128, 512), (4, 4)],)),
    ],
    tolerance=0.0,
    explanation="For a square kernel the saving ends at half its width.",
    hints=[
        "How many weights hold the kernels? And how many does LoRA train beside one of them, for "
        "each unit of the rank?",
        "A has n * rank weights and B rank * m: each unit costs n + m. Add over all kernels.",
        "The rank times that sum must stay below the kernels' weights. Mind the case where it "
        "divides without rest.",
    ],
    mistakes=[
        Mistake(
            "as many",
            lambda shapes: sum(n * m for n, m in shapes) // sum(n + m for n, m in shapes),
            "nearly. Where the division leaves no rest, your rank trains exactly as many weights "
            "as the kernels hold. Fewer are asked for.",
        ),
        Mistake(
            "one too high",
            lambda shapes: rank_that_saves(shapes) + 1,
            "that is the first rank that saves nothing any more. The one before it is asked for.",
        ),
        Mistake(
            "with a fraction",
            lambda shapes: sum(n * m for n, m in shapes) / sum(n + m for n, m in shapes),
            "there both are equal. A rank is a whole number, and must lie below.",
        ),
        Mistake(
            "only A",
            lambda shapes: (sum(n * m for n, m in shapes) - 1) // sum(n for n, m in shapes),
            "you counted A alone. B, of shape (rank, m), is trained too.",
        ),
        Mistake(
            "only B",
            lambda shapes: (sum(n * m for n, m in shapes) - 1) // sum(m for n, m in shapes),
            "you counted B alone. A, of shape (n, rank), is trained too.",
        ),
        Mistake(
            "as the shape allows",
            lambda shapes: min(min(shape) for shape in shapes),
            "that is the smallest side of all kernels, and no rank there can be higher. But count: "
            "with it A and B together hold more than their kernel.",
        ),
        Mistake(
            "one below the shape",
            lambda shapes: min(min(shape) for shape in shapes) - 1,
            "you stay one below the smallest side of all kernels. Whether that saves is a matter "
            "of counting: r (n + m) weights against n m.",
        ),
        Mistake(
            "every kernel by itself",
            lambda shapes: min((n * m - 1) // (n + m) for n, m in shapes),
            "you asked of each kernel by itself that it saves. Count all of them together: one "
            "may cost more, if others make up for it.",
        ),
        Mistake(
            "the most saving kernel",
            lambda shapes: max((n * m - 1) // (n + m) for n, m in shapes),
            "at your rank one kernel still saves, but not all of them together. Add up before you "
            "compare.",
        ),
        Mistake(
            "ranks added",
            lambda shapes: sum((n * m - 1) // (n + m) for n, m in shapes),
            "you added up a rank for each kernel. There is one rank, the same for all of them.",
        ),
        Mistake(
            "one too low",
            lambda shapes: sum(n * m for n, m in shapes) // sum(n + m for n, m in shapes) - 1,
            "you always take one off. That is right only where the division leaves no rest: "
            "otherwise the whole part saves already.",
        ),
        Mistake(
            "rounded",
            lambda shapes: round(sum(n * m for n, m in shapes) / sum(n + m for n, m in shapes)),
            "you rounded to the nearest whole number, which may lie above the fraction, where "
            "nothing is saved. Go down to the last rank below it.",
        ),
        Mistake(
            "a rank for each kernel",
            lambda shapes: [(n * m - 1) // (n + m) for n, m in shapes],
            "you return a rank for each kernel. One rank is asked for, with all of them taken "
            "together.",
        ),
        Mistake(
            "both matrices counted twice",
            lambda shapes: (
                (sum(n * m for n, m in shapes) - 1) // (2 * sum(n + m for n, m in shapes))
            ),
            "you count each weight of A and B twice: a unit of the rank costs n + m.",
        ),
        Mistake(
            "largest side",
            lambda shapes: max(map(max, shapes)),
            "that is the largest side of all kernels. Count weights: r (n + m) against n m.",
        ),
        Mistake(
            "mean of the ranks",
            lambda shapes: int(np.mean([(n * m - 1) // (n + m) for n, m in shapes])),
            "you took the mean of a rank for each kernel, where a small kernel counts as much as a "
            "large one. Add up the weights of all kernels first, and divide then.",
        ),
        Mistake(
            "half the smallest side",
            lambda shapes: min(map(min, shapes)) // 2,
            "you took half the smallest side. For a square kernel that is the rank at which LoRA "
            "trains as many weights; others have to be counted, and fewer are asked for.",
        ),
        Mistake(
            "less than half the smallest side",
            lambda shapes: (min(map(min, shapes)) - 1) // 2,
            "you stay below half the smallest side, which is right for one square kernel. With "
            "other shapes count the weights: r (n + m) against n m, added over all kernels.",
        ),
        Mistake(
            "only the first kernel",
            lambda shapes: rank_that_saves(shapes[:1]),
            "that is right for the first kernel. There are more of them.",
        ),
    ],
)

# 2. Merging


def merge_kernels(kernel, a, b, alpha):  # type: ignore[no-untyped-def]
    rank = a.shape[1]
    return kernel + alpha / rank * a @ b


def _merge_case(seed: int, n: int, m: int, rank: int, alpha: float) -> Case:
    generator = np.random.default_rng(seed)
    shapes = [(n, m), (n, rank), (rank, m)]
    arrays = tuple(generator.normal(size=shape) for shape in shapes)
    return Case((*arrays, alpha), f"a kernel of shape ({n}, {m}), rank {rank} and alpha {alpha:g}")


merged_kernel = Exercise(
    name="merged_kernel",
    question="Return the one kernel that does what a kernel and its LoRA matrices do.",
    reference=merge_kernels,
    cases=[
        _merge_case(1, 4, 7, 2, 8.0),
        _merge_case(2, 3, 5, 1, 3.0),
        _merge_case(3, 6, 4, 3, 1.0),
    ],
    explanation="After merging the model is as fast as before, and as large.",
    hints=[
        "x W + s (x A) B = x (W + s A B): the brackets of a product may be moved.",
        "The scale s is alpha divided by the rank.",
        "The rank is the number of columns of a, a.shape[1].",
    ],
    mistakes=[
        Mistake(
            "no scale",
            lambda kernel, a, b, alpha: kernel + a @ b,
            "the scale is missing: the product counts alpha / rank times.",
        ),
        Mistake(
            "alpha alone",
            lambda kernel, a, b, alpha: kernel + alpha * a @ b,
            "you scaled by alpha. It is alpha divided by the rank, so that another rank does not "
            "need another learning rate.",
        ),
        Mistake(
            "divided by alpha",
            lambda kernel, a, b, alpha: kernel + a.shape[1] / alpha * a @ b,
            "the scale is upside down: alpha stands above, the rank below.",
        ),
        Mistake(
            "wrong rank",
            lambda kernel, a, b, alpha: kernel + alpha / a.shape[0] * a @ b,
            "you divided by the number of inputs. The rank is the number of columns of a.",
        ),
        Mistake(
            "root of the rank",
            lambda kernel, a, b, alpha: kernel + alpha / np.sqrt(a.shape[1]) * a @ b,
            "you divided by the root of the rank, as some variants do. In this lesson it is the "
            "rank itself.",
        ),
        Mistake(
            "times the rank",
            lambda kernel, a, b, alpha: kernel + alpha * a.shape[1] * a @ b,
            "you multiplied by the rank. The scale is alpha divided by it.",
        ),
        Mistake(
            "outputs for the rank",
            lambda kernel, a, b, alpha: kernel + alpha / b.shape[1] * a @ b,
            "you divided by the number of outputs. The rank is the number of rows of b.",
        ),
        Mistake(
            "scale made whole",
            lambda kernel, a, b, alpha: kernel + alpha // a.shape[1] * a @ b,
            "your scale is made whole by //. Divide with /.",
        ),
        Mistake(
            "product with the kernel",
            lambda kernel, a, b, alpha: kernel * (alpha / a.shape[1] * a @ b),
            "you multiplied the kernel by the change. It is added.",
        ),
        Mistake(
            "divided by the rank alone",
            lambda kernel, a, b, alpha: kernel + a @ b / a.shape[1],
            "alpha is missing: the product counts alpha / rank times, not 1 / rank.",
        ),
        Mistake(
            "kernel scaled too",
            lambda kernel, a, b, alpha: alpha / a.shape[1] * (kernel + a @ b),
            "you scaled the old kernel, too. Only the product of a and b counts alpha / rank "
            "times: look at the brackets.",
        ),
        Mistake(
            "the change alone",
            lambda kernel, a, b, alpha: alpha / a.shape[1] * a @ b,
            "that is the change. The old kernel has to be added.",
        ),
        Mistake(
            "subtracted",
            lambda kernel, a, b, alpha: kernel - alpha / a.shape[1] * a @ b,
            "you took the change away, which is how to unload an adapter that has been merged. "
            "Here it is to be added.",
        ),
    ],
)

# 3. Forgetting


def bits_forgotten(before, after, lengths):  # type: ignore[no-untyped-def]
    nats = np.sum((after - before) * lengths) / np.sum(lengths)
    return nats / np.log(2)


def _forgetting_case(seed: int, texts: int) -> Case:
    generator = np.random.default_rng(seed)
    before = generator.uniform(1.5, 2.0, texts)
    lengths = generator.integers(100, 2_000, texts)
    return Case((before, before + generator.uniform(0.1, 0.9, texts), lengths), f"{texts} texts")


forgetting = Exercise(
    name="forgetting",
    question="Return what was forgotten, in bits per character over all texts together.",
    reference=bits_forgotten,
    cases=[
        _forgetting_case(1, 2),
        _forgetting_case(2, 4),
        _forgetting_case(3, 7),
        Case(
            (np.array([1.9, 1.6, 1.7]), np.array([2.6, 1.4, 1.9]), np.array([400, 1_500, 700])),
            "3 texts, one of them better known than before",
        ),
    ],
    explanation="A long text has more characters to be wrong about, so it counts more.",
    hints=[
        "First the growth of each loss: after minus before.",
        "Each is a mean over the characters of its text. Over all texts together, a text counts "
        "by its length.",
        "A bit is log(2) nats: divide nats by np.log(2).",
    ],
    mistakes=[
        Mistake(
            "in nats",
            lambda before, after, lengths: np.sum((after - before) * lengths) / np.sum(lengths),
            "that is right in nats. A bit is 0.693 nats: divide by np.log(2).",
        ),
        Mistake(
            "every text the same",
            lambda before, after, lengths: np.mean(after - before) / np.log(2),
            "every text counts the same in your mean. Weight them by their lengths.",
        ),
        Mistake(
            "times log 2",
            lambda before, after, lengths: (
                np.sum((after - before) * lengths) / np.sum(lengths) * np.log(2)
            ),
            "you multiplied by log(2). A bit is less than a nat, so there are more of them: "
            "divide.",
        ),
        Mistake(
            "the wrong way round",
            lambda before, after, lengths: -bits_forgotten(before, after, lengths),
            "the sign is turned: a loss that grew is something forgotten, and positive.",
        ),
        Mistake(
            "in total",
            lambda before, after, lengths: np.sum((after - before) * lengths) / np.log(2),
            "these are the bits of all texts in total. Divide by the number of characters.",
        ),
        Mistake(
            "losses taken for sums",
            lambda before, after, lengths: np.sum(after - before) / np.sum(lengths) / np.log(2),
            "you add the losses up as if each were the sum over its text. Each is a mean over "
            "characters: times its length it becomes a sum.",
        ),
        Mistake(
            "divided by the texts",
            lambda before, after, lengths: np.mean((after - before) * lengths) / np.log(2),
            "these are bits a text: you divide by how many texts there are. Divide by all their "
            "characters.",
        ),
        Mistake(
            "without the sign",
            lambda before, after, lengths: (
                np.sum(np.abs(after - before) * lengths) / np.sum(lengths) / np.log(2)
            ),
            "right where every loss grew. A text that is better known than before makes up for "
            "another: leave the sign.",
        ),
        Mistake(
            "growth alone",
            lambda before, after, lengths: (
                np.sum(np.maximum(after - before, 0) * lengths) / np.sum(lengths) / np.log(2)
            ),
            "you leave out what became better. Over all texts together it makes up for what became "
            "worse.",
        ),
        Mistake(
            "every text the same, in nats",
            lambda before, after, lengths: np.mean(after - before),
            "two things: weight each text by its length; and divide by np.log(2), since the losses "
            "are in nats.",
        ),
        Mistake(
            "in total, in nats",
            lambda before, after, lengths: np.sum((after - before) * lengths),
            "two things: divide by the number of characters; and by np.log(2), since the losses "
            "are in nats.",
        ),
        Mistake(
            "the wrong way round, in nats",
            lambda before, after, lengths: np.average(before - after, weights=lengths),
            "two things: what was forgotten is after minus before; and the losses are in nats, "
            "which np.log(2) turns into bits.",
        ),
        Mistake(
            "each text's own",
            lambda before, after, lengths: (after - before) / np.log(2),
            "you return a number for each text. One is asked for, over all texts together.",
        ),
        Mistake(
            "logarithm of the growth",
            lambda before, after, lengths: np.log2(np.average(after - before, weights=lengths)),
            "you took a logarithm of the growth. Losses are logarithms already: from nats to bits "
            "it takes only a factor.",
        ),
        Mistake(
            "added over the texts",
            lambda before, after, lengths: np.sum(after - before) / np.log(2),
            "you added up what each text lost a character. Over all texts it is a mean, weighted "
            "by the lengths.",
        ),
        Mistake(
            "afterwards alone",
            lambda before, after, lengths: np.average(after, weights=lengths) / np.log(2),
            "that is the loss after the training. What was forgotten is by how much it grew.",
        ),
        Mistake(
            "a ratio",
            lambda before, after, lengths: (
                np.sum(after * lengths) / np.sum(before * lengths) / np.log(2)
            ),
            "you divided the losses. Forgetting is a difference: so many bits more a character.",
        ),
    ],
)

# 4. A preference


def loss_of_pair(chosen, rejected, chosen_before, rejected_before, beta):  # type: ignore[no-untyped-def]
    margin = beta * ((chosen - chosen_before) - (rejected - rejected_before))
    return np.logaddexp(0, -margin)


def _pair_loss(margin: Any) -> Any:
    return np.logaddexp(0, -margin)


def _loss_that_overflows(margin: Any) -> Any:
    with np.errstate(all="ignore"):
        return -np.log(1 / (1 + np.exp(np.float64(-margin))))


def _margin(
    name: str, margin: Callable[..., float], hint: str, factor: Any = None
) -> list[Mistake]:
    """Return the mistake of another margin, with either way to take the logarithm."""

    def answer(loss: Callable[[Any], Any]) -> Callable[..., Any]:
        return lambda *given: (factor(*given) if factor else 1.0) * loss(margin(*given))

    both = (
        f"two things. {hint[0].upper()}{hint[1:]} And a very wrong pair makes your loss infinite: "
        "np.logaddexp(0, -margin) stays finite."
    )
    return [
        Mistake(name, answer(_pair_loss), hint),
        Mistake(f"{name}, and overflow", answer(_loss_that_overflows), both),
    ]


preference_loss = Exercise(
    name="preference_loss",
    question="Return the loss of DPO for one pair.",
    reference=loss_of_pair,
    cases=[
        Case((-48.0, -52.0, -50.0, -51.0, 0.1)),
        Case((-90.0, -70.0, -95.0, -71.0, 0.5)),
        Case((-30.0, -31.0, -29.0, -35.0, 0.2)),
        Case((-500.0, -100.0, -100.0, -500.0, 2.0), "a very wrong model"),
    ],
    explanation="Only what changed since the reference counts, not which answer is likelier.",
    hints=[
        "The reward of an answer is beta times (its log-probability now minus before).",
        "The margin is the reward of the chosen answer minus that of the rejected one.",
        "The loss is -log(sigmoid(margin)) = log(1 + exp(-margin)): np.logaddexp(0, -margin), "
        "which does not overflow.",
    ],
    mistakes=[
        Mistake(
            "overflow",
            lambda yes, no, yes_0, no_0, beta: _loss_that_overflows(
                beta * ((yes - yes_0) - (no - no_0))
            ),
            "right, but for a very wrong pair your exponential runs over to infinity, and the loss "
            "with it. np.logaddexp(0, -margin) stays finite.",
        ),
        *_margin(
            "no reference",
            lambda yes, no, yes_0, no_0, beta: beta * (yes - no),
            "the reference is missing: your model is blamed for answers that were unlikely from "
            "the start. Take from each log-probability what it was before.",
        ),
        Mistake(
            "turned round",
            lambda yes, no, yes_0, no_0, beta: _pair_loss(-beta * ((yes - yes_0) - (no - no_0))),
            "you prefer the rejected answer: the sign of the margin is turned.",
        ),
        *_margin(
            "no beta",
            lambda yes, no, yes_0, no_0, beta: (yes - yes_0) - (no - no_0),
            "beta is missing: it multiplies the whole margin.",
        ),
        *_margin(
            "beta outside",
            lambda yes, no, yes_0, no_0, beta: (yes - yes_0) - (no - no_0),
            "beta stands outside the logarithm. It belongs inside the sigmoid, times the margin.",
            factor=lambda yes, no, yes_0, no_0, beta: beta,
        ),
        Mistake(
            "reference of the rejected missing",
            lambda yes, no, yes_0, no_0, beta: _pair_loss(beta * ((yes - yes_0) - no)),
            "the rejected answer is compared with nothing. It needs its own reference: now minus "
            "before, for both answers.",
        ),
        Mistake(
            "chosen alone",
            lambda yes, no, yes_0, no_0, beta: _pair_loss(beta * (yes - yes_0)),
            "the rejected answer does not occur. The margin is the reward of the chosen one minus "
            "that of the rejected one.",
        ),
        Mistake(
            "rejected alone",
            lambda yes, no, yes_0, no_0, beta: _pair_loss(-beta * (no - no_0)),
            "the chosen answer does not occur. The margin is its reward minus that of the "
            "rejected one.",
        ),
        Mistake(
            "beta for the new model alone",
            lambda yes, no, yes_0, no_0, beta: _pair_loss(beta * (yes - no) - (yes_0 - no_0)),
            "beta multiplies the new log-probabilities only. It belongs to the whole margin.",
        ),
        Mistake(
            "references exchanged",
            lambda yes, no, yes_0, no_0, beta: _pair_loss(beta * ((yes - no_0) - (no - yes_0))),
            "the references have changed places: chosen goes with chosen_before, rejected with "
            "rejected_before.",
        ),
        Mistake(
            "other probability",
            lambda yes, no, yes_0, no_0, beta: (
                1 / (1 + np.exp(beta * ((yes - yes_0) - (no - no_0))))
            ),
            "that is the probability that the rejected answer wins. The loss is minus the "
            "logarithm of the other one.",
        ),
        Mistake(
            "hinge",
            lambda yes, no, yes_0, no_0, beta: max(0.0, 1 - beta * ((yes - yes_0) - (no - no_0))),
            "that is a hinge, 1 minus the margin, at least 0. The loss of DPO is "
            "-log(sigmoid(margin)).",
        ),
        Mistake(
            "logarithm without its minus",
            lambda yes, no, yes_0, no_0, beta: -_pair_loss(beta * ((yes - yes_0) - (no - no_0))),
            "that is log(sigmoid(margin)), which grows as the model gets better. A loss falls: "
            "turn the sign.",
        ),
        Mistake(
            "brackets lost",
            lambda yes, no, yes_0, no_0, beta: _pair_loss(beta * (yes - yes_0 - no - no_0)),
            "you take away rejected_before as well. Minus (rejected - rejected_before) is minus "
            "rejected plus rejected_before: mind the brackets.",
        ),
        Mistake(
            "divided by beta",
            lambda yes, no, yes_0, no_0, beta: _pair_loss(((yes - yes_0) - (no - no_0)) / beta),
            "you divide by beta. The margin is multiplied by it.",
        ),
        Mistake(
            "a probability",
            lambda yes, no, yes_0, no_0, beta: np.exp(
                -_pair_loss(beta * ((yes - yes_0) - (no - no_0)))
            ),
            "that is the sigmoid, the probability that the chosen answer wins. The loss is minus "
            "its logarithm.",
        ),
        Mistake(
            "the margin",
            lambda yes, no, yes_0, no_0, beta: beta * ((yes - yes_0) - (no - no_0)),
            "that is the margin. The loss is -log(sigmoid(margin)).",
        ),
        Mistake(
            "added",
            lambda yes, no, yes_0, no_0, beta: _pair_loss(beta * ((yes - yes_0) + (no - no_0))),
            "you added the rewards. A comparison is their difference.",
        ),
    ],
)

# 5. Distance from the old model


def kl_of_answers(now, old, real):  # type: ignore[no-untyped-def]
    return np.mean(np.sum((now - old) * real, axis=1))


def _kl_case(seed: int, answers: int, length: int) -> Case:
    generator = np.random.default_rng(seed)
    now, old = generator.uniform(-3, 0, (2, answers, length))
    ends = generator.integers(2, length, answers)
    real = (np.arange(length) < ends[:, np.newaxis]).astype(float)
    return Case((now, old, real), f"{answers} answers of at most {length} characters")


def _per_character(now: np.ndarray, old: np.ndarray, real: np.ndarray) -> Any:
    return np.sum((now - old) * real) / np.sum(real)


kl_divergence = Exercise(
    name="kl_divergence",
    question="Estimate the KL divergence of the new model from the old one, in nats an answer.",
    reference=kl_of_answers,
    cases=[_kl_case(1, 3, 5), _kl_case(2, 6, 8), _kl_case(3, 4, 12)],
    explanation="A mean over what the new model says. From answers of the old one it would be "
    "another divergence.",
    hints=[
        "The log-probability of an answer is the sum over its characters.",
        "Padding is no part of the answer: multiply by real before you sum.",
        "KL is the mean over answers of log p(new) - log p(old).",
    ],
    mistakes=[
        Mistake(
            "turned round",
            lambda now, old, real: -kl_of_answers(now, old, real),
            "the sign is turned: the new model comes first, log p(now) - log p(old).",
        ),
        Mistake(
            "padding counted",
            lambda now, old, real: np.mean(np.sum(now - old, axis=1)),
            "you counted the padding. Multiply by real before you sum.",
        ),
        Mistake(
            "a character",
            _per_character,
            "that is the mean over characters. Asked is the divergence of whole answers: sum over "
            "the characters of each, then take the mean over answers.",
        ),
        Mistake(
            "summed over answers",
            lambda now, old, real: np.sum((now - old) * real),
            "you summed over the answers too. Take their mean.",
        ),
        Mistake(
            "each answer's mean",
            lambda now, old, real: np.mean(np.sum((now - old) * real, 1) / np.sum(real, 1)),
            "you took the mean over the characters of each answer. Log-probabilities of an answer "
            "add up.",
        ),
        Mistake(
            "mean over all places",
            lambda now, old, real: np.mean((now - old) * real),
            "you divide by all places, padding included. Add up over the characters of an answer, "
            "and take the mean over answers only.",
        ),
        Mistake(
            "weighted once more",
            lambda now, old, real: np.mean(np.sum(np.exp(now) * (now - old) * real, axis=1)),
            "you weight each character with its probability. These answers come from the new model "
            "already: what is likely there comes more often by itself.",
        ),
        Mistake(
            "padding of the old model",
            lambda now, old, real: np.mean(np.sum(now - old * real, axis=1)),
            "the padding is taken out of old, and now still has it. The brackets come first, then "
            "times real.",
        ),
        Mistake(
            "padding alone",
            lambda now, old, real: np.mean(np.sum((now - old) * (1 - real), axis=1)),
            "you kept the padding and left out the answers: real is 1 for a character of the "
            "answer.",
        ),
        Mistake(
            "turned round, padding counted",
            lambda now, old, real: np.mean(np.sum(old - now, axis=1)),
            "two things: the new model comes first, now - old; and the padding has to be left out, "
            "times real.",
        ),
        Mistake(
            "mean of everything",
            lambda now, old, real: np.mean(now - old),
            "you took the mean over all places, and left the padding in. Multiply by real, add up "
            "over each answer, and take the mean over answers.",
        ),
        Mistake(
            "weighted by the old model",
            lambda now, old, real: np.mean(np.sum(np.exp(old) * (now - old) * real, axis=1)),
            "you weight each character with what the old model gives it. No weights are needed: "
            "the answers were drawn from the new model.",
        ),
        Mistake(
            "never below zero",
            lambda now, old, real: np.mean(
                np.sum((np.exp(old - now) - 1 - (old - now)) * real, axis=1)
            ),
            "that is another estimate of the same divergence, which never falls below zero. Here "
            "the plain mean of log p(now) - log p(old) is asked for.",
        ),
        Mistake(
            "squared",
            lambda now, old, real: np.mean(np.sum((now - old) ** 2 * real, axis=1)),
            "you squared the differences. They are added as they are, with their signs.",
        ),
        Mistake(
            "logarithms divided",
            lambda now, old, real: np.mean(np.sum(now / old * real, axis=1)),
            "you divided logarithms. The logarithm of a ratio is their difference.",
        ),
        Mistake(
            "probabilities subtracted",
            lambda now, old, real: np.mean(np.sum((np.exp(now) - np.exp(old)) * real, axis=1)),
            "you subtracted probabilities. The difference of their logarithms is asked for, and "
            "logarithms are what you have.",
        ),
        Mistake(
            "new model alone",
            lambda now, old, real: np.mean(np.sum(now * real, axis=1)),
            "that is the log-probability of the answers under the new model. Take away what the "
            "old one gives them.",
        ),
        Mistake(
            "over the answers first",
            lambda now, old, real: np.mean(np.sum((now - old) * real, axis=0)),
            "you added up over the answers and took the mean over places. Characters lie along "
            "axis 1.",
        ),
        Mistake(
            "padding of one model",
            lambda now, old, real: np.mean(np.sum(now * real - old, axis=1)),
            "the padding is taken out of now, and old still has it. Multiply the difference by "
            "real.",
        ),
        Mistake(
            "one answer forgotten",
            lambda now, old, real: np.sum((now - old) * real) / (len(now) - 1),
            "you divide by one less than there are answers. A plain mean is asked for.",
        ),
        Mistake(
            "absolute",
            lambda now, old, real: np.mean(np.sum(np.abs(now - old) * real, axis=1)),
            "without the signs it is no longer a divergence: single characters may well have "
            "become less likely.",
        ),
    ],
)

# 6. Open-ended: an adapter

INPUTS, OUTPUTS, TRUE_RANK = 24, 16, 3
NOISE = 0.4
ERROR_WANTED = 0.3
MOST_WEIGHTS = 200
MOST_STEPS = 5_000


def adapter_data(part: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return examples of the new task, and the kernel of the old one.

    Args:
        part: "training" (80 examples) or "validation" (200).

    Returns:
        x of shape (examples, 24), y of shape (examples, 16), and the old kernel,
        shape (24, 16).

    Raises:
        ValueError: for any other part.
    """
    if part not in ("training", "validation"):
        raise ValueError(f'adapter_data: part should be "training" or "validation", not {part!r}.')
    return _examples(*{"training": (1, 80), "validation": (2, 200)}[part])


def _examples(seed: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    task = np.random.default_rng(17)
    kernel = task.normal(size=(INPUTS, OUTPUTS)) / np.sqrt(INPUTS)
    a, b = task.normal(size=(INPUTS, TRUE_RANK)), task.normal(size=(TRUE_RANK, OUTPUTS))
    change = a @ b / np.sqrt(INPUTS)
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(count, INPUTS))
    noise = NOISE * generator.normal(size=(count, OUTPUTS))
    return x, x @ (kernel + change) + noise, kernel


def adapter_error(rank: int, learning_rate: float, steps: int) -> float:
    """Train LoRA by gradient descent on all 80 examples; return the error on new ones.

    The error is the mean squared difference on 500 examples that nobody has seen.
    It is infinite or NaN when the training diverges.
    """
    x, y, kernel = adapter_data("training")
    generator = np.random.default_rng(3)
    a = generator.normal(size=(INPUTS, rank)) / np.sqrt(INPUTS)
    b = np.zeros((rank, OUTPUTS))
    for _ in range(steps):
        blame = 2 * (lora_forward(x, kernel, a, b, 1.0) - y) / len(x)
        _, a_gradient, b_gradient = lora_backward(blame, x, kernel, a, b, 1.0)
        a, b = a - learning_rate * a_gradient, b - learning_rate * b_gradient
    x, y, kernel = _examples(4, 500)
    return float(np.mean((lora_forward(x, kernel, a, b, 1.0) - y) ** 2))


def old_error() -> float:
    """Return the error of the old map on the new task."""
    x, y, kernel = _examples(4, 500)
    return float(np.mean((x @ kernel - y) ** 2))


def choose_adapter():  # type: ignore[no-untyped-def]
    return {"rank": 3, "learning_rate": 0.05, "steps": 500}


def _settings(answer: Any) -> tuple[int, float, int]:
    result = call(answer, Case((), "no arguments"))
    wanted = {"rank", "learning_rate", "steps"}
    if not isinstance(result, dict) or set(result) != wanted:
        raise Rejected(
            'return a dictionary with exactly "rank", "learning_rate" and "steps", as in '
            '{"rank": 1, "learning_rate": 0.01, "steps": 100}.'
        )
    if any(value is ... for value in result.values()):
        raise Rejected("some settings are still .... Give each of the three a number.")
    rank, rate, steps = result["rank"], result["learning_rate"], result["steps"]
    for name, value in (("rank", rank), ("steps", steps)):
        if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 1:
            raise Rejected(f"{name} should be a positive whole number.")
    if isinstance(rate, bool) or not isinstance(rate, numbers.Real) or not 0 < float(rate) < np.inf:
        raise Rejected("learning_rate should be a positive number.")
    if steps > MOST_STEPS:
        raise Rejected(f"at most {MOST_STEPS:,} steps, so that the check ends within seconds.")
    return int(rank), float(rate), int(steps)


def _judge_adapter(answer: Any) -> str:
    rank, rate, steps = _settings(answer)
    weights = rank * (INPUTS + OUTPUTS)
    if weights > MOST_WEIGHTS:
        return (
            f"rank {rank} trains {weights} weights, and at most {MOST_WEIGHTS} are allowed: each "
            "direction costs 24 + 16."
        )
    error = adapter_error(rank, rate, steps)
    if error <= ERROR_WANTED:
        return ""
    if not np.isfinite(error) or error > 1.1 * old_error():
        return "the training diverged: the error is larger than before. Take a lower rate."
    result = f"the error on new examples is {error:.2f}, and at most {ERROR_WANTED} is wanted."
    if adapter_error(rank, rate, MOST_STEPS) <= ERROR_WANTED:
        return f"{result} With this rank and rate, more steps would be enough."
    if adapter_error(rank, 0.05, 500) > ERROR_WANTED:
        return f"{result} The rank is too low: the change has more directions than {rank}."
    return f"{result} Even {MOST_STEPS:,} steps are too few at this rate. Take a higher one."


adapter = Exercise(
    name="adapter",
    question="Choose rank, learning rate and steps of LoRA for a new task, with at most 200 "
    "weights trained.",
    reference=choose_adapter,
    accept=_judge_adapter,
    explanation=f"At most {MOST_WEIGHTS} weights are trained, and the error on 500 new examples is "
    f"at most {ERROR_WANTED}.",
    hints=[
        "At 24 + 16 weights a direction, how high may the rank be?",
        'Train with lora_forward and lora_backward on adapter_data("training"), and compare ranks '
        'on adapter_data("validation").',
        "The singular values of the least-squares change, "
        "np.linalg.lstsq(x, y - x @ kernel)[0], show how many directions stand out.",
        "Rates around 0.05 and a few hundred steps will do.",
    ],
    mistakes=[
        Mistake(
            "one direction",
            lambda: {"rank": 1, "learning_rate": 0.05, "steps": 500},
            "The rank is too low",
        ),
        Mistake(
            "as much as possible",
            lambda: {"rank": 16, "learning_rate": 0.05, "steps": 500},
            "at most 200 are allowed",
        ),
        Mistake(
            "too fast",
            lambda: {"rank": 3, "learning_rate": 5.0, "steps": 500},
            "the training diverged",
        ),
        Mistake(
            "stopped early",
            lambda: {"rank": 3, "learning_rate": 0.05, "steps": 10},
            "more steps would be enough",
        ),
        Mistake(
            "more steps than allowed",
            lambda: {"rank": 3, "learning_rate": 0.05, "steps": 20_000},
            "at most 5,000 steps, so that",
        ),
        Mistake(
            "too slow",
            lambda: {"rank": 3, "learning_rate": 1e-5, "steps": 1_000},
            "Take a higher one",
        ),
    ],
)
