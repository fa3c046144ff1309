"""Exercises of lesson 13, words as vectors."""

import functools
import itertools
import time
from typing import Any

import numpy as np

from course_lib.exercises.exercise import Case, Exercise, Mistake, Rejected, call

# 1. Not good


def join_negations(tokens):  # type: ignore[no-untyped-def]
    joined, negated = [], False
    for token in tokens:
        if negated:
            token, negated = "not_" + token, False
        elif token == "not":
            negated = True
            continue
        joined.append(token)
    return joined + ["not"] * negated


def _keeps_not(tokens):  # type: ignore[no-untyped-def]
    return [
        "not_" + token if before == "not" else token
        for before, token in zip(["", *tokens], tokens, strict=False)
    ]


def _to_the_end(tokens):  # type: ignore[no-untyped-def]
    place = tokens.index("not") if "not" in tokens else len(tokens)
    return tokens[:place] + ["not_" + token for token in tokens[place + 1 :] if token != "not"]


def _drops_both(tokens):  # type: ignore[no-untyped-def]
    couples = zip(["", *tokens], tokens, strict=False)
    return [token for before, token in couples if "not" not in (before, token)]


def _loses_the_last(tokens):  # type: ignore[no-untyped-def]
    return [token for token in join_negations(tokens) if token != "not"]


def _in_a_string(tokens):  # type: ignore[no-untyped-def]
    return " ".join(tokens).replace("not ", "not_").split()


def _in_couples(tokens):  # type: ignore[no-untyped-def]
    couples = itertools.pairwise(tokens)
    return ["not_" + after if token == "not" else token for token, after in couples]


def _comes_again(tokens):  # type: ignore[no-untyped-def]
    ahead = [*tokens[1:], ""]
    return [
        "not_" + after if token == "not" and after else token
        for token, after in zip(tokens, ahead, strict=True)
    ]


def _flag_first(tokens):  # type: ignore[no-untyped-def]
    joined, negated = [], False
    for token in tokens:
        if token == "not":
            negated = True
        else:
            joined.append("not_" + token if negated else token)
            negated = False
    return joined


def _first_of_two_kept(tokens):  # type: ignore[no-untyped-def]
    joined, place = [], 0
    while place < len(tokens):
        two = tokens[place : place + 2]
        if two[0] == "not" and two[1:] not in ([], ["not"]):
            joined.append("not_" + two[1])
            place += 2
        else:
            joined.append(two[0])
            place += 1
    return joined


def _looks_back(tokens):  # type: ignore[no-untyped-def]
    before = ["", *tokens[:-1]]
    ends = [False] * (len(tokens) - 1) + [True]
    return [
        "not_" + token if previous == "not" else token
        for previous, token, last in zip(before, tokens, ends, strict=True)
        if previous == "not" or token != "not" or last
    ]


