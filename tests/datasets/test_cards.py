"""Cards are complete, and a file that is not what its card says is refused."""

import dataclasses
import hashlib
import json
import pickle
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from course_lib import datasets
from course_lib.datasets import DatasetError, cards
from course_lib.models import weights

DATA = Path(datasets.__file__).resolve().parents[2] / "data"
NAMES = sorted(path.name for path in DATA.iterdir() if path.is_dir())
LOADERS = {name: getattr(datasets, name) for name in NAMES if name != weights.FOLDER}
LOADERS[weights.FOLDER] = lambda: weights.read_weights("digits.npz")
FILES = {name: datasets.card(name).files[0]["file"] for name in NAMES}

each_name = pytest.mark.parametrize("name", NAMES)


class Payload:
    """Creates a file when it is unpickled."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A copy of the data folder, in use instead of the original."""
    folder = tmp_path / "dätä of mine"
    shutil.copytree(DATA, folder)
    monkeypatch.setenv("COURSE_DATA", str(folder))
    return folder


def refused(name, *parts):
    """Return the message with which the loader refuses; check that it helps."""
    with pytest.raises(DatasetError) as caught:
        LOADERS[name]()
    message = str(caught.value)
    for part in parts:
        assert part in message
    assert "To get it back, run: git checkout -- data/" in message
    return message


def write_card(path, **changes):
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, **changes}), encoding="utf-8")


def make_card_match(folder, file):
    content = (folder / file).read_bytes()
    entry = {
        "file": file,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    write_card(folder / "card.json", files=[entry])


# What is there


def test_names():
    assert datasets.names() == NAMES
    assert {"auto_mpg", "california_housing", "mnist", "penguins"} <= set(NAMES)


@each_name
def test_a_card_is_complete(name):
    card = datasets.card(name)
    assert card.name == name
    for text in (card.title, card.description, card.source, card.citation):
        assert len(text) > 10
    assert set(card.licence) == {"name", "url", "holder"}
    assert card.licence["url"].startswith("https://")
    assert card.known_problems
    assert all(column["name"] and column["unit"] and column["meaning"] for column in card.columns)


@each_name
def test_a_card_can_be_read(name):
    card = datasets.card(name)
    text = " ".join(str(card).split())
    parts = [card.title, card.description, card.source, card.citation, *card.known_problems]
    parts += card.licence.values()
    for part in parts:
        assert " ".join(part.split()) in text
    # A web address is not broken, so only its line may be longer.
    assert all(len(line) <= 96 for line in str(card).splitlines() if "http" not in line)


@each_name
def test_the_files_are_those_of_the_card(name):
    card = datasets.card(name)
    for entry in card.files:
        content = (DATA / name / entry["file"]).read_bytes()
        assert entry["bytes"] == len(content)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()


def test_every_file_of_a_data_set_is_on_its_card():
    there = {
        path.relative_to(DATA).as_posix()
        for path in DATA.glob("*/*")
        if not path.name.startswith((".", "card.json", "README", "LICENSE"))
    }
    listed = {f"{name}/{entry['file']}" for name in NAMES for entry in datasets.card(name).files}
    assert there == listed


@each_name
def test_the_command_on_a_card_exists(name):
    source = datasets.card(name).source
    commands = re.findall(r"python (\S+\.py)", source)
    assert len(commands) == source.count("Made by this course")
    assert all((DATA.parent / command).is_file() for command in commands)


# Names and places


def test_a_card_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        datasets.card("mnist").name = "fashion_mnist"


@pytest.mark.parametrize("name", ["iris", "", ".", "..", "../data/mnist", "MNIST", None, 3])
def test_an_unknown_name_lists_the_known_ones(name):
    with pytest.raises(ValueError, match="There are: auto_mpg, california_housing, ") as caught:
        datasets.card(name)
    assert repr(name) in str(caught.value)
    assert ", ".join(NAMES) in str(caught.value)


def test_an_empty_data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert datasets.names() == []
    with pytest.raises(ValueError, match="none in"):
        datasets.card("mnist")
    refused("mnist", str(tmp_path / "mnist" / "card.json"), "git checkout -- data/mnist/card.json")


def test_course_data_replaces_the_folder(data):
    assert cards.folder() == data
    write_card(data / "mnist" / "card.json", title="Mine")
    assert datasets.card("mnist").title == "Mine"
    shutil.copytree(data / "mnist", data / "zebra")
    assert datasets.names() == [*NAMES, "zebra"]


def test_without_course_data_the_folder_is_beside_the_package(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert cards.folder() == DATA
    monkeypatch.setenv("COURSE_DATA", "")
    assert cards.folder() == DATA


@each_name
def test_a_copy_of_the_data_is_as_good(name, data):
    assert len(LOADERS[name]()) > 0


# Damaged files


@each_name
def test_a_truncated_file(name, data):
    path = data / name / FILES[name]
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    size = len(content)
    refused(name, str(path), f"should have {size} bytes, but has {size - 1}", f"data/{name}/")


@each_name
def test_a_longer_file(name, data):
    path = data / name / FILES[name]
    content = path.read_bytes()
    path.write_bytes(content + b"\n")
    refused(name, f"but has {len(content) + 1}")


@each_name
def test_one_flipped_bit(name, data):
    path = data / name / FILES[name]
    content = bytearray(path.read_bytes())
    expected = hashlib.sha256(content).hexdigest()
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    refused(
        name,
        str(path),
        f"its sha256 should be {expected}, but is {hashlib.sha256(content).hexdigest()}",
        f"git checkout -- data/{name}/{FILES[name]}",
    )


@each_name
def test_a_missing_file(name, data):
    path = data / name / FILES[name]
    path.unlink()
    sha256 = datasets.card(name).files[0]["sha256"]
    refused(name, str(path), "No such file", sha256, f"git checkout -- data/{name}/{FILES[name]}")


def test_a_folder_instead_of_a_file(data):
    path = data / "penguins" / "penguins.csv"
    path.unlink()
    path.mkdir()
    refused("penguins", str(path), "cannot be read")


# Damaged cards


@each_name
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"3", b'"text"', b"{}", b"\xff\xfe\x00", b'{"name": "x"}'],
)
def test_an_unreadable_card(name, content, data):
    path = data / name / "card.json"
    path.write_bytes(content)
    refused(name, str(path), f"git checkout -- data/{name}/card.json")
    with pytest.raises(DatasetError, match="cannot be read"):
        datasets.card(name)


