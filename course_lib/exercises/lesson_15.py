"""Exercises of lesson 15, the Transformer translates."""

import datetime
import functools
import re
from collections import Counter
from typing import Any

import numpy as np

from course_lib.exercises.comparison import shorten
from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected, call

# 1. Teacher forcing


def shift_by_one(targets, start, end):  # type: ignore[no-untyped-def]
    inputs = [[start, *target] for target in targets]
    labels = [[*target, end] for target in targets]
    return inputs, labels


def _shift(targets, start, end, kind):  # type: ignore[no-untyped-def]
    inputs, labels = shift_by_one(targets, start, end)
    if kind == "none":
        return [list(target) for target in targets], [list(target) for target in targets]
    if kind == "same":
        return inputs, inputs
    if kind == "no end":
        return inputs, [list(target) for target in targets]
    if kind == "end in input":
        return [[*one, end] for one in inputs], [[*one, end] for one in inputs]
    if kind == "back":
        return labels, inputs
    if kind == "end in input only":
        return [[*one, end] for one in inputs], labels
    if kind == "start in label":
        return inputs, [[start, *one] for one in labels]
    if kind == "pairs":
        return list(zip(inputs, labels, strict=True))
    if kind == "two ahead":
        return inputs, [one[1:] for one in labels]
    if kind == "first":
        return inputs[0], labels[0]
    if kind == "padded":
        longest = max(map(len, inputs))
        return tuple([[*one, *[0] * (longest - len(one))] for one in of] for of in (inputs, labels))
    if kind == "one row":
        row = [symbol for target in targets for symbol in target]
        return [start, *row], [*row, end]
    if kind == "no start":
        return [list(target) for target in targets], labels
    return [one[:-1] for one in inputs], [one[:-1] for one in labels]


shifted = Exercise(
    name="shifted",
    question="Return the decoder's inputs and its labels, two lists of lists.",
    reference=shift_by_one,
    cases=[
        Case(([[7, 8, 9]], 1, 2), "one target of three symbols"),
        Case(([[5, 6], [4, 4, 4, 8]], 1, 2), "two targets of different lengths"),
        Case(([[3], [9, 3, 6]], 0, 7), "start 0 and end 7"),
    ],
    explanation="At each place the input is what came before, and the label what comes now.",
    hints=[
        "Both lists are one longer than the target. The input has one symbol in front, the label "
        "one behind.",
        "Input: [start, *target]. Label: [*target, end].",
    ],
    mistakes=[
        Mistake(
            "no shift",
            lambda targets, start, end: _shift(targets, start, end, "none"),
            "input and label are the same, so the network learns to copy the symbol in front of "
            "its eyes. The input begins with start, the label ends with end.",
        ),
        Mistake(
            "shifted both",
            lambda targets, start, end: _shift(targets, start, end, "same"),
            "you put start before both, so they are still not shifted against each other.",
        ),
        Mistake(
            "no end",
            lambda targets, start, end: _shift(targets, start, end, "no end"),
            "your labels have no end. A decoder that never learns it never stops.",
        ),
        Mistake(
            "framed both",
            lambda targets, start, end: _shift(targets, start, end, "end in input"),
            "you framed inputs and labels alike with start and end. Each gets one of the two.",
        ),
        Mistake(
            "end in the inputs too",
            lambda targets, start, end: _shift(targets, start, end, "end in input only"),
            "your inputs hold end, behind which nothing is left to say. The labels are right; an "
            "input has start in front and nothing behind.",
        ),
        Mistake(
            "start in the labels too",
            lambda targets, start, end: _shift(targets, start, end, "start in label"),
            "your labels begin with start, which the decoder is given and never has to say. The "
            "inputs are right; a label has end behind and nothing in front.",
        ),
        Mistake(
            "in pairs",
            lambda targets, start, end: _shift(targets, start, end, "pairs"),
            "you return a pair for each target. Two lists are asked for: all inputs, then all "
            "labels.",
        ),
        Mistake(
            "two ahead",
            lambda targets, start, end: _shift(targets, start, end, "two ahead"),
            "your labels lie two ahead of the inputs. Start moves them apart by one already: leave "
            "the first symbol in the label.",
        ),
        Mistake(
            "first target only",
            lambda targets, start, end: _shift(targets, start, end, "first"),
            "you return the first target alone. A list of lists is asked for, one for each target.",
        ),
        Mistake(
            "padded",
            lambda targets, start, end: _shift(targets, start, end, "padded"),
            "you filled the shorter ones up with zeros. Here each list keeps its own length.",
        ),
        Mistake(
            "all in one row",
            lambda targets, start, end: _shift(targets, start, end, "one row"),
            "you put all targets into one list. Each has a start and an end of its own.",
        ),
        Mistake(
            "no start",
            lambda targets, start, end: _shift(targets, start, end, "no start"),
            "your inputs have no start: nothing stands there yet when the first symbol has to be "
            "said.",
        ),
        Mistake(
            "the wrong way",
            lambda targets, start, end: _shift(targets, start, end, "back"),
            "inputs and labels have changed places: the decoder would learn to say what came "
            "before. Return the inputs first.",
        ),
        Mistake(
            "last one cut",
            lambda targets, start, end: _shift(targets, start, end, "cut"),
            "you cut the last place off, so the last symbol is never followed by end. Both lists "
            "are one longer than the target.",
        ),
    ],
)