negations = Exercise(
    name="negations",
    question='Join each "not" with the token after it, so that a bag of words can see it.',
    reference=join_negations,
    cases=[
        Case((["it", "is", "not", "good", "at", "all"],)),
        Case((["not", "too", "short", "not", "long", "nice"],)),
        Case((["love", "it", "or", "not"],)),
        Case((["a", "dress"],)),
        Case((["cannot", "wait", "not", "bad"],)),
        Case((["not", "not", "good", "fit"],)),
    ],
    explanation="Now not_good is a word of its own, with a weight of its own.",
    hints=[
        "Walk through the tokens, and remember whether the one before was a not.",
        'A "not" adds nothing yet; the token after it is added as "not_" + token. Mind a last not.',
    ],
    mistakes=[
        Mistake(
            "keeps the not too",
            _keeps_not,
            "the not stands in the list twice: alone, and in front of the next word. The bag would "
            "go on counting it. Leave out the one that you have joined.",
        ),
        Mistake(
            "marks the whole rest",
            _to_the_end,
            "one not has marked every later word. Only the next token is joined; forget the not "
            "after that.",
        ),
        Mistake(
            "drops the word as well",
            _drops_both,
            "the negated word is gone altogether, and with it what the customer means. Add "
            '"not_" + token.',
        ),
        Mistake(
            "replaced in a string",
            _in_a_string,
            "in a string the end of cannot looks like not, and cannot wait is joined, too. Compare "
            "whole tokens.",
        ),
        Mistake(
            "walks over couples",
            _in_couples,
            "the joined word comes once more by itself, and the last token is lost: it begins no "
            "couple. Walk over single tokens, and remember whether the one before was a not.",
        ),
        Mistake(
            "the word comes again",
            _comes_again,
            "each word that you join comes once more by itself. When you join it, step over it.",
        ),
        Mistake(
            "two nots, the first kept",
            _first_of_two_kept,
            "right but for two nots in a row, of which you keep the first alone. Each not is "
            "joined with the token after it, whatever that is.",
        ),
        Mistake(
            "two nots made one, the last lost",
            _flag_first,
            "two things: a not at the very end has no word to join, and you lose it; and of two in "
            "a row you lose one. Look first at whether the one before was a not.",
        ),
        Mistake(
            "two nots made one",
            lambda tokens: _flag_first(tokens) + ["not"] * (tokens[-1] == "not"),
            "right but for two nots in a row, of which one is lost. The second is joined to the "
            "first, like any other token.",
        ),
        Mistake(
            "ends in not, the last lost",
            lambda tokens: [
                token
                for token in join_negations(["not" if t.endswith("not") else t for t in tokens])
                if token != "not"
            ],
            "two things: a not at the very end has no word to join, and you lose it; and cannot, "
            "which only ends in not, is taken for one.",
        ),
        Mistake(
            "ends in not",
            lambda tokens: join_negations(["not" if t.endswith("not") else t for t in tokens]),
            "cannot ends in not, and you took it for one. A not is the whole token: compare with "
            "==.",
        ),
        Mistake(
            "first one only",
            lambda tokens: (
                join_negations(tokens[: tokens.index("not") + 2])
                + tokens[tokens.index("not") + 2 :]
                if "not" in tokens
                else list(tokens)
            ),
            "you joined the first not only. There may be more of them.",
        ),
        Mistake(
            "no underscore",
            lambda tokens: [token.replace("not_", "not") for token in join_negations(tokens)],
            "the right tokens are joined, without an underscore between: not_good, not notgood.",
        ),
        Mistake(
            "a blank for the underscore",
            lambda tokens: [token.replace("not_", "not ") for token in join_negations(tokens)],
            "you joined with a blank, at which the bag would cut again. Join with an underscore.",
        ),
        Mistake(
            "one text",
            lambda tokens: " ".join(join_negations(tokens)),
            "you returned one text. A list of tokens is asked for.",
        ),
        Mistake(
            "looks back only",
            _looks_back,
            "right but for two nots in a row: the second one is joined to the first already, and "
            "you use it once more for the word after it. Each token is used once.",
        ),
        Mistake(
            "loses a last not",
            _loses_the_last,
            "a not at the very end has no word to join, and you lose it. Keep it as it is.",
        ),
    ],
)

# 2. How many pairs


def count_pairs(length, window):  # type: ignore[no-untyped-def]
    return sum(2 * (length - distance) for distance in range(1, min(window, length - 1) + 1))