@pytest.mark.parametrize("key", cards.Card.__dataclass_fields__)
def test_a_card_that_lacks_a_key(key, data):
    path = data / "mnist" / "card.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    del content[key]
    path.write_text(json.dumps(content), encoding="utf-8")
    refused("mnist", str(path), key)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"surplus": 1}, "surplus"),
        ({"licence": {"name": "x", "url": "y"}}, "holder missing"),
        ({"licence": "MIT"}, "holder, name, url missing"),
        ({"licence": None}, "TypeError"),
        ({"columns": [{"name": "x"}]}, "meaning, unit missing"),
        ({"files": [{"file": "mnist.npz"}]}, "bytes, sha256 missing"),
        ({"files": [{"bytes": 1, "sha256": ""}]}, "file missing"),
        ({"files": None}, "TypeError"),
    ],
)
def test_a_card_with_wrong_parts(changes, part, data):
    path = data / "mnist" / "card.json"
    write_card(path, **changes)
    refused("mnist", str(path), part)


def test_a_card_that_does_not_list_the_file(data):
    write_card(data / "mnist" / "card.json", files=[])
    refused("mnist", "card of mnist does not list mnist.npz")


def test_advice_brings_the_data_back_when_it_is_the_card_that_is_damaged(data):
    path = data / "mnist" / "card.json"
    original = path.read_bytes()
    for part in (b'"sha256": "', b'"bytes": ', b'"file": "'):
        assert original.count(part) == 1
        path.write_bytes(original.replace(part, part + b"1"))
        refused("mnist", "git checkout -- data/mnist/mnist.npz data/mnist/card.json in the")


def test_a_missing_card(data):
    path = data / "mnist" / "card.json"
    path.unlink()
    refused("mnist", str(path), "git checkout -- data/mnist/card.json")
    with pytest.raises(ValueError, match="There is no data set 'mnist'"):
        datasets.card("mnist")


def test_a_folder_instead_of_a_card(data):
    path = data / "mnist" / "card.json"
    path.unlink()
    path.mkdir()
    refused("mnist", str(path))


# Nothing is unpickled


@pytest.fixture
def pickles(data):
    """Two files that would leave a trace when unpickled: a pickle, and one in an npz."""
    trace = data / "trace"
    raw = pickle.dumps(Payload(trace))
    pickle.loads(raw)
    assert trace.exists(), "the payload works"
    trace.unlink()
    objects = np.empty(1, dtype=object)
    objects[0] = Payload(trace)
    archive = data / "objects.npz"
    np.savez(archive, x_train=objects, y_train=objects, x_test=objects, y_test=objects)
    assert zipfile.is_zipfile(archive)
    contents = {"pickle": raw, "objects": archive.read_bytes()}
    archive.unlink()
    return contents


@pytest.mark.parametrize("kind", ["pickle", "objects"])
@each_name
def test_a_pickle_of_the_same_name_is_refused(kind, name, data, pickles):
    (data / name / FILES[name]).write_bytes(pickles[kind])
    refused(name, "should have")
    assert not (data / "trace").exists()


@pytest.mark.parametrize("kind", ["pickle", "objects"])
def test_a_pickle_is_not_unpickled_even_when_its_card_matches(kind, data, pickles):
    (data / "mnist" / "mnist.npz").write_bytes(pickles[kind])
    make_card_match(data / "mnist", "mnist.npz")
    with pytest.raises(ValueError, match="allow_pickle="):
        datasets.mnist()
    assert not (data / "trace").exists()