# 2. Counting parameters


def transformer_size(depth, width, hidden, source_symbols, target_symbols):  # type: ignore[no-untyped-def]
    attention = 4 * (width**2 + width)
    forward = 2 * width * hidden + hidden + width
    norm = 2 * width
    encoder = attention + forward + 2 * norm
    decoder = 2 * attention + forward + 3 * norm
    embeddings = (source_symbols + target_symbols) * width
    logits = width * target_symbols + target_symbols
    return depth * (encoder + decoder) + 2 * norm + embeddings + logits


def _size_without(part):  # type: ignore[no-untyped-def]
    def count(depth, width, hidden, source_symbols, target_symbols):  # type: ignore[no-untyped-def]
        lost = {
            "cross": depth * 4 * (width**2 + width),
            "cross and its norm": depth * (4 * (width**2 + width) + 2 * width),
            "third norm": depth * 2 * width,
            "one last norm": 2 * width,
            "shifts": (5 * depth + 2) * width,
            "one block": (depth - 1) * (12 * width**2 + 4 * width * hidden)
            + (depth - 1) * (24 * width + 2 * hidden),
            "attention's output": 3 * depth * (width**2 + width),
            "attention's biases": 12 * depth * width,
            "forward biases": 2 * depth * (hidden + width),
            "biases and shifts": depth * (14 * width + 2 * hidden)
            + target_symbols
            + (5 * depth + 2) * width,
            "logits of the source": (target_symbols - source_symbols) * (width + 1),
            "decoder": depth * (8 * (width**2 + width) + 2 * width * hidden + hidden + 7 * width)
            + 2 * width
            + target_symbols * width
            + (width + 1) * target_symbols,
            "target table": target_symbols * width,
            "source table": source_symbols * width,
            "last bias": target_symbols,
            "norms": (5 * depth + 2) * 2 * width,
            "last norms": 4 * width,
            "biases": depth * (12 * width + hidden + width + hidden + width) + target_symbols,
            "embeddings": (source_symbols + target_symbols) * width,
            "logits": width * target_symbols + target_symbols,
        }[part]
        whole = transformer_size(depth, width, hidden, source_symbols, target_symbols)
        return whole - lost

    return count