pairs = Exercise(
    name="pairs",
    question="How many skip-gram pairs (centre, context) does a text of `length` words give?",
    reference=count_pairs,
    cases=[Case((4, 1)), Case((10, 3)), Case((5, 2)), Case((3, 8)), Case((1, 2))],
    explanation="length - d places have a neighbour d places on, and each pair counts both ways.",
    hints=[
        "Write down the pairs of four words with window 1. There are six.",
        "At distance d there are length - d pairs, both ways 2 (length - d). Add up over d.",
    ],
    mistakes=[
        Mistake(
            "edges forgotten",
            lambda length, window: 2 * window * length,
            "that gives every word a full window on both sides. The first word has nothing on "
            "its left.",
        ),
        Mistake(
            "one way only",
            lambda length, window: count_pairs(length, window) // 2,
            "you count each couple of words once. Each is the centre once and the context once.",
        ),
        Mistake(
            "the word with itself",
            lambda length, window: count_pairs(length, window) + length,
            "a word is not in its own context: you count each centre with itself.",
        ),
        Mistake(
            "half the window",
            lambda length, window: count_pairs(length, window // 2),
            "you share the window out between the two sides. It reaches `window` places to the "
            "left and as many to the right.",
        ),
        Mistake(
            "the last distance forgotten",
            lambda length, window: sum(2 * max(0, length - d) for d in range(1, window)),
            "your distances end one too early: range(1, window) leaves out the distance window.",
        ),
        Mistake(
            "one full side",
            lambda length, window: window * length,
            "that gives every word a full window on one side. Words have neighbours on both "
            "sides, and fewer near the edges.",
        ),
        Mistake(
            "as much lost at each distance",
            lambda length, window: 2 * window * (length - window),
            "you take the same number off for every distance. At distance 1 one couple is lost, at "
            "distance 2 two of them: add up over the distances.",
        ),
        Mistake(
            "every word with every other",
            lambda length, window: length * (length - 1),
            "that pairs every word with every other, however far. Only those within the window "
            "count.",
        ),
        Mistake(
            "distances from 0",
            lambda length, window: sum(2 * max(0, length - d) for d in range(window)),
            "your distances begin at 0, which is the word itself, and end before window. They go "
            "from 1 to window.",
        ),
        Mistake(
            "one place short on the right",
            lambda length, window: sum(
                min(length, place + window) - max(0, place - window) - 1 for place in range(length)
            ),
            "on the right you reach one place less far than on the left: a range does not hold its "
            "end.",
        ),
        Mistake(
            "places before the text",
            lambda length, window: sum(
                min(length, place + window + 1) - (place - window) - 1 for place in range(length)
            ),
            "you count places in front of the first word. Begin the range at max(0, ...).",
        ),
        Mistake(
            "only full windows",
            lambda length, window: max(0, length - 2 * window) * 2 * window,
            "you count only those centres that have a full window on both sides. A word near an "
            "edge is a centre, too, with fewer neighbours.",
        ),
        Mistake(
            "window larger than the text",
            lambda length, window: sum(2 * (length - d) for d in range(1, window + 1)),
            "right where the window is shorter than the text. At a distance of `length` and more "
            "there are no pairs, and yours takes some away, so that wide windows come out below "
            "zero: let min(window, length - 1) be the window.",
        ),
    ],
)

# 3. The gradient of one pair


def centre_gradient(centre, context, negatives):  # type: ignore[no-untyped-def]
    pull = 1 / (1 + np.exp(-context @ centre)) - 1
    push = 1 / (1 + np.exp(-negatives @ centre))
    return pull * context + push @ negatives


def _chance(scores):  # type: ignore[no-untyped-def]
    return 1 / (1 + np.exp(-scores))


def _vector_cases() -> list[Case]:
    generator = np.random.default_rng(13)
    return [
        Case((np.array([1.0, 2.0]), np.array([0.5, 0.0]), np.array([[-1.0, 0.5]]))),
        Case((generator.normal(size=3), generator.normal(size=3), generator.normal(size=(4, 3)))),
        Case((generator.normal(size=2), generator.normal(size=2), generator.normal(size=(2, 2)))),
        Case(
            (
                np.array([400.0, -300.0]),
                np.array([2.0, -1.0]),
                np.array([[-3.0, 1.0], [2.0, 1.5], [1.5, -0.5]]),
            ),
            "long vectors, whose scores go beyond 1000",
        ),
    ]


def _infinity_by_infinity(scores):  # type: ignore[no-untyped-def]
    with np.errstate(all="ignore"):
        return np.exp(scores) / (1 + np.exp(scores))


centre = Exercise(
    name="centre",
    question="The gradient of -log s(v.u) - sum_i log s(-v.u_i) with respect to the centre v.",
    reference=centre_gradient,
    cases=_vector_cases(),
    explanation="The context pulls as long as the pair is in doubt, each negative pushes.",
    hints=[
        "The derivative of -log s(x) is s(x) - 1, and that of -log s(-x) is s(x).",
        "pull = s(v.u) - 1 goes with u; push = s(v.u_i) goes with u_i; add them all up.",
    ],
    mistakes=[
        Mistake(
            "uphill",
            lambda v, u, n: -centre_gradient(v, u, n),
            "every sign is turned: this is the direction in which the loss falls. The gradient "
            "points uphill; gradient descent puts in the minus.",
        ),
        Mistake(
            "minus one forgotten",
            lambda v, u, n: _chance(u @ v) * u + _chance(n @ v) @ n,
            "the true context is treated like a negative. Its label is 1, so its factor is "
            "s(v.u) - 1.",
        ),
        Mistake(
            "minus one for all",
            lambda v, u, n: (_chance(u @ v) - 1) * u + (_chance(n @ v) - 1) @ n,
            "the negatives are treated like true contexts. Their label is 0, so their factor is "
            "s(v.u_i), without the minus one.",
        ),
        Mistake(
            "times the centre",
            lambda v, u, n: (_chance(u @ v) - 1) * v + _chance(n @ v) @ n,
            "the pull is multiplied by the centre. The score v.u has the derivative u by v: the "
            "pull goes with the context.",
        ),
        Mistake(
            "negatives scored with the context",
            lambda v, u, n: (_chance(u @ v) - 1) * u + _chance(n @ u) @ n,
            "your negatives meet the context. Their scores are with the centre, v.u_i.",
        ),
        Mistake(
            "mean of the negatives",
            lambda v, u, n: (_chance(u @ v) - 1) * u + _chance(n @ v) @ n / len(n),
            "you take the mean over the negatives where the question has their sum.",
        ),
        Mistake(
            "by the context",
            lambda v, u, n: (_chance(u @ v) - 1) * v,
            "that is the gradient by the context u. By the centre, each score brings in the other "
            "vector: u for the pair, and u_i for each negative.",
        ),
        Mistake(
            "negatives forgotten",
            lambda v, u, n: (_chance(u @ v) - 1) * u,
            "you stop after the true context. Each negative has a term of its own.",
        ),
        Mistake(
            "negatives turned",
            lambda v, u, n: (_chance(u @ v) - 1) * u + _chance(-n @ v) @ n,
            "your push has s(-v.u_i). That is how far the model is right already, and right ones "
            "need no push: the derivative of -log s(-x) is s(x).",
        ),
        Mistake(
            "derivative of the sigmoid",
            lambda v, u, n: (
                _chance(u @ v) * (1 - _chance(u @ v)) * u
                + (_chance(n @ v) * (1 - _chance(n @ v))) @ n
            ),
            "s (1 - s) is the derivative of the sigmoid. Here its logarithm is derived, and one of "
            "the two factors cancels.",
        ),
        Mistake(
            "a row for each negative",
            lambda v, u, n: (_chance(u @ v) - 1) * u + _chance(n @ v)[:, np.newaxis] * n,
            "you return a row for each negative. Their pushes add up, and the pull is added once.",
        ),
        Mistake(
            "summed apart",
            lambda v, u, n: (_chance(u @ v) - 1) * u + _chance(n @ v).sum() * n.sum(axis=0),
            "you add up the factors and the negatives apart, and multiply the sums. Each negative "
            "goes with its own factor.",
        ),
        Mistake(
            "negatives pull",
            lambda v, u, n: (_chance(u @ v) - 1) * u - _chance(n @ v) @ n,
            "the negatives come in with the wrong sign: you pull them closer, and the loss wants "
            "them pushed away.",
        ),
        Mistake(
            "exponential of a large score",
            lambda v, u, n: (
                (_infinity_by_infinity(u @ v) - 1) * u + _infinity_by_infinity(n @ v) @ n
            ),
            "right for small scores. For large ones infinity is divided by infinity, which is NaN, "
            "as in exp(x) / (1 + exp(x)): write 1 / (1 + exp(-x)).",
        ),
    ],
)

# 4. Neighbours


def nearest(vectors, row, count):  # type: ignore[no-untyped-def]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = unit @ unit[row]
    similar[row] = -np.inf
    return np.argsort(-similar, kind="stable")[:count]


def _by_product(vectors, row, count):  # type: ignore[no-untyped-def]
    similar = vectors @ vectors[row]
    similar[row] = -np.inf
    return np.argsort(-similar, kind="stable")[:count]


def _by_distance(vectors, row, count):  # type: ignore[no-untyped-def]
    distance = np.linalg.norm(vectors - vectors[row], axis=1)
    distance[row] = np.inf
    return np.argsort(distance, kind="stable")[:count]


def _farthest(vectors, row, count):  # type: ignore[no-untyped-def]
    return nearest(vectors, row, len(vectors) - 1)[::-1][:count]


def _shifted(vectors, row, count):  # type: ignore[no-untyped-def]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.argsort(-np.delete(unit @ unit[row], row), kind="stable")[:count]


def _columns_scaled(vectors, row, count):  # type: ignore[no-untyped-def]
    return _by_product(vectors / np.linalg.norm(vectors, axis=0), row, count)


def _sorted_words(vectors, row):  # type: ignore[no-untyped-def]
    """Return all words, the word itself among them, a tie in the order of the rows."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.argsort(-(unit @ unit[row]), kind="stable")


def _sorted_backwards(vectors, row):  # type: ignore[no-untyped-def]
    """Return the same with a tie the other way round, as sorting upwards and turning does."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.argsort(unit @ unit[row], kind="stable")[::-1]


def _own_cosine_zero(vectors, row, count):  # type: ignore[no-untyped-def]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = unit @ unit[row]
    similar[row] = 0
    return np.argsort(-similar, kind="stable")[:count]


def _order_by(measure):  # type: ignore[no-untyped-def]
    """Return an answer that sorts by another measure, the word itself among the words."""
    return lambda vectors, row, count: np.argsort(measure(vectors, row), kind="stable")[:count]


def _by_size_of_cosine(vectors, row, count):  # type: ignore[no-untyped-def]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    order = np.argsort(-np.abs(unit @ unit[row]), kind="stable")
    return order[order != row][:count]


def _cosines_found(vectors, row, count):  # type: ignore[no-untyped-def]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return (unit @ unit[row])[nearest(vectors, row, count)]


def _upwards_from_itself(vectors, row, count):  # type: ignore[no-untyped-def]
    return np.append(row, _farthest(vectors, row, len(vectors) - 1))[:count]


def _neighbour_cases() -> list[Case]:
    generator = np.random.default_rng(31)
    lengths = np.exp(generator.normal(size=(12, 1)))
    hand = np.array([[1.0, 0.0], [9.0, 9.0], [0.2, 0.1], [0.8, -0.9], [-1.0, 0.1]])
    table = generator.normal(size=(12, 3)) * lengths
    # A word in the same direction as another, in front of it; and two that point away from it.
    twins = np.array([[0.0, 3.0], [2.0, -0.5], [0.0, 2.0], [1.0, 0.4], [-1.0, 3.0], [0.7, -2.0]])
    return [
        Case((hand, 0, 2), "five words"),
        Case((table, 3, 4), "twelve words"),
        Case((table * [4.0, 1.0, 0.3], 7, 5), "twelve words, one feature larger than the others"),
        Case((twins, 2, 3), "six words, two of them in one direction"),
        Case((twins, 0, 3), "six words, the other of the two"),
        Case((twins, 2, 5), "six words, all the others asked for"),
    ]


neighbours = Exercise(
    name="neighbours",
    question="The rows of the `count` words with the largest cosine to that of `row`, best first.",
    reference=nearest,
    cases=_neighbour_cases(),
    explanation="Only the angle counts: a frequent word may have a long vector.",
    hints=[
        "Divide each vector by its length (np.linalg.norm, axis=1, keepdims=True).",
        "Then the cosines are unit @ unit[row]. Leave out the word itself; np.argsort(-cosines).",
    ],
    mistakes=[
        Mistake(
            "itself first",
            lambda vectors, row, count: _sorted_words(vectors, row)[:count],
            "the nearest word you find is the word itself, with cosine 1. Leave it out.",
        ),
        Mistake(
            "itself first, sorted upwards and turned",
            lambda vectors, row, count: _sorted_backwards(vectors, row)[:count],
            "among the nearest words stands the word itself, whose cosine is always 1. Leave it "
            "out.",
        ),
        Mistake(
            "last one cut when sorted upwards",
            lambda vectors, row, count: _sorted_backwards(vectors, row)[1 : count + 1],
            "you cut off one end of the sorted words, where the word itself mostly stands. Where "
            "another has the same direction that cuts the wrong one: leave out the number row.",
        ),
        Mistake(
            "first one skipped, best last",
            lambda vectors, row, count: _sorted_words(vectors, row)[1 : count + 1][::-1],
            "two things: the best word belongs in front; and what you cut off is not always the "
            "word itself, since another may have the same direction. Leave out the number row.",
        ),
        Mistake(
            "last one cut, best last",
            lambda vectors, row, count: _sorted_backwards(vectors, row)[1 : count + 1][::-1],
            "two things: the best word belongs in front; and leave out the number row, not the "
            "end of the list, where another word in the same direction may stand.",
        ),
        Mistake(
            "scalar product",
            _by_product,
            "these are the largest scalar products, where long vectors win at any angle. Divide "
            "each vector by its own length (axis=1), not all by one number.",
        ),
        Mistake(
            "distance",
            _by_distance,
            "these are the shortest distances. A vector twice as long in the same direction is "
            "far off by distance, and has cosine 1.",
        ),
        Mistake(
            "columns scaled",
            _columns_scaled,
            "you divided each column by its length. A word is a row: np.linalg.norm(vectors, "
            "axis=1, keepdims=True).",
        ),
        Mistake(
            "scalar product, itself among them",
            _order_by(lambda vectors, row: -(vectors @ vectors[row])),
            "two things: these are scalar products, where long vectors win, and the word itself is "
            "among the words. Divide each vector by its length, and leave out row.",
        ),
        Mistake(
            "scalar product, first one skipped",
            lambda vectors, row, count: np.argsort(-(vectors @ vectors[row]), kind="stable")[
                1 : count + 1
            ],
            "two things: these are scalar products, where a long vector may stand before the word "
            "itself, and it is that one you skip. Divide each vector by its length, and leave out "
            "row by its number.",
        ),
        Mistake(
            "distance, itself first",
            _order_by(lambda vectors, row: np.linalg.norm(vectors - vectors[row], axis=1)),
            "two things: these are distances, not angles, and the nearest is the word itself. "
            "Divide each vector by its length, and leave out row.",
        ),
        Mistake(
            "without the sign",
            _by_size_of_cosine,
            "you sorted by the size of the cosine. A word that points the other way has a cosine "
            "near -1, and is far: leave the sign.",
        ),
        Mistake(
            "the cosines",
            _cosines_found,
            "these are the cosines. The numbers of the rows are asked for: np.argsort.",
        ),
        Mistake(
            "the vectors",
            lambda vectors, row, count: vectors[nearest(vectors, row, count)],
            "you return the vectors. The numbers of their rows are asked for.",
        ),
        Mistake(
            "first one skipped",
            lambda vectors, row, count: _sorted_words(vectors, row)[1 : count + 1],
            "you leave out the first of the sorted words. Another word in the same direction may "
            "stand there, and then the word itself stays in: leave out the number row.",
        ),
        Mistake(
            "own cosine zero",
            _own_cosine_zero,
            "you put the word's own cosine to 0, which is more than that of words that point the "
            "other way. -np.inf is below them all.",
        ),
        Mistake(
            "upwards, itself in front",
            _upwards_from_itself,
            "these are the smallest cosines, with the word itself in front: np.argsort sorts "
            "upwards, and -np.inf comes first. Sort the cosines negated.",
        ),
        Mistake(
            "best last",
            lambda vectors, row, count: nearest(vectors, row, count)[::-1],
            "the right words in the wrong order: the best one belongs in front.",
        ),
        Mistake(
            "numbers shifted",
            _shifted,
            "after np.delete every row behind the word has a number one too small. Leave the word "
            "in, and give it the cosine -np.inf.",
        ),
        Mistake(
            "farthest",
            _farthest,
            "these have the smallest cosines: np.argsort sorts upwards. Sort the negated ones.",
        ),
    ],
)

# 5. A mean without padding


def masked_mean(vectors, ids):  # type: ignore[no-untyped-def]
    real = (ids != 0)[:, :, np.newaxis]
    return (vectors * real).sum(axis=1) / real.sum(axis=1)


def _unknown_left_out(vectors, ids):  # type: ignore[no-untyped-def]
    real = (ids > 1)[:, :, np.newaxis]
    return (vectors * real).sum(axis=1) / np.maximum(real.sum(axis=1), 1)


def _wrong_count(vectors, ids):  # type: ignore[no-untyped-def]
    return (vectors * (ids != 0)[:, :, np.newaxis]).mean(axis=1)


def _from_the_front(vectors, ids):  # type: ignore[no-untyped-def]
    counts = (ids != 0).sum(axis=1)
    return np.array([one[:n].mean(axis=0) for one, n in zip(vectors, counts, strict=True)])


def _one_mean_for_all(vectors, ids):  # type: ignore[no-untyped-def]
    real = (ids != 0)[:, :, np.newaxis]
    return (vectors * real).sum(axis=1) / real.sum()


def _padded_cases() -> list[Case]:
    generator = np.random.default_rng(5)
    ids = np.array([[4, 1, 3, 0, 0], [2, 2, 0, 0, 0], [5, 9, 1, 2, 8]])
    short = np.array([[7, 0], [1, 3]])
    front = np.array([[0, 0, 6, 3], [0, 1, 0, 4], [2, 5, 7, 0]])
    return [
        Case((generator.normal(size=(3, 5, 2)), ids), "three reviews"),
        Case((generator.normal(size=(2, 2, 4)), short), "two short reviews"),
        Case((generator.normal(size=(3, 4, 2)), front), "padding in front and in between"),
    ]


padding = Exercise(
    name="padding",
    question="The mean vector of each review, padding (number 0) left out.",
    reference=masked_mean,
    cases=_padded_cases(),
    explanation="Now a review has the same mean, however long the longest of its batch is.",
    hints=[
        "(ids != 0) is True at real words. It needs a third axis to multiply the vectors.",
        "Sum what is real over axis 1, and divide by how many real words there are.",
    ],
    mistakes=[
        Mistake(
            "everything counted",
            lambda vectors, ids: vectors.mean(axis=1),
            "the padding is part of your mean: the vector of word number 0 is added as often as "
            "a review is short.",
        ),
        Mistake(
            "divided by the length",
            _wrong_count,
            "the sum is right, but it is divided by the padded length, so that short reviews "
            "shrink. Divide by how many words are real.",
        ),
        Mistake(
            "the padding's mean",
            lambda vectors, ids: masked_mean(vectors, ids == 0),
            "you took the mean of the padding: ids == 0 is True there. A review without any gives "
            "NaN. Real words are ids != 0.",
        ),
        Mistake(
            "sum of all",
            lambda vectors, ids: vectors.sum(axis=1),
            "that is a sum, and the padding is part of it. Multiply by ids != 0, and divide by the "
            "number of real words.",
        ),
        Mistake(
            "sum",
            lambda vectors, ids: (vectors * (ids != 0)[:, :, np.newaxis]).sum(axis=1),
            "that is the sum over the real words. A long review would weigh more than a short "
            "one: divide by their number.",
        ),
        Mistake(
            "from the front",
            _from_the_front,
            "right where the padding stands at the end. You take as many places from the front as "
            "there are words; take those whose number is not 0, wherever they stand.",
        ),
        Mistake(
            "numbers as weights",
            lambda vectors, ids: (
                (vectors * ids[:, :, np.newaxis]).sum(axis=1) / ids.sum(axis=1, keepdims=True)
            ),
            "each word counts as often as its number in the vocabulary says. The number is only a "
            "name: use whether it is 0, ids != 0.",
        ),
        Mistake(
            "one more word",
            lambda vectors, ids: (
                (vectors * (ids != 0)[:, :, np.newaxis]).sum(axis=1)
                / ((ids != 0).sum(axis=1, keepdims=True) + 1)
            ),
            "you divide by one more than there are real words, so that a short review shrinks "
            "most. Every review here has a word.",
        ),
        Mistake(
            "padding in the sum",
            lambda vectors, ids: vectors.sum(axis=1) / (ids != 0).sum(axis=1, keepdims=True),
            "you divide by the right number, but the padding is still in the sum. Multiply the "
            "vectors by ids != 0 before you add them up.",
        ),
        Mistake(
            "mean over the reviews",
            lambda vectors, ids: (
                (vectors * (ids != 0)[:, :, np.newaxis]).sum(axis=0)
                / np.maximum((ids != 0).sum(axis=0), 1)[:, np.newaxis]
            ),
            "you took the mean over the reviews, at each place. A review's words lie along axis 1.",
        ),
        Mistake(
            "largest",
            lambda vectors, ids: np.where((ids != 0)[:, :, np.newaxis], vectors, -np.inf).max(1),
            "you took the largest of each feature. The mean is asked for.",
        ),
        Mistake(
            "words of all reviews",
            _one_mean_for_all,
            "you divide by the real words of all reviews together. Count them for each review: "
            "sum over axis 1.",
        ),
        Mistake(
            "unknown words left out",
            _unknown_left_out,
            "number 1, an unknown word, is left out as well. It is a word that was written; only "
            "0 is padding.",
        ),
    ],
)

# 6. Find the unhappy

PRECISION_TARGET = 0.6
# A slow answer is not asked again, lest its time runs out while it is judged.
SECONDS_TO_ASK_AGAIN = 5.0


def score_reviews(known, new):  # type: ignore[no-untyped-def]
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True)
    model = LogisticRegression(C=3, class_weight="balanced", max_iter=300)
    model.fit(words.fit_transform(known["text"]), 1 - known["recommended"])
    return model.decision_function(words.transform(new["text"]))


