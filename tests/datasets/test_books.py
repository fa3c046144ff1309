"""Books and sentences have the sizes and forms of their cards."""

import pytest

from course_lib import datasets


def test_shakespeare():
    plays = datasets.shakespeare()
    text = "".join(plays.values())
    assert len(text) == 1_249_229
    assert len(set(text)) == 77
    assert text.startswith("ACT I.\n\nSCENE I. Rome. A street.")
    assert "\r" not in text
    persons = {
        "Coriolanus": "VOLUMNIA",
        "Richard III": "CLARENCE",
        "Richard II": "BOLINGBROKE",
        "Romeo and Juliet": "Mercutio",
        "Henry VI, part 3": "WARWICK",
        "The Winter's Tale": "LEONTES",
        "Measure for Measure": "ANGELO",
        "The Taming of the Shrew": "PETRUCHIO",
        "The Tempest": "PROSPERO",
    }
    assert list(plays) == list(persons)
    for title, play in plays.items():
        assert play.startswith(("ACT I", "ACT 1"))
        counts = {name: play.count(person) for name, person in persons.items()}
        assert max(counts, key=counts.get) == title


@pytest.mark.parametrize(("characters", "poems"), [(5, 3762), (7, 10297)])
def test_every_quatrain_has_four_lines_of_one_length(characters, poems):
    table = datasets.tang_quatrains(characters)
    assert list(table.columns) == ["author", "title", "text"]
    assert len(table) == poems
    assert not table["text"].duplicated().any()
    marks = "[，。？！；、：]"
    assert table["text"].str.fullmatch(f"([^，。？！；、：]{{{characters}}}{marks}){{4}}").all()


@pytest.mark.parametrize("characters", [6, "5", None])
def test_quatrains_of_other_lengths_are_refused(characters):
    with pytest.raises(ValueError, match="should be 5 or 7, but is"):
        datasets.tang_quatrains(characters)


def test_english_chinese():
    table = datasets.english_chinese()
    assert list(table.columns) == ["level", "topic", "english", "chinese"]
    assert len(table) == 4272
    assert set(table["level"]) == {1, 2, 3, 4, 5, 6}
    assert (table["english"].str.contains("[a-z]")).all()
    assert not table["english"].str.contains("(?i)placeholder|^ph$").any()
    assert tuple(table.loc[0, ["english", "chinese"]]) == ("Hello, teacher!", "老师，您好！")
    assert (table["chinese"].str.len() <= 18).all()