parameters = Exercise(
    name="parameters",
    question="Return the number of parameters of the lesson's Transformer.",
    reference=transformer_size,
    cases=[
        Case((2, 64, 128, 58, 15)),
        Case((1, 64, 128, 1700, 1710)),
        Case((6, 512, 2048, 37000, 36999)),
    ],
    explanation="The last case is the size of the original base model, here with three tables of "
    "symbols; the original shares one.",
    hints=[
        "An encoder block: one attention, one feed-forward sublayer, two norms. A decoder block: "
        "two attentions, one feed-forward sublayer, three norms.",
        "Outside the blocks: two tables of embeddings, two last norms, and the dense layer that "
        "makes logits. The sinusoidal positions have no parameters.",
    ],
    mistakes=[
        Mistake(
            "one attention in the decoder",
            _size_without("cross"),
            "a decoder block has two attentions, one to its own past and one to the encoder.",
        ),
        Mistake(
            "one attention and two norms in the decoder",
            _size_without("cross and its norm"),
            "your decoder blocks do not look at the source. They hold a second attention, to the "
            "encoder, with a norm of its own.",
        ),
        Mistake(
            "two norms in the decoder",
            _size_without("third norm"),
            "a decoder block has three sublayers, and each has its norm: you counted two of them.",
        ),
        Mistake(
            "norms without shifts",
            _size_without("shifts"),
            "your norms have one number a feature. A norm has two: a scale and a shift.",
        ),
        Mistake(
            "one block",
            _size_without("one block"),
            "you counted a single block on each side. There are depth of them, each with weights "
            "of its own.",
        ),
        Mistake(
            "no norms",
            _size_without("norms"),
            "the norms are missing: each has a scale and a shift for every feature.",
        ),
        Mistake(
            "no last norms",
            _size_without("last norms"),
            "in a pre-norm network one more norm ends each stack: two of them are missing.",
        ),
        Mistake(
            "three matrices in an attention",
            _size_without("attention's output"),
            "your attentions have three dense layers. There are four: query, key, value, and the "
            "output that mixes the heads.",
        ),
        Mistake(
            "attention without biases",
            _size_without("attention's biases"),
            "the dense layers of the attentions have biases, too: width for each of the four.",
        ),
        Mistake(
            "feed-forward without biases",
            _size_without("forward biases"),
            "the feed-forward layers have biases, too: hidden for the first, width for the second.",
        ),
        Mistake(
            "no biases and no shifts",
            _size_without("biases and shifts"),
            "the matrices are all there. Biases of the dense layers are missing, and the shifts of "
            "the norms.",
        ),
        Mistake(
            "logits of the source",
            _size_without("logits of the source"),
            "your last layer makes logits for the symbols of the source. It is the target that is "
            "written.",
        ),
        Mistake(
            "encoder alone",
            _size_without("decoder"),
            "you counted the encoder with its table alone. The decoder, its table and the logits "
            "come on top.",
        ),
        Mistake(
            "one last norm",
            _size_without("one last norm"),
            "you counted one last norm. Each side ends with its own.",
        ),
        Mistake(
            "table shared with the logits",
            _size_without("target table"),
            "a matrix of target symbols by width is missing. The target has a table of embeddings "
            "and the logits have a matrix: here the two are not shared.",
        ),
        Mistake(
            "one table",
            _size_without("source table"),
            "the table of embeddings of the source is missing. Each side has its own.",
        ),
        Mistake(
            "no last bias",
            _size_without("last bias"),
            "nearly: the dense layer that makes logits has a bias for each target symbol.",
        ),
        Mistake(
            "no biases",
            _size_without("biases"),
            "the matrices are all there, the biases of the dense layers are not.",
        ),
        Mistake(
            "no embeddings",
            _size_without("embeddings"),
            "the tables of embeddings are missing, one row for each symbol of each side.",
        ),
        Mistake(
            "no logits",
            _size_without("logits"),
            "the last dense layer is missing, which makes a logit for each target symbol.",
        ),
    ],
)

# 3. Greedy decoding


def decode_greedily(step, start, end, limit):  # type: ignore[no-untyped-def]
    written = [start]
    while len(written) <= limit:
        symbol = int(np.argmax(step(written)))
        if symbol == end:
            break
        written.append(symbol)
    return written[1:]


class Chain:
    """A toy language model: the next symbol depends on the last one, and on the length."""

    def __init__(self, table: list[list[float]], drift: float = 0.0) -> None:
        self.table, self.drift = np.array(table), drift

    def __call__(self, written: Any) -> np.ndarray:
        """Return the probabilities of the next symbol after a list of symbols."""
        if not isinstance(written, (list, tuple, np.ndarray)) or not len(written):
            raise Rejected(
                "step takes the list of all symbols written so far, with start in front, but got "
                f"{shorten(written)}."
            )
        row = self.table[int(written[-1])].copy()
        # So that a model that is shown the last symbol alone gives other answers.
        row[(int(np.sum(written)) + len(written)) % len(row)] += self.drift
        return row / row.sum()


_CHAIN = [
    [0.00, 0.00, 0.1, 0.50, 0.30, 0.1],
    [0.00, 0.00, 0.2, 0.45, 0.30, 0.05],
    [0.20, 0.20, 0.2, 0.20, 0.10, 0.1],
    [0.00, 0.00, 0.2, 0.10, 0.65, 0.05],
    [0.00, 0.00, 0.15, 0.15, 0.1, 0.6],
    [0.00, 0.00, 0.55, 0.20, 0.20, 0.05],
]
_LOOP = [[0.0, 0.1, 0.2, 0.7], [0.0, 0.1, 0.3, 0.6], [0.25] * 4, [0.1, 0.2, 0.3, 0.4]]


def _greedy(step, start, end, limit, kind):  # type: ignore[no-untyped-def]
    written = [start]
    while len(written) <= limit + {"early": -1, "late": 1}.get(kind, 0):
        seen = written[-1:] if kind == "last only" else written
        if kind == "start once":
            seen = written[1:] or written
        probabilities = step(seen)
        symbol = int(np.argmin(probabilities) if kind == "least" else np.argmax(probabilities))
        if kind not in ("no stop", "filtered") and symbol == end:
            return {
                "with end": [*written[1:], end],
                "with start": written,
                "with both": [*written, end],
            }.get(kind, written[1:])
        written.append(symbol)
    if kind == "filtered":
        return [symbol for symbol in written[1:] if symbol != end]
    return written if kind in ("with start", "with both") else written[1:]


