"""Answers to the exercises of lesson 15, by other learners,
written without sight of what the checks know.
"""

import re
from collections import Counter

import numpy as np


# shifted
def same_length(targets, start, end):
    return [[start, *target[:-1]] for target in targets], [list(target) for target in targets]


def end_in_the_inputs(targets, start, end):
    whole = [[start, *target, end] for target in targets]
    return whole, [row[1:] for row in whole]


def labels_first(targets, start, end):
    return [[*target, end] for target in targets], [[start, *target] for target in targets]


# greedy_decoding
def one_symbol_short(step, start, end, limit):
    written = [start]
    while len(written) < limit:
        symbol = int(np.argmax(step(written)))
        if symbol == end:
            break
        written.append(symbol)
    return written[1:]


def end_is_returned(step, start, end, limit):
    written = [start]
    for _ in range(limit):
        written.append(int(np.argmax(step(written))))
        if written[-1] == end:
            break
    return written[1:]


def always_cuts_the_last(step, start, end, limit):
    written = [start]
    while written[-1] != end and len(written) <= limit:
        written.append(int(np.argmax(step(written))))
    return written[1:-1]


# date_reader
NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def parts_of(text):
    numbers = [int(digits) for digits in re.findall(r"\d+", text)]
    words = [word[:3].lower() for word in re.findall(r"[A-Za-z]+", text)]
    months = [NAMES.index(word) + 1 for word in words if word in NAMES]
    if "年" in text:
        year, month, day = numbers
    elif months:
        (day, year), month = numbers, months[0]
    else:
        day, month, year = numbers
    return year, month, day


def full_year(year):
    if year < 100:
        year += 1900 if year >= 50 else 2000
    return year


def month_before_day(text):
    year, month, day = parts_of(text)
    if not re.search("[A-Za-z年]", text):
        month, day = day, month
    return f"{full_year(year)}-{month:02}-{day:02}"


def always_last_century(text):
    year, month, day = parts_of(text)
    if year < 100:
        year += 1900
    return f"{year}-{month:02}-{day:02}"


def no_leading_zeros(text):
    year, month, day = parts_of(text)
    return f"{full_year(year)}-{month}-{day}"


# parameters
def size(depth, width, hidden, source, target, decoder_norms=3, last_norms=2, logits=True):
    attention = 4 * (width**2 + width)
    forward = 2 * width * hidden + hidden + width
    norm = 2 * width
    encoder = attention + forward + 2 * norm
    decoder = 2 * attention + forward + decoder_norms * norm
    total = depth * (encoder + decoder) + last_norms * norm + (source + target) * width
    return total + (width * target + target if logits else 0)


def two_norms_in_the_decoder(depth, width, hidden, source_symbols, target_symbols):
    return size(depth, width, hidden, source_symbols, target_symbols, decoder_norms=2)


def no_last_norms(depth, width, hidden, source_symbols, target_symbols):
    return size(depth, width, hidden, source_symbols, target_symbols, last_norms=0)


def logits_from_the_table(depth, width, hidden, source_symbols, target_symbols):
    return size(depth, width, hidden, source_symbols, target_symbols, logits=False)


# ngram_score
def pieces(text, n):
    return [text[i : i + n] for i in range(len(text) - n + 1)]


def as_sets(reference, translation, n):
    wanted, came = set(pieces(reference, n)), set(pieces(translation, n))
    common = len(wanted & came)
    if common == 0:
        return 0.0
    precision, recall = common / len(came), common / len(wanted)
    return 5 * precision * recall / (4 * precision + recall)


def precision_and_recall_exchanged(reference, translation, n):
    wanted, came = Counter(pieces(reference, n)), Counter(pieces(translation, n))
    common = sum((wanted & came).values())
    if common == 0:
        return 0.0
    precision, recall = common / sum(wanted.values()), common / sum(came.values())
    return 5 * precision * recall / (4 * precision + recall)


def last_piece_missing(reference, translation, n):
    wanted = Counter(reference[i : i + n] for i in range(len(reference) - n))
    came = Counter(translation[i : i + n] for i in range(len(translation) - n))
    common = sum((wanted & came).values())
    if common == 0:
        return 0.0
    precision, recall = common / sum(came.values()), common / sum(wanted.values())
    return 5 * precision * recall / (4 * precision + recall)


# beam_step
def one_child_each(scores, log_probabilities):
    symbols = log_probabilities.argmax(axis=1)
    totals = scores + log_probabilities.max(axis=1)
    order = np.argsort(-totals, kind="stable")
    return order, symbols[order], totals[order]


def best_last(scores, log_probabilities):
    totals = scores[:, np.newaxis] + log_probabilities
    best = np.argsort(totals.ravel(), kind="stable")[-len(scores) :]
    parents, symbols = np.divmod(best, log_probabilities.shape[1])
    return parents, symbols, totals.ravel()[best]


def chosen_by_the_new_alone(scores, log_probabilities):
    totals = scores[:, np.newaxis] + log_probabilities
    best = np.argsort(-log_probabilities.ravel(), kind="stable")[: len(scores)]
    parents, symbols = np.divmod(best, log_probabilities.shape[1])
    return parents, symbols, totals.ravel()[best]


WRONG = {
    "shifted": {
        "same length as the targets, no end": same_length,
        "the inputs hold the end, too": end_in_the_inputs,
        "labels first": labels_first,
    },
    "greedy_decoding": {
        "start counts towards the limit": one_symbol_short,
        "end is returned, too": end_is_returned,
        "always cuts the last, even at the limit": always_cuts_the_last,
    },
    "date_reader": {
        "month before day between numbers": month_before_day,
        "two digits are always 19..": always_last_century,
        "no leading zeros": no_leading_zeros,
    },
    "parameters": {
        "two norms in a decoder's block": two_norms_in_the_decoder,
        "no last norms": no_last_norms,
        "logits from the table of embeddings": logits_from_the_table,
    },
    "ngram_score": {
        "sets: repeated pieces count once": as_sets,
        "precision and recall exchanged": precision_and_recall_exchanged,
        "the last piece is missing": last_piece_missing,
    },
    "beam_step": {
        "one child for each beam": one_child_each,
        "best last": best_last,
        "chosen by the new symbol alone": chosen_by_the_new_alone,
    },
}
RIGHT = {}
