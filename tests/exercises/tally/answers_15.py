"""Answers to the exercises of lesson 15, written without sight of what the checks know."""

from collections import Counter
from itertools import groupby

import numpy as np
import pandas as pd


# 1. shifted
def shift_end_in_inputs(targets, start, end):
    return [[start, *t, end] for t in targets], [[*t, end] for t in targets]


def shift_without_start_and_end(targets, start, end):
    return [[start, *t[:-1]] for t in targets], [list(t) for t in targets]


def shift_changes_its_input(targets, start, end):
    inputs = [[start, *t] for t in targets]
    for t in targets:
        t.append(end)
    return inputs, targets


def shift_by_slices(targets, start, end):
    whole = [[start, *list(t), end] for t in targets]
    return [w[:-1] for w in whole], [w[1:] for w in whole]


def shift_by_loop(targets, start, end):
    inputs, labels = [], []
    for target in targets:
        row, label = [start], []
        for symbol in target:
            row.append(symbol)
            label.append(symbol)
        label.append(end)
        inputs.append(row)
        labels.append(label)
    return [inputs, labels]


# 2. greedy_decoding
def greedy_with_start(step, start, end, limit):
    written = [start]
    while len(written) <= limit:
        symbol = int(np.argmax(step(written)))
        if symbol == end:
            break
        written.append(symbol)
    return written


def greedy_with_end(step, start, end, limit):
    written = [start]
    while len(written) <= limit:
        written.append(int(np.argmax(step(written))))
        if written[-1] == end:
            break
    return written[1:]


def greedy_start_counts_for_limit(step, start, end, limit):
    written = [start]
    while len(written) < limit:
        symbol = int(np.argmax(step(written)))
        if symbol == end:
            break
        written.append(symbol)
    return written[1:]


def greedy_last_symbol_only(step, start, end, limit):
    written, symbol = [], start
    for _ in range(limit):
        symbol = int(np.argmax(step([symbol])))
        if symbol == end:
            break
        written.append(symbol)
    return written


def greedy_end_does_not_stop(step, start, end, limit):
    written = [start]
    for _ in range(limit):
        written.append(int(np.argmax(step(written))))
    return [symbol for symbol in written if symbol not in (start, end)]


def greedy_for_loop(step, start, end, limit):
    written = []
    for _ in range(limit):
        probabilities = list(step([start, *written]))
        symbol = probabilities.index(max(probabilities))
        if symbol == end:
            return written
        written.append(symbol)
    return written


def greedy_recursive(step, start, end, limit):
    def rest(so_far, left):
        if left <= 0:
            return []
        symbol = np.asarray(step(so_far)).argmax()
        return [] if symbol == end else [symbol, *rest([*so_far, int(symbol)], left - 1)]

    return np.array(rest([start], limit), dtype=int)


# 3. date_reader
NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def numbers_in(text):
    parts = groupby(text, key=lambda c: c in "0123456789")
    return [int("".join(part)) for is_digit, part in parts if is_digit]


def month_in(text):
    words = groupby(text.lower(), key=lambda c: "a" <= c <= "z")
    for is_word, letters in words:
        word = "".join(letters)[:3]
        if is_word and word in NAMES:
            return NAMES.index(word) + 1
    return None


def day_of(text):
    numbers, month = numbers_in(text), month_in(text)
    if "年" in text:
        year, month, day = numbers
    elif month is not None:
        day, year = numbers
    else:
        day, month, year = numbers
    if year < 100:
        year += 1900 if year >= 50 else 2000
    return year, month, day


def date_american_order(text):
    year, month, day = day_of(text)
    if month_in(text) is None and "年" not in text and day <= 12:
        month, day = day, month  # 3/4/1987 read as the 4th of March
    return f"{year}-{month:02}-{day:02}"


def date_not_padded(text):
    year, month, day = day_of(text)
    return f"{year}-{month}-{day}"


def date_japanese_forgotten(text):
    numbers, month = numbers_in(text), month_in(text)
    if month is not None:
        day, year = numbers
    else:
        day, month, year = numbers
    if year < 100:
        year += 1900 if year >= 50 else 2000
    return f"{year}-{month:02}-{day:02}"