def _wrong_greedy(kind):  # type: ignore[no-untyped-def]
    return lambda step, start, end, limit: _greedy(step, start, end, limit, kind)


greedy_decoding = Exercise(
    name="greedy_decoding",
    question="Return the symbols that greedy decoding writes, without start and end.",
    reference=decode_greedily,
    cases=[
        Case((Chain(_CHAIN), 1, 2, 8), "a model that stops after three symbols"),
        Case((Chain(_LOOP), 1, 2, 6), "a model that never stops, limit 6"),
        Case((Chain(_CHAIN, drift=0.4), 0, 2, 10), "a model that looks at all that is written"),
        Case((Chain(_CHAIN), 5, 2, 4), "a model that has nothing to say"),
    ],
    explanation="Two ways out of the loop: the network says end, or the limit does.",
    hints=[
        "written = [start], then again and again: step(written), np.argmax, append.",
        "Leave the loop when the symbol is end, or when limit symbols are written.",
        "Return written[1:].",
    ],
    mistakes=[
        Mistake(
            "never stops",
            _wrong_greedy("no stop"),
            "you go on behind end until the limit. What comes after it is noise.",
        ),
        Mistake(
            "only the last symbol",
            _wrong_greedy("last only"),
            "you hand step the last symbol alone. It is to see all that is written so far.",
        ),
        Mistake(
            "end is kept",
            _wrong_greedy("with end"),
            "everything is right but for the end, which is not part of the translation.",
        ),
        Mistake(
            "start is kept",
            _wrong_greedy("with start"),
            "everything is right but for the start, which is not part of the translation.",
        ),
        Mistake(
            "start and end are kept",
            _wrong_greedy("with both"),
            "start and end are still there. Neither is part of the translation.",
        ),
        Mistake(
            "end taken out afterwards",
            _wrong_greedy("filtered"),
            "you go on writing after end, and take end out later. What came behind it is still "
            "there: leave the loop at the first end.",
        ),
        Mistake(
            "start handed over once",
            _wrong_greedy("start once"),
            "step is given start the first time only. It is to see start in front of all that is "
            "written, at every step.",
        ),
        Mistake(
            "one too few",
            _wrong_greedy("early"),
            "a model that never stops gets one symbol too few. Do you count start towards the "
            "limit, or cut off the last symbol although it is not end?",
        ),
        Mistake(
            "one too many",
            _wrong_greedy("late"),
            "a model that never stops gets one symbol too many. At most limit of them may be "
            "written.",
        ),
        Mistake(
            "least likely",
            _wrong_greedy("least"),
            "you take the least likely symbol at each step. np.argmax takes the likeliest.",
        ),
    ],
)

# 4. One step of beam search


def step_of_beam(scores, log_probabilities):  # type: ignore[no-untyped-def]
    totals = scores[:, np.newaxis] + log_probabilities
    best = np.argsort(-totals.ravel(), kind="stable")[: len(scores)]
    parents, symbols = np.divmod(best, log_probabilities.shape[1])
    return parents, symbols, totals.ravel()[best]


def _beam_case(seed: int, beam: int, symbols: int) -> Case:
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 1.5, size=(beam, symbols))
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    scores = np.sort(generator.normal(-3, 1.0, size=beam))[::-1].copy()
    return Case((scores, logs), f"{beam} beams and {symbols} symbols")


def _each_its_own(scores, log_probabilities):  # type: ignore[no-untyped-def]
    symbols = log_probabilities.argmax(axis=1)
    parents = np.arange(len(scores))
    return parents, symbols, scores + log_probabilities[parents, symbols]


def _forgotten_scores(scores, log_probabilities):  # type: ignore[no-untyped-def]
    return step_of_beam(0 * scores, log_probabilities)


def _chosen_by_the_new(scores, log_probabilities):  # type: ignore[no-untyped-def]
    parents, symbols, logs = step_of_beam(0 * scores, log_probabilities)
    return parents, symbols, scores[parents] + logs


def _sorted(parents, symbols, totals):  # type: ignore[no-untyped-def]
    order = np.argsort(-totals, kind="stable")
    return parents[order], symbols[order], totals[order]


def _not_added(scores, log_probabilities):  # type: ignore[no-untyped-def]
    parents, symbols, _ = step_of_beam(scores, log_probabilities)
    return parents, symbols, log_probabilities[parents, symbols]


