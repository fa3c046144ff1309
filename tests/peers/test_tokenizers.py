"""Byte pairs are learned and applied as by Hugging Face's tokenizers.

Theirs takes the first of equally frequent pairs and ours the last, so learned merges are
held against each other where one pair leads alone.
"""

import json
from collections import Counter
from itertools import pairwise

import pytest
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from course_lib import datasets
from course_lib.scratch import language

MERGES = 300


def plays():
    return next(iter(datasets.shakespeare().values()))[:60_000]


def poems():
    return "\n".join(datasets.tang_quatrains(5)["text"][:400])


def their_tokenizer(model):
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r" ?\w+|\W"), "isolated")
    return tokenizer


def applied(merges, text):
    """Return their tokens of a text, with our merges."""
    alphabet = sorted(set(text) | {character for pair in merges for character in "".join(pair)})
    symbols = [*alphabet, *map("".join, merges)]
    vocabulary = {symbol: number for number, symbol in enumerate(dict.fromkeys(symbols))}
    tokenizer = their_tokenizer(models.BPE(vocabulary, [tuple(pair) for pair in merges]))
    return tokenizer.encode(text).tokens


@pytest.fixture(scope="module", params=[plays, poems], ids=["plays", "poems"])
def text(request):
    return request.param()


@pytest.fixture(scope="module")
def merges(text):
    return language.learn_merges(text, MERGES)


def test_texts_are_split_into_the_same_tokens(text, merges):
    assert len(merges) == MERGES
    tokens = language.split_tokens(text, merges)
    assert tokens == applied(merges, text)
    assert len(tokens) < len(text)
    assert "".join(tokens) == text


@pytest.mark.parametrize(
    "other", ["", "a", "  two  blanks ", "aaaa aaa aa", "Ωmega, naïve; 3.14\n\tno", "the the\nthe"]
)
def test_texts_that_were_not_learned_from_are_split_alike(other, merges):
    assert language.split_tokens(other, merges) == applied(merges, other)


def test_each_of_their_merges_is_a_most_frequent_pair_by_our_count(text):
    trainer = trainers.BpeTrainer(
        vocab_size=len(set(text)) + MERGES, show_progress=False, special_tokens=[]
    )
    tokenizer = their_tokenizer(models.BPE())
    tokenizer.train_from_iterator([text], trainer)
    theirs = [tuple(pair) for pair in _merges_of(tokenizer)]
    assert len(theirs) == MERGES
    words = {word: (list(word), times) for word, times in _times(text).items()}
    alone = 0
    for pair in theirs:
        counts = Counter()
        for symbols, times in words.values():
            for two in pairwise(symbols):
                counts[two] += times
        best = max(counts.values())
        assert counts[pair] == best, pair
        alone += list(counts.values()).count(best) == 1
        words = {
            word: (language.merge_pair(symbols, pair), times)
            for word, (symbols, times) in words.items()
        }
    # Some were no choice.
    assert alone >= 5


def test_both_learn_the_same_while_one_pair_leads_alone():
    text = "low low low low low lower lower newest newest newest newest newest newest widest " * 3
    ours = language.learn_merges(text, 3)
    tokenizer = their_tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(vocab_size=len(set(text)) + 3, show_progress=False)
    tokenizer.train_from_iterator([text], trainer)
    assert set(_merges_of(tokenizer)) == set(ours)


def _times(text):
    return Counter(language.split_words(text))


def _merges_of(tokenizer):
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return [tuple(pair) for pair in merges]