def date_century_forgotten(text):
    numbers, month = numbers_in(text), month_in(text)
    if "年" in text:
        year, month, day = numbers
    elif month is not None:
        day, year = numbers
    else:
        day, month, year = numbers
    return f"{year:02}-{month:02}-{day:02}"


def date_by_pandas(text):
    return str(pd.to_datetime(text, errors="coerce"))[:10]


def date_with_timestamp(text):
    year, month, day = day_of(text)
    return pd.Timestamp(year=year, month=month, day=day).strftime("%Y-%m-%d")


def date_character_by_character(text):
    lower = text.lower()
    for sign in "年月日/.,-'":
        lower = lower.replace(sign, " ")
    month, numbers, word = None, [], ""
    for c in lower + " ":
        # a word ends where letters turn to digits, or the other way round
        kind = "d" if c in "0123456789" else "a" if c.isalpha() else " "
        last = " " if not word else "d" if word[-1] in "0123456789" else "a"
        if kind != last and word:
            if last == "d":
                numbers.append(word)
            elif month is None and word[:3] in NAMES:
                month = NAMES.index(word[:3]) + 1
            word = ""
        if kind != " ":
            word += c
    if "年" in text:
        year, month, day = numbers
    elif month:
        day, year = numbers
    else:
        day, month, year = numbers
    if len(year) < 3:
        year = ("19" if int(year) >= 50 else "20") + year.zfill(2)
    return "-".join([year, str(month).zfill(2), day.zfill(2)])


# 4. parameters
def size_of(
    depth,
    width,
    hidden,
    source_symbols,
    target_symbols,
    cross=1,
    biases=1,
    last_norms=2,
    decoder_norms=3,
    logits_bias=1,
    target_table=1,
):
    attention = 4 * (width**2 + biases * width)
    forward = 2 * width * hidden + biases * (hidden + width)
    norm = 2 * width
    encoder = attention + forward + 2 * norm
    decoder = (1 + cross) * attention + forward + decoder_norms * norm
    tables = (source_symbols + target_table * target_symbols) * width
    logits = (width + logits_bias) * target_symbols
    return depth * (encoder + decoder) + last_norms * norm + tables + logits


def size_no_cross_attention(depth, width, hidden, source_symbols, target_symbols):
    return size_of(depth, width, hidden, source_symbols, target_symbols, cross=0, decoder_norms=2)


def size_no_last_norms(depth, width, hidden, source_symbols, target_symbols):
    return size_of(depth, width, hidden, source_symbols, target_symbols, last_norms=0)


def size_two_norms_in_decoder(depth, width, hidden, source_symbols, target_symbols):
    return size_of(depth, width, hidden, source_symbols, target_symbols, decoder_norms=2)


def size_logits_share_the_table(depth, width, hidden, source_symbols, target_symbols):
    return size_of(depth, width, hidden, source_symbols, target_symbols, target_table=0)


def size_without_biases(depth, width, hidden, source_symbols, target_symbols):
    return size_of(depth, width, hidden, source_symbols, target_symbols, biases=0, logits_bias=0)


def size_by_layers(depth, width, hidden, source_symbols, target_symbols):
    def dense(a, b):
        return a * b + b

    total = 0
    for attentions in (1, 2):  # encoder, decoder
        for _ in range(depth):
            total += attentions * 4 * dense(width, width)
            total += dense(width, hidden) + dense(hidden, width)
            total += (attentions + 1) * 2 * width
        total += 2 * width
    for symbols in (source_symbols, target_symbols):
        total += symbols * width
    return total + dense(width, target_symbols)


def size_multiplied_out(depth, width, hidden, source_symbols, target_symbols):
    w = width
    blocks = depth * (12 * w * w + 4 * w * hidden + 24 * w + 2 * hidden)
    return float(blocks + 4 * w + w * (source_symbols + 2 * target_symbols) + target_symbols)


# 5. ngram_score
def pieces(text, n):
    return [text[i : i + n] for i in range(len(text) - n + 1)]