def _multiplied(scores, log_probabilities):  # type: ignore[no-untyped-def]
    totals = scores[:, np.newaxis] * log_probabilities
    best = np.argsort(-totals.ravel(), kind="stable")[: len(scores)]
    return *np.divmod(best, log_probabilities.shape[1]), totals.ravel()[best]


def _worst(scores, log_probabilities):  # type: ignore[no-untyped-def]
    totals = scores[:, np.newaxis] + log_probabilities
    best = np.argsort(totals.ravel(), kind="stable")[: len(scores)]
    return *np.divmod(best, log_probabilities.shape[1]), totals.ravel()[best]


def _wrong_divisor(scores, log_probabilities):  # type: ignore[no-untyped-def]
    totals = scores[:, np.newaxis] + log_probabilities
    best = np.argsort(-totals.ravel(), kind="stable")[: len(scores)]
    return *np.divmod(best, len(scores)), totals.ravel()[best]


def _best_last(scores, log_probabilities):  # type: ignore[no-untyped-def]
    return tuple(one[::-1] for one in step_of_beam(scores, log_probabilities))


def _exchanged(scores, log_probabilities):  # type: ignore[no-untyped-def]
    parents, symbols, totals = step_of_beam(scores, log_probabilities)
    return symbols, parents, totals


def _flat_places(scores, log_probabilities):  # type: ignore[no-untyped-def]
    parents, symbols, totals = step_of_beam(scores, log_probabilities)
    return parents * log_probabilities.shape[1] + symbols, symbols, totals


def _as_many_as_symbols(scores, log_probabilities):  # type: ignore[no-untyped-def]
    totals = scores[:, np.newaxis] + log_probabilities
    best = np.argsort(-totals.ravel(), kind="stable")[: log_probabilities.shape[1]]
    return *np.divmod(best, log_probabilities.shape[1]), totals.ravel()[best]


def _best_alone(scores, log_probabilities):  # type: ignore[no-untyped-def]
    return tuple(one[:1] for one in step_of_beam(scores, log_probabilities))


def _in_threes(scores, log_probabilities):  # type: ignore[no-untyped-def]
    return list(zip(*step_of_beam(scores, log_probabilities), strict=True))


def _probabilities(scores, log_probabilities):  # type: ignore[no-untyped-def]
    parents, symbols, totals = step_of_beam(scores, log_probabilities)
    return parents, symbols, np.exp(totals)


beam_step = Exercise(
    name="beam_step",
    question="Return which beams go on, with which symbols, and their new scores, best first.",
    reference=step_of_beam,
    cases=[_beam_case(1, 2, 4), _beam_case(2, 3, 5), _beam_case(3, 4, 9), _beam_case(1, 3, 6)],
    explanation="One beam may have several children, another none: that is the point of it.",
    hints=[
        "All continuations stand in one table: scores[:, np.newaxis] + log_probabilities.",
        "np.argsort(-totals.ravel())[:len(scores)] are the places of the best, row after row.",
        "np.divmod by the number of symbols turns a place into the row (the beam that goes on) "
        "and the column (the symbol).",
    ],
    mistakes=[
        Mistake(
            "each beam its own best",
            _each_its_own,
            "each beam goes on with its own best symbol. The beams compete: take the best of all "
            "continuations, though two of them may continue the same beam.",
        ),
        Mistake(
            "scores so far forgotten",
            _forgotten_scores,
            "you compare the last symbols alone. Add the scores so far before you compare.",
        ),
        Mistake(
            "chosen by the new symbol",
            _chosen_by_the_new,
            "you chose the survivors by the log-probability of the new symbol alone. A beam brings "
            "its score along: choose by the sums.",
        ),
        Mistake(
            "chosen by the new symbol, then sorted",
            lambda scores, log_probabilities: _sorted(
                *_chosen_by_the_new(scores, log_probabilities)
            ),
            "you chose by the log-probability of the new symbol alone, and sorted the chosen ones "
            "by their sums afterwards. A beam brings its score along: choose by the sums, too.",
        ),
        Mistake(
            "new scores too small",
            _not_added,
            "the choice is right. The new score is the old one plus the log-probability.",
        ),
        Mistake(
            "multiplied",
            _multiplied,
            "you multiplied. Probabilities are multiplied, so their logarithms are added.",
        ),
        Mistake(
            "sorted the wrong way",
            _worst,
            "you kept the worst: np.argsort puts the smallest first.",
        ),
        Mistake(
            "divided by the beams",
            _wrong_divisor,
            "you divided by the number of beams. A row has as many places as there are symbols.",
        ),
        Mistake(
            "best last",
            _best_last,
            "the right survivors in reverse order: the best one belongs in front.",
        ),
        Mistake(
            "symbols first",
            _exchanged,
            "beams and symbols have changed places: first which beam goes on, then with which "
            "symbol.",
        ),
        Mistake(
            "places of the flat table",
            _flat_places,
            "your first array holds places in the flattened table. Divide by the number of symbols "
            "(//) to get the rows, which are the beams.",
        ),
        Mistake(
            "as many as symbols",
            _as_many_as_symbols,
            "you keep as many survivors as there are symbols. As many beams go on as came in: "
            "len(scores).",
        ),
        Mistake(
            "best one alone",
            _best_alone,
            "you keep the best continuation alone. As many go on as there were beams.",
        ),
        Mistake(
            "three numbers for each survivor",
            _in_threes,
            "you return three numbers for each survivor. Three arrays are asked for: beams, "
            "symbols, scores.",
        ),
        Mistake(
            "probabilities",
            _probabilities,
            "the choice is right, but your scores are probabilities. Leave them as logarithms, to "
            "which the next step adds.",
        ),
    ],
)

