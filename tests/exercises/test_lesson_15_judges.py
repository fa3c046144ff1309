"""The judges of lesson 15 measure what they say, and say what is missing."""

import datetime
import re

import numpy as np
import pytest

from course_lib.exercises import lesson_15 as lesson
from course_lib.exercises.exercise import Rejected

FIRST = datetime.date(1950, 1, 1)


def test_a_day_is_written_in_six_ways():
    assert lesson.ways_to_write(datetime.date(1987, 3, 3)) == [
        "3rd of March 1987",
        "March 3, 1987",
        "Tue 3 Mar 1987",
        "03/03/87",
        "3.3.1987",
        "1987年3月3日",
    ]


@pytest.mark.parametrize(
    ("day", "ordinal"),
    [
        *[(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (10, "10th"), (11, "11th"), (12, "12th")],
        *[(13, "13th"), (19, "19th"), (20, "20th"), (21, "21st"), (22, "22nd"), (23, "23rd")],
        *[(30, "30th"), (31, "31st")],
    ],
)
def test_ordinals(day, ordinal):
    assert lesson.ways_to_write(datetime.date(2007, 1, day))[0] == f"{ordinal} of January 2007"


def test_the_names_are_those_of_the_calendar():
    for month, name in enumerate(lesson.MONTHS, start=1):
        day = datetime.date(2024, month, 5)
        assert day.strftime("%B") == name
        assert day.strftime("%a") == lesson.ways_to_write(day)[2][:3]


def test_no_two_days_are_written_alike_and_the_rules_read_them_all():
    seen = {}
    for number in range(36_525):
        day = FIRST + datetime.timedelta(number)
        for text in lesson.ways_to_write(day):
            assert seen.setdefault(text, day) == day
            if number % 7 == 0:
                assert lesson.read_date(text) == day.isoformat(), text
    assert FIRST + datetime.timedelta(36_524) == datetime.date(2049, 12, 31)
    assert max(map(len, seen)) == 22


def test_the_held_out_dates_hold_each_way_a_hundred_times_and_no_day_twice():
    dates = lesson.held_out_dates()
    assert len(dates) == len({wanted for _, wanted in dates}) == 600
    years = [int(wanted[:4]) for _, wanted in dates]
    assert min(years) < 1955
    assert max(years) > 2044
    for n, (text, wanted) in enumerate(dates):
        assert text == lesson.ways_to_write(datetime.date.fromisoformat(wanted))[n % 6]


def test_the_share_is_of_the_held_out_dates():
    assert lesson.share_read(lesson.read_date) == 1.0
    assert lesson.share_read(lambda text: "no date") == 0.0
    only_dots = lesson.share_read(lambda text: lesson.read_date(text) if "." in text else "")
    assert only_dots == pytest.approx(1 / 6)


def _missing(share, seed=0):
    """Return a reader that is right with the given probability."""
    generator = np.random.default_rng(seed)
    keep = {text: generator.random() < share for text, _ in lesson.held_out_dates()}
    return lambda text: lesson.read_date(text) if keep[text] else "1000-01-01"


def test_nearly_all_is_enough_and_less_is_not():
    wrong = {text for text, _ in lesson.held_out_dates()[:6]}
    enough = lesson.date_reader.grade(lambda t: "" if t in wrong else lesson.read_date(t))
    assert enough.status == "passed"
    wrong = {text for text, _ in lesson.held_out_dates()[:7]}
    less = lesson.date_reader.grade(lambda t: "" if t in wrong else lesson.read_date(t))
    assert less.status == "failed"
    assert lesson.date_reader.grade(_missing(0.9)).status == "failed"


def test_the_ways_that_are_missing_are_named_by_an_example():
    verdict = lesson.date_reader.grade(lambda t: "" if "年" in t else lesson.read_date(t))
    assert "5 of the six ways are right" in verdict.message
    assert repr(lesson.held_out_dates()[5][0]) in verdict.message
    assert verdict.message.count("'") == 10
    assert "83%" in verdict.message


def test_of_a_way_that_is_read_right_now_and_then_a_wrong_date_is_shown():
    def swaps_where_it_can(text):
        year, month, day = lesson.read_date(text).split("-")
        swapped = int(day) <= 12 and re.fullmatch("[0-9.]+", text)
        return f"{year}-{day}-{month}" if swapped else f"{year}-{month}-{day}"

    def reader(text):
        return "" if "年" in text else swaps_where_it_can(text)

    texts = [text for text, wanted in lesson.held_out_dates()[4::6] if reader(text) != wanted]
    message = lesson.date_reader.grade(reader).message
    assert f"{texts[0]!r} (yours: {reader(texts[0])!r})" in message


def test_the_first_wrong_date_is_shown():
    verdict = lesson.date_reader.grade(lambda text: text)
    text, wanted = lesson.held_out_dates()[0]
    assert f"{text!r} should be {wanted!r}, not {text!r}" in verdict.message


def test_a_long_text_of_control_characters_is_named_not_shown():
    message = lesson.date_reader.grade(lambda text: "\n\r\t\0" * 1000).message
    assert "not a str." in message
    assert message.isprintable()


@pytest.mark.parametrize("answer", [lambda text: 19870303, lambda text: ["1987", "03", "03"]])
def test_what_is_no_text_is_refused(answer):
    with pytest.raises(Rejected, match="should return a text"):
        lesson.share_read(answer)
    assert "should return a text" in lesson.date_reader.grade(answer).message


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda text: lesson.read_date(text).replace("-0", "-"), "two digits"),
        (lambda text: "20" + lesson.read_date(text)[2:], "Only the century"),
        (lambda text: lesson.read_date(text).replace("-", "/"), "join them by -"),
        (lambda text: lesson.read_date(text).replace("-", ""), "None of the six"),
        (lambda text: "-".join(lesson.read_date(text).split("-")[::-1]), "The year comes first"),
        (
            lambda text: "{0}-{2}-{1}".format(*lesson.read_date(text).split("-")),
            "day before the month",
        ),
        (lesson._month_first, "month first"),
        (lambda text: lesson.read_date(text)[2:], "four digits"),
    ],
)
def test_other_wrong_readers_get_the_sentence_that_fits(answer, hint):
    assert hint in lesson.date_reader.grade(answer).message


