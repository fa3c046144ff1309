"""Characters become numbers and come back."""

import numpy as np
import pytest

from course_lib.models.tokens import Characters


def test_there_and_back():
    characters = Characters(sorted(set("to be or not to be")))
    ids = characters.encode("not to be")
    assert ids.dtype == np.int32
    assert len(characters) == 7
    assert list(ids[:4]) == [3, 4, 6, 0]
    assert characters.decode(ids) == "not to be"
    assert characters.decode([]) == ""
    assert characters.encode("").shape == (0,)


def test_strangers_are_named_or_become_one():
    with pytest.raises(ValueError, match="but has 'c' 'd'"):
        Characters("ab").encode("abcd")
    assert list(Characters("ab□", unknown="□").encode("abcd")) == [0, 1, 2, 2]


@pytest.mark.parametrize("ids", [[0, 2], [-1]])
def test_numbers_of_no_character_are_refused(ids):
    with pytest.raises(ValueError, match="should be from 0 to 1"):
        Characters("ab").decode(ids)


def test_alphabets_that_do_not_work_are_refused():
    for alphabet in ("aba", ["a", "bc"]):
        with pytest.raises(ValueError, match="single characters, each once"):
            Characters(alphabet)
    with pytest.raises(ValueError, match="unknown='x' should be in the alphabet"):
        Characters("ab", unknown="x")