# 5. chrF of one order


def f2_of_ngrams(reference, translation, n):  # type: ignore[no-untyped-def]
    wanted = Counter(reference[i : i + n] for i in range(len(reference) - n + 1))
    came = Counter(translation[i : i + n] for i in range(len(translation) - n + 1))
    common = sum((wanted & came).values())
    if common == 0:
        return 0.0
    precision, recall = common / sum(came.values()), common / sum(wanted.values())
    return 5 * precision * recall / (4 * precision + recall)


def _f_of(reference, translation, n, kind):  # type: ignore[no-untyped-def]
    more = {"last forgotten": -1, "short pieces": n - 1}.get(kind, 0)
    step = n if kind == "side by side" else 1
    wanted, came = (
        Counter(text[i : i + n] for i in range(0, len(text) - n + 1 + more, step))
        for text in (reference, translation)
    )
    if kind == "sets":
        wanted, came = Counter(set(wanted)), Counter(set(came))
    common = sum((wanted & came).values())
    if kind == "not clipped":
        common = sum(count for one, count in came.items() if one in wanted)
    if common == 0:
        return 0.0
    p, r = common / sum(came.values()), common / sum(wanted.values())
    if kind == "not clipped either way":
        p = sum(count for one, count in came.items() if one in wanted) / sum(came.values())
        r = sum(count for one, count in wanted.items() if one in came) / sum(wanted.values())
    formulas = {"precision": p, "recall": r, "swapped": 5 * p * r / (p + 4 * r)}
    formulas |= {"balanced": 2 * p * r / (p + r), "mean": (p + r) / 2, "product": p * r}
    return formulas.get(kind, 5 * p * r / (4 * p + r))


def _wrong_f(kind):  # type: ignore[no-untyped-def]
    return lambda reference, translation, n: _f_of(reference, translation, n, kind)