def f_with_sets(reference, translation, n):
    wanted, came = set(pieces(reference, n)), set(pieces(translation, n))
    common = len(wanted & came)
    if common == 0:
        return 0.0
    precision, recall = common / len(came), common / len(wanted)
    return 5 * precision * recall / (4 * precision + recall)


def f_precision_and_recall_exchanged(reference, translation, n):
    wanted, came = Counter(pieces(reference, n)), Counter(pieces(translation, n))
    common = sum((wanted & came).values())
    if common == 0:
        return 0.0
    recall, precision = common / sum(came.values()), common / sum(wanted.values())
    return 5 * precision * recall / (4 * precision + recall)


def f_last_piece_forgotten(reference, translation, n):
    wanted = Counter(reference[i : i + n] for i in range(len(reference) - n))
    came = Counter(translation[i : i + n] for i in range(len(translation) - n))
    common = sum((wanted & came).values())
    if common == 0:
        return 0.0
    precision, recall = common / sum(came.values()), common / sum(wanted.values())
    return 5 * precision * recall / (4 * precision + recall)


def f_not_clipped(reference, translation, n):
    wanted, came = pieces(reference, n), pieces(translation, n)
    hits = sum(piece in wanted for piece in came)
    found = sum(piece in came for piece in wanted)
    if hits == 0:
        return 0.0
    precision, recall = hits / len(came), found / len(wanted)
    return 5 * precision * recall / (4 * precision + recall)


def f_one(reference, translation, n):
    wanted, came = Counter(pieces(reference, n)), Counter(pieces(translation, n))
    common = sum((wanted & came).values())
    if common == 0:
        return 0.0
    precision, recall = common / sum(came.values()), common / sum(wanted.values())
    return 2 * precision * recall / (precision + recall)


def f_by_crossing_off(reference, translation, n):
    left = pieces(reference, n)
    wanted, came, common = len(left), 0, 0
    for piece in pieces(translation, n):
        came += 1
        if piece in left:
            left.remove(piece)
            common += 1
    # 5PR / (4P + R) with P = common / came and R = common / wanted
    return 5 * common / (4 * wanted + came) if common else 0


def f_by_pandas(reference, translation, n):
    wanted = pd.Series(pieces(reference, n), dtype=object).value_counts()
    came = pd.Series(pieces(translation, n), dtype=object).value_counts()
    both = [piece for piece in wanted.index if piece in came.index]
    common = sum(min(int(wanted[piece]), int(came[piece])) for piece in both)
    if not common:
        return np.array([0.0])
    precision, recall = common / came.sum(), common / wanted.sum()
    return np.array([5 / (4 / recall + 1 / precision)])


# 6. beam_step
def beam_each_its_best(scores, log_probabilities):
    symbols = log_probabilities.argmax(axis=1)
    totals = scores + log_probabilities.max(axis=1)
    order = np.argsort(-totals, kind="stable")
    return order, symbols[order], totals[order]


def beam_without_old_scores(scores, log_probabilities):
    best = np.argsort(-log_probabilities.ravel(), kind="stable")[: len(scores)]
    parents, symbols = np.divmod(best, log_probabilities.shape[1])
    return parents, symbols, log_probabilities.ravel()[best]


def beam_worst_first(scores, log_probabilities):
    totals = scores[:, np.newaxis] + log_probabilities
    best = np.argsort(totals.ravel(), kind="stable")[-len(scores) :]
    parents, symbols = np.divmod(best, log_probabilities.shape[1])
    return parents, symbols, totals.ravel()[best]


def beam_symbols_before_parents(scores, log_probabilities):
    totals = scores[:, np.newaxis] + log_probabilities
    best = np.argsort(-totals.ravel(), kind="stable")[: len(scores)]
    parents, symbols = np.divmod(best, log_probabilities.shape[1])
    return symbols, parents, totals.ravel()[best]


def beam_divided_by_number_of_beams(scores, log_probabilities):
    totals = scores[:, np.newaxis] + log_probabilities
    best = np.argsort(-totals.ravel(), kind="stable")[: len(scores)]
    parents, symbols = np.divmod(best, len(scores))
    return parents, symbols, totals.ravel()[best]