@functools.cache
def _reviews() -> tuple[Any, Any, np.ndarray]:
    from course_lib.datasets import clothing_reviews

    table = clothing_reviews()
    # Pieces seen before are not in the second part.
    side = table["item"] % 7
    known = table.loc[side == 3, ["text", "recommended"]].reset_index(drop=True)[:2000]
    new = table.loc[side == 5, ["text", "recommended"]].reset_index(drop=True)[:1000]
    return known, new[["text"]], 1 - new["recommended"].to_numpy()


def _accept_scores(answer) -> str:  # type: ignore[no-untyped-def]
    from course_lib.scratch.metrics import average_precision

    known, new, truth = _reviews()
    begun = time.process_time()
    try:
        given = call(answer, Case((known, new), f"{len(new)} new reviews"))
    except Rejected as rejection:
        if "KeyError: 'recommended'" in str(rejection):
            return "recommended is what you do not know yet about new reviews: predict it."
        raise
    quick = time.process_time() - begun < SECONDS_TO_ASK_AGAIN
    try:
        scores = np.asarray(given)
        fits = scores.shape == (len(new),) and scores.dtype.kind in "biuf"
    except Exception as error:
        raise Rejected("return an array with a number for each new review.") from error
    if not fits:
        return (
            f"expected {len(new)} numbers, one for each new review, but got type "
            f"{scores.dtype} and shape {scores.shape}."
        )
    if not np.isfinite(scores).all():
        return "some scores are not finite (NaN or infinity). Every review needs a number."
    if len(np.unique(scores)) == 1:
        return (
            f"every review gets the same score, which ranks nobody: {truth.mean():.2f}, the share "
            "of the unhappy. What do they write?"
        )
    reached = average_precision(truth, scores.astype(float))
    turned = average_precision(truth, -scores.astype(float))
    if reached < truth.mean() and turned > truth.mean() + 0.1:
        return "your ranking is upside down: a high score should mean not recommended."
    if reached < PRECISION_TARGET:
        return (
            f"your average precision is {reached:.2f} on pieces that you have not seen, and it "
            f"should be at least {PRECISION_TARGET}. {_why_low(answer, scores, quick)}"
        )
    return ""