ngram_score = Exercise(
    name="ngram_score",
    question="Return F = 5PR / (4P + R) of the character n-grams, 0 when none is shared.",
    reference=f2_of_ngrams,
    cases=[
        Case(("他很懒", "他是很懒", 1)),
        Case(("天天向上", "天天天好", 1)),
        Case(("banana", "ananas bananas", 2)),
        Case(("abc", "xyz", 1)),
        Case(("the theme", "the the", 3)),
        Case(("no", "none", 3)),
    ],
    explanation="Averaged over several n, this is chrF, as NLTK computes it; sacrebleu averages "
    "P and R over n first, and takes F of the means.",
    hints=[
        "A Counter of all n-grams of each: text[i : i + n] for i in range(len(text) - n + 1).",
        "wanted & came keeps the smaller count of each n-gram. Its sum is what they share.",
        "Precision divides by the n-grams of the translation, recall by those of the reference.",
    ],
    mistakes=[
        Mistake(
            "precision and recall swapped",
            _wrong_f("swapped"),
            "precision and recall have changed places. Precision divides by what the translation "
            "has, recall by what the reference has.",
        ),
        Mistake(
            "precision alone",
            _wrong_f("precision"),
            "that is precision alone. One right character would be a perfect translation.",
        ),
        Mistake(
            "recall alone",
            _wrong_f("recall"),
            "that is recall alone. A translation of all characters there are would be perfect.",
        ),
        Mistake(
            "F1",
            _wrong_f("balanced"),
            "that is F1, which weighs both alike. Here recall weighs twice: 5PR / (4P + R).",
        ),
        Mistake(
            "sets",
            _wrong_f("sets"),
            "you counted each n-gram once, however often it occurs. Use Counter, not set.",
        ),
        Mistake(
            "not clipped",
            _wrong_f("not clipped"),
            "a repeated n-gram counts at most as often as the reference has it: wanted & came.",
        ),
        Mistake(
            "not clipped either way",
            _wrong_f("not clipped either way"),
            "you count every n-gram that occurs somewhere in the other text, though the other may "
            "have it less often. Each one there can be matched only once: wanted & came.",
        ),
        Mistake(
            "plain mean",
            _wrong_f("mean"),
            "that is the plain mean of precision and recall. F = 5PR / (4P + R) is asked for.",
        ),
        Mistake(
            "product",
            _wrong_f("product"),
            "that is precision times recall. F = 5PR / (4P + R) is asked for.",
        ),
        Mistake(
            "blanks taken out",
            lambda reference, translation, n: f2_of_ngrams(
                reference.replace(" ", ""), translation.replace(" ", ""), n
            ),
            "you took the blanks out first, as some programs do. Here a blank is a character like "
            "any other.",
        ),
        Mistake(
            "all lengths up to n",
            lambda reference, translation, n: float(
                np.mean([f2_of_ngrams(reference, translation, one) for one in range(1, n + 1)])
            ),
            "you took the mean over all lengths up to n. Pieces of exactly n characters are asked "
            "for.",
        ),
        Mistake(
            "pieces side by side",
            _wrong_f("side by side"),
            "your pieces stand side by side. An n-gram begins at every character: range(..., n) "
            "has a step too long.",
        ),
        Mistake(
            "last piece forgotten",
            _wrong_f("last forgotten"),
            "the last n-gram of each text is missing: there are len(text) - n + 1 of them.",
        ),
        Mistake(
            "short pieces at the end",
            _wrong_f("short pieces"),
            "your last pieces are shorter than n. Stop where n characters are no longer left.",
        ),
    ],
)

# 6. Dates by rules

MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
EXACT_WANTED = 0.99


def ways_to_write(day: datetime.date) -> list[str]:
    """Return the six ways in which the lesson writes a day.

    Args:
        day: from 1950-01-01 to 2049-12-31, where two digits of the year are enough.
    """
    d, m, y, month = day.day, day.month, day.year, MONTHS[day.month - 1]
    ending = "th" if 10 < d < 20 else {1: "st", 2: "nd", 3: "rd"}.get(d % 10, "th")
    return [
        f"{d}{ending} of {month} {y}",
        f"{month} {d}, {y}",
        f"{WEEKDAYS[day.weekday()]} {d} {month[:3]} {y}",
        f"{d:02}/{m:02}/{y % 100:02}",
        f"{d}.{m}.{y}",
        f"{y}年{m}月{d}日",
    ]


@functools.cache
def held_out_dates() -> tuple[tuple[str, str], ...]:
    """Return 600 pairs of a written date and its ISO form, a hundred for each way."""
    generator = np.random.default_rng(15)
    first = datetime.date(1950, 1, 1)
    days = [first + datetime.timedelta(int(n)) for n in generator.choice(36_525, 600, False)]
    return tuple((ways_to_write(day)[n % 6], day.isoformat()) for n, day in enumerate(days))


def read_date(text):  # type: ignore[no-untyped-def]
    names = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
    numbers = [int(digits) for digits in re.findall(r"\d+", text)]
    words = [word[:3].lower() for word in re.findall(r"[A-Za-z]+", text)]
    months = [names.index(word) + 1 for word in words if word in names]
    if "年" in text:
        year, month, day = numbers
    elif months:
        (day, year), month = numbers, months[0]
    else:
        day, month, year = numbers
    if year < 100:
        year += 1900 if year >= 50 else 2000
    return f"{year}-{month:02}-{day:02}"


def _read(answer: Any, text: str) -> str:
    result = call(answer, Case((text,)))
    if not isinstance(result, str):
        raise Rejected(
            f"your function should return a text such as '1987-03-03', but for {text!r} it "
            f"returned {shorten(result)}."
        )
    return result


def share_read(answer: Any) -> float:
    """Return the share of the held-out dates that a function reads right.

    Args:
        answer: takes a text and returns one in the form 1987-03-03.

    Raises:
        Rejected: when it is no function, raises, or returns no text.
    """
    return float(np.mean([_read(answer, text) == wanted for text, wanted in held_out_dates()]))