def beam_sorted_triples(scores, log_probabilities):
    triples = [
        (beam, symbol, float(score) + float(log_probability))
        for beam, (score, row) in enumerate(zip(scores, log_probabilities, strict=False))
        for symbol, log_probability in enumerate(row)
    ]
    triples.sort(key=lambda triple: -triple[2])
    parents, symbols, totals = zip(*triples[: len(scores)], strict=False)
    return list(parents), list(symbols), list(totals)


def beam_best_again_and_again(scores, log_probabilities):
    beams, symbols = np.shape(log_probabilities)
    totals = [
        float(scores[i // symbols] + log_probabilities[i // symbols, i % symbols])
        for i in range(beams * symbols)
    ]
    left, found = list(range(beams * symbols)), []
    for _ in range(beams):
        place = max(left, key=lambda i: totals[i])
        left.remove(place)
        found.append((place // symbols, place % symbols, totals[place]))
    parents, chosen, best = zip(*found, strict=False)
    return np.array(parents), np.array(chosen), np.array(best)


WRONG = {
    "shifted": {
        "labels first, inputs second": lambda targets, start, end: (
            [[*t, end] for t in targets],
            [[start, *t] for t in targets],
        ),
        "end also in the inputs": shift_end_in_inputs,
        "last symbol cut off instead of end added": shift_without_start_and_end,
        "right values, but appends end to the caller's lists": shift_changes_its_input,
        "start in the labels too": lambda targets, start, end: (
            [[start, *t] for t in targets],
            [[start, *t, end] for t in targets],
        ),
    },
    "greedy_decoding": {
        "returns start too": greedy_with_start,
        "returns end too": greedy_with_end,
        "start counts towards the limit": greedy_start_counts_for_limit,
        "gives step the last symbol only": greedy_last_symbol_only,
        "goes on after end, filters it out later": greedy_end_does_not_stop,
    },
    "date_reader": {
        "month before day in dates of numbers": date_american_order,
        "month and day without leading zeros": date_not_padded,
        "year-first Japanese way forgotten": date_japanese_forgotten,
        "two-digit years stay two digits": date_century_forgotten,
        "leaves it all to pandas": date_by_pandas,
    },
    "parameters": {
        "decoder without attention to the source": size_no_cross_attention,
        "last norms forgotten": size_no_last_norms,
        "two norms in a decoder block instead of three": size_two_norms_in_decoder,
        "logits and target embeddings share one table": size_logits_share_the_table,
        "biases forgotten": size_without_biases,
    },
    "ngram_score": {
        "sets, so repeats count once": f_with_sets,
        "precision and recall exchanged": f_precision_and_recall_exchanged,
        "last piece forgotten (range one too short)": f_last_piece_forgotten,
        "hits not clipped to the number in the other text": f_not_clipped,
        "F1 instead of F2": f_one,
    },
    "beam_step": {
        "the best symbol of each beam": beam_each_its_best,
        "old scores not added": beam_without_old_scores,
        "right survivors, best last": beam_worst_first,
        "symbols returned before parents": beam_symbols_before_parents,
        "flat index divided by beams instead of symbols": beam_divided_by_number_of_beams,
    },
}
RIGHT = {
    "shifted": {
        "two slices of one long list": shift_by_slices,
        "loops, returns a list of two": shift_by_loop,
    },
    "greedy_decoding": {
        "for loop, start put in front each time, list.index": greedy_for_loop,
        "recursion, returns an array": greedy_recursive,
    },
    "date_reader": {
        "groupby, then a pandas Timestamp": date_with_timestamp,
        "character by character, pads strings": date_character_by_character,
    },
    "parameters": {
        "layer by layer in loops": size_by_layers,
        "multiplied out, returns a float": size_multiplied_out,
    },
    "ngram_score": {
        "crosses pieces off a list, one fraction": f_by_crossing_off,
        "pandas value_counts, harmonic mean, one-element array": f_by_pandas,
    },
    "beam_step": {
        "sorts Python triples, returns lists": beam_sorted_triples,
        "takes the maximum again and again": beam_best_again_and_again,
    },
}
