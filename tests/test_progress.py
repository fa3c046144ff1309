"""Progress: remembered on this machine, by several notebooks at once, whatever happens."""

import multiprocessing
import os

import pytest

from course_lib import progress
from course_lib.exercises import Exercise, lesson_01


@pytest.fixture
def file(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "data" / "course"))
    return tmp_path / "data" / "course" / progress.FILE


def first_exercise():
    return next(one for one in vars(lesson_01).values() if isinstance(one, Exercise))


def right_answer(exercise):
    return exercise.reference


def test_a_right_answer_is_remembered_once_and_a_wrong_one_is_not(file, capsys):
    exercise = first_exercise()
    name = f"lesson_01.{exercise.name}"
    exercise.check(...)
    exercise.check(-123456789.0)
    assert progress.solved() == set()
    exercise.check(right_answer(exercise))
    exercise.check(right_answer(exercise))
    assert progress.solved() == {name}
    assert len(file.read_text().splitlines()) == 1


def test_an_exercise_of_no_lesson_is_judged_and_not_remembered(file, capsys):
    Exercise(name="loose", question="How many?", reference=3, hints=["3"], mistakes=[]).check(3)
    assert "correct" in capsys.readouterr().out
    assert not file.exists()


def remember_many(start, folder):
    os.environ["COURSE_PROGRESS"] = folder
    for number in range(start, start + 40):
        progress.remember(f"lesson_01.number_{number}")


def test_nothing_is_lost_when_two_notebooks_write_at_once(file):
    context = multiprocessing.get_context("spawn")
    arguments = [(0, str(file.parent)), (100, str(file.parent))]
    processes = [context.Process(target=remember_many, args=one) for one in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert len(progress.solved()) == 80


@pytest.mark.parametrize(
    "damage", [b"\xff\xfe", b"{", b"[]", b'{"solved": 3}', b"lesson_01.x", b""]
)
def test_a_damaged_file_is_set_aside_and_what_is_good_is_kept(file, capsys, damage):
    progress.remember("lesson_01.one_step")
    with file.open("ab") as damaged:
        damaged.write(damage + b"\n")
    whole = file.read_bytes()
    assert progress.solved() == {"lesson_01.one_step"}
    told = capsys.readouterr().out
    aside = file.with_name("damaged_1.jsonl")
    assert str(aside) in told
    assert "1 solved exercise could be kept" in told
    assert aside.read_bytes() == whole
    assert progress.solved() == {"lesson_01.one_step"}
    assert capsys.readouterr().out == ""


def test_damage_does_not_overwrite_what_was_set_aside_before(file, capsys):
    progress.remember("lesson_01.one_step")
    for number in (1, 2):
        with file.open("a") as damaged:
            damaged.write("?\n")
        progress.solved()
        assert file.with_name(f"damaged_{number}.jsonl").exists()


def test_one_call_forgets_all(file, capsys):
    progress.remember("lesson_01.one_step")
    progress.forget()
    assert progress.solved() == set()
    progress.forget()
    assert "forgotten" in capsys.readouterr().out


def test_where_nothing_can_be_written_an_answer_is_right_all_the_same(
    monkeypatch, tmp_path, capsys
):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "below"))
    exercise = first_exercise()
    exercise.check(right_answer(exercise))
    assert "correct" in capsys.readouterr().out
    assert progress.solved() == set()


def test_a_name_that_is_none_is_refused(file):
    with pytest.raises(ValueError, match=r"lesson_01\.one_step"):
        progress.remember("../../etc")


def test_the_table_has_all_lessons_and_counts_what_is_solved(file):
    rows = progress.table()
    assert len(rows) >= 18
    assert rows["lesson"].iloc[0].startswith("0")
    one = next(names for number, *_, names in progress._lessons() if number == 1)
    progress.remember(one[0])
    first = progress.table().set_index("lesson").filter(like="01 ", axis=0)["solved"].iloc[0]
    assert first == f"1 of {len(one)}"


def test_says_what_is_next(file):
    lessons = [lesson for lesson in progress._lessons() if lesson[3]]
    number, title, minutes, names = lessons[0]
    assert progress.next_step() == f"Next: lesson {number}, {title}, {minutes} minutes."
    for name in names:
        progress.remember(name)
    second, *_, more = lessons[1]
    assert f"Next: lesson {second}," in progress.next_step()
    progress.remember(more[0])
    assert more[0].split(".")[1] not in progress.next_step()
    assert more[1].split(".")[1] in progress.next_step()
    for *_, rest in lessons:
        for name in rest:
            progress.remember(name)
    assert progress.next_step() == "Every exercise of the course is solved."


def test_shows_the_table_and_where_nothing_is_remembered(file, monkeypatch, capsys):
    progress.show()
    told = capsys.readouterr().out
    assert told.startswith("No exercise is solved yet on this machine.\nNext: lesson")
    progress.remember("lesson_00.first_line")
    progress.show()
    told = capsys.readouterr().out
    assert "No exercise is solved" not in told
    assert "Next: lesson" in told
    monkeypatch.setattr(progress.os, "access", lambda *arguments: False)
    progress.show()
    assert "Nothing is remembered here" in capsys.readouterr().out


def test_lies_in_the_users_data_folder_by_default(monkeypatch):
    monkeypatch.delenv("COURSE_PROGRESS")
    assert progress.folder().name == "from-a-line-to-a-large-model"


def test_importing_it_needs_neither_pandas_nor_tensorflow(run_python):
    source = "import sys, course_lib.progress; print({'pandas', 'tensorflow'} & {*sys.modules})"
    assert run_python(source).stdout.strip() == "set()"