def _judge_reader(answer: Any) -> str:
    results = [(text, wanted, _read(answer, text)) for text, wanted in held_out_dates()]
    right = np.mean([wanted == came for _, wanted, came in results])
    if right >= EXACT_WANTED:
        return ""
    text, wanted, came = next(one for one in results if one[1] != one[2])
    should = f"{text!r} should be {wanted!r}, not {shorten(came)}"
    result = f"{right:.0%} of the held-out dates are right; {should}"
    wrong = [(wanted, came) for _, wanted, came in results if wanted != came]
    if all(
        came == datetime.date.fromisoformat(wanted).strftime("%Y-%d-%m") for wanted, came in wrong
    ):
        if any(re.search("[A-Za-z年]", text) for text, wanted, came in results if came != wanted):
            return f"{result}. You write the day before the month: the order is year, month, day."
        return f"{result}. You read the month first: 03/04/87 is the third of April here."
    if all(came[2:] == wanted[2:] for wanted, came in wrong):
        return f"{result}. Only the century is wrong: 50 to 99 mean 19.., 00 to 49 mean 20..."
    if all(re.sub(r"\D+", "-", came) == wanted for wanted, came in wrong):
        return f"{result}. The numbers are right: join them by -."
    if all(came.split("-")[::-1] == wanted.split("-") for wanted, came in wrong):
        return f"{result}. The year comes first, then the month, then the day."
    if all(came == wanted[2:] for wanted, came in wrong):
        return f"{result}. A year has four digits: 50 to 99 are 19.., 00 to 49 are 20..."
    if all(_with_zeros(came) == wanted for wanted, came in wrong):
        return f"{result}. Months and days have two digits in ISO 8601: write 03, not 3."
    share = [np.mean([w == c for _, w, c in results[n::6]]) for n in range(6)]
    if max(share) < EXACT_WANTED:
        return f"{result}. None of the six ways is read right throughout."
    failed = [n for n in range(6) if share[n] < EXACT_WANTED]
    firsts = [next(one for one in results[n::6] if one[1] != one[2]) for n in failed]
    left = ", ".join(f"{text!r} (yours: {shorten(came)})" for text, _, came in firsts)
    return f"{result}. {6 - len(failed)} of the six ways are right. Still to do: those like {left}."


def _with_zeros(text: str) -> str:
    parts = text.split("-")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        return text
    return f"{parts[0]}-{int(parts[1]):02}-{int(parts[2]):02}"


def _month_first(text):  # type: ignore[no-untyped-def]
    found = read_date(text)
    if re.search(r"[A-Za-z年]", text):
        return found
    return f"{found[:4]}-{found[8:]}-{found[5:7]}"


def _always_1900(text):  # type: ignore[no-untyped-def]
    found = read_date(text)
    return "19" + found[2:] if "/" in text else found


def _no_zeros(text):  # type: ignore[no-untyped-def]
    year, month, day = read_date(text).split("-")
    return f"{year}-{int(month)}-{int(day)}"


def _only_names(text):  # type: ignore[no-untyped-def]
    return read_date(text) if re.search(r"[A-Za-z]{3}", text) else text


date_reader = Exercise(
    name="date_reader",
    question="Read all six ways of writing a day by rules, and return the day as 1987-03-03.",
    reference=read_date,
    accept=_judge_reader,
    explanation="A rule can be read, tested and mended in a minute. Nobody can mend one weight.",
    hints=[
        "re.findall(r'\\d+', text) gives all numbers. In which order do they stand in each way?",
        "Names: the first three letters of a month are enough, and no weekday is called like one.",
        "Chinese dates have the year first, names leave two numbers (day, year), and the rest is "
        "day, month, year. Then the century, then f'{year}-{month:02}-{day:02}'.",
    ],
    mistakes=[
        Mistake("month first", _month_first, "You read the month first"),
        Mistake("always 19..", _always_1900, "Only the century is wrong"),
        Mistake(
            "two digits of the year",
            lambda text: read_date(text)[2:] if "/" in text else read_date(text),
            "A year has four digits",
        ),
        Mistake(
            "day before month",
            lambda text: "{0}-{2}-{1}".format(*read_date(text).split("-")),
            "You write the day before the month",
        ),
        Mistake("slashes", lambda text: read_date(text).replace("-", "/"), "join them by -"),
        Mistake(
            "day first",
            lambda text: "-".join(read_date(text).split("-")[::-1]),
            "The year comes first",
        ),
        Mistake("no zeros", _no_zeros, "Months and days have two digits"),
        Mistake("copied", lambda text: text[:10], "None of the six ways"),
        Mistake("only names", _only_names, "3 of the six ways are right"),
    ],
)