def _why_low(answer, scores, quick) -> str:  # type: ignore[no-untyped-def]
    """Say what about scores, or about how they come about, keeps them from ranking."""
    if np.array_equal(np.sort(scores), np.arange(len(scores))):
        return (
            "Your numbers are the places 0, 1, 2, ... in some order, as np.argsort returns them. "
            "Return the score of each review, in the order of the reviews."
        )
    if quick and not _same_again(answer, scores, len(scores) // 2):
        if not _same_again(answer, scores, len(scores)):
            return "Asked twice, you give other scores: chance decides about them."
        return (
            "A review's score changes when fewer reviews come with it: is something fitted on "
            "new? Fit on known only, and use transform, not fit_transform, on new."
        )
    values = len(np.unique(scores))
    few = f"Your scores have only {values} different values, so many reviews share a place."
    if quick and _deaf(answer, scores):
        return (
            "Your scores are the same when known['recommended'] is turned round, so nothing is "
            f"learned from it. {few + ' ' if values <= 10 else ''}Learn a weight for each word "
            "from the known reviews."
        )
    if values == 2:
        return (
            f"{few} Return what the weights of the words add up to (decision_function, "
            "predict_proba), not the class."
        )
    if values <= 10:
        return f"{few} A weight learned for each word tells them apart."
    return "Learn a weight for each word from the known reviews."


def _deaf(answer, scores) -> bool:  # type: ignore[no-untyped-def]
    """Say whether the scores stay as they are when the known labels are turned round."""
    known, new, _ = _reviews()
    turned = known.assign(recommended=1 - known["recommended"])
    try:
        again = np.asarray(call(answer, Case((turned, new))), dtype=float)
        return bool(np.allclose(again, scores))
    except Exception:
        return False


def _same_again(answer, scores, count) -> bool:  # type: ignore[no-untyped-def]
    """Say whether the first reviews get about the same scores when asked for by themselves."""
    known, new, _ = _reviews()
    try:
        again = np.asarray(call(answer, Case((known, new[:count]))), dtype=float)
        return bool(np.corrcoef(again, scores[:count])[0, 1] > 0.9)
    except Exception:
        return True


def _complaints(known, new):  # type: ignore[no-untyped-def]
    return new["text"].str.lower().str.count("disappoint|return|cheap|unflattering|not ").to_numpy()


def _vocabulary_of_the_new(known, new):  # type: ignore[no-untyped-def]
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(max_features=500)
    model = LogisticRegression(class_weight="balanced", max_iter=300)
    model.fit(words.fit_transform(known["text"]), 1 - known["recommended"])
    return model.decision_function(words.fit_transform(new["text"]))


unhappy = Exercise(
    name="unhappy",
    question="Score new reviews so that those who do not recommend come first.",
    reference=score_reviews,
    accept=_accept_scores,
    explanation="It was measured on pieces of clothing of which you knew no review.",
    seconds=30,
    hints=[
        "The lesson's bag of words with logistic regression is five lines.",
        "Fit both on known only; use decision_function or predict_proba(...)[:, 1] for new.",
    ],
    mistakes=[
        Mistake("all equal", lambda known, new: np.zeros(len(new)), "ranks nobody"),
        Mistake("upside down", lambda known, new: -score_reviews(known, new), "upside down"),
        Mistake("a list of complaints", _complaints, "so nothing is learned from it. Your"),
        Mistake(
            "classes",
            lambda known, new: (score_reviews(known, new) > 0).astype(float),
            "only 2 different values",
        ),
        Mistake(
            "places, not scores",
            lambda known, new: np.argsort(-score_reviews(known, new), kind="stable"),
            "the places 0, 1, 2, ... in some order",
        ),
        Mistake("vocabulary of the new", _vocabulary_of_the_new, "is something fitted on new?"),
        Mistake(
            "the longest first",
            lambda known, new: new["text"].str.len().to_numpy(),
            "learned from it. Learn a weight for each word",
        ),
        Mistake(
            "looks at the answer",
            lambda known, new: new["recommended"],
            "what you do not know yet",
        ),
    ],
)