def test_the_toy_model_gives_probabilities_and_wants_all_that_is_written():
    chain = lesson.Chain([[1.0, 1.0], [0.0, 2.0]], drift=1.0)
    np.testing.assert_allclose(chain([0]), [1 / 3, 2 / 3])
    np.testing.assert_allclose(chain([0, 0]), [2 / 3, 1 / 3])
    np.testing.assert_allclose(chain([1, 1]), [1 / 3, 2 / 3])
    for wrong in (3, [], "abc"):
        with pytest.raises(Rejected, match="list of all symbols"):
            chain(wrong)
    assert chain.table.tolist() == [[1.0, 1.0], [0.0, 2.0]]


def test_a_greedy_decoder_that_hands_over_one_number_is_told_what_step_wants():
    verdict = lesson.greedy_decoding.grade(lambda step, start, end, limit: [step(start)])
    assert verdict.status == "failed"
    assert "list of all symbols written so far" in verdict.message


def test_parameters_of_the_original_base_model():
    # Vaswani and others (2017), table 3: 65 million with one shared table of 37,000
    # symbols and no last norms; the biases of the attention are counted here too.
    whole = lesson.transformer_size(6, 512, 2048, 37_000, 37_000)
    shared = whole - 2 * 37_000 * 512
    assert shared == pytest.approx(63e6, rel=0.02)


def test_a_beam_may_have_two_children_and_its_scores_fall_in_order():
    logs = np.log(np.array([[0.5, 0.4, 0.1], [0.6, 0.3, 0.1]]))
    parents, symbols, scores = lesson.step_of_beam(np.array([-1.0, -3.0]), logs)
    assert parents.tolist() == [0, 0]
    assert symbols.tolist() == [0, 1]
    np.testing.assert_allclose(scores, np.array([-1.0, -1.0]) + np.log([0.5, 0.4]))


def test_the_score_agrees_with_a_library():
    from nltk.translate.chrf_score import corpus_chrf

    for case in lesson.ngram_score.cases:
        reference, translation, n = case.arguments
        theirs = corpus_chrf(
            [reference], [translation], min_len=n, max_len=n, beta=2.0, ignore_whitespace=False
        )
        assert lesson.f2_of_ngrams(reference, translation, n) == pytest.approx(theirs, abs=1e-9)
