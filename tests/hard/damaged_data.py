"""Every file of data/ is damaged in many ways and loaded: it must be refused, and help be given."""

import contextlib
import gzip
import hashlib
import io
import json
import lzma
import os
import pickle
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import hard_table
import numpy as np
from hard_table import FAILED, HELD, Row
from live_kernel import changed, digests
from notebook_passes import temporary_folder

from course_lib import datasets
from course_lib.datasets import DatasetError
from course_lib.datasets.cards import open_checked
from course_lib.models import weights

DATA = hard_table.ROOT / "data"
NETWORKS = weights.FOLDER
BOMB = 64 * 2**20  # what it would unpack to
FLIPS = CUTS = 5

# Each file of data/, and what loads it.
LOADERS: dict[str, Callable[[], Any]] = {
    "auto_mpg/auto-mpg.csv": datasets.auto_mpg,
    "california_housing/california_housing.csv.xz": datasets.california_housing,
    "clothing_reviews/clothing_reviews.csv.xz": datasets.clothing_reviews,
    "credit_data/credit_data.csv.xz": datasets.credit_data,
    "cure_runs/runs.csv": datasets.cure_runs,
    "digit_runs/runs.csv": datasets.digit_runs,
    "electricity_demand/electricity_demand.csv.xz": datasets.electricity_demand,
    "english_chinese/english_chinese.tsv.xz": datasets.english_chinese,
    "fashion_mnist/fashion_mnist.npz": datasets.fashion_mnist,
    "gpt_runs/runs.csv": datasets.gpt_runs,
    "mnist/mnist.npz": datasets.mnist,
    "penguins/penguins.csv": datasets.penguins,
    "scaling_runs/runs.csv": datasets.scaling_runs,
    "shakespeare/shakespeare_9_plays.txt.xz": datasets.shakespeare,
    "stock_prices/stock_prices.csv.gz": datasets.stock_prices,
    "sunspots/sunspots.csv": datasets.sunspots,
    "tang_quatrains/tang_jueju5.tsv.xz": partial(datasets.tang_quatrains, 5),
    "tang_quatrains/tang_jueju7.tsv.xz": partial(datasets.tang_quatrains, 7),
    "transfer_runs/runs.csv": datasets.transfer_runs,
    **{
        f"{NETWORKS}/{name}.npz": partial(weights.read_weights, f"{name}.npz")
        for name in ("digits", "quatrain_gpt", "shakespeare_gpt")
    },
    **{
        f"{NETWORKS}/{name}_log.csv": partial(open_checked, NETWORKS, f"{name}_log.csv")
        for name in ("quatrain_gpt", "shakespeare_gpt")
    },
}


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        """Remember which file."""
        self.marker = marker

    def __reduce__(self) -> tuple:
        """Return what unpickling calls."""
        return Path.touch, (self.marker,)


def damages(content: bytes, name: str, marker: Path, generator: np.random.Generator) -> Iterator:
    """Yield each kind of damage with what stands in the file's place.

    That is bytes, "folder" for a folder, or None for nothing at all.
    """
    size = len(content)
    for cut in sorted({1, size - 1, *generator.integers(1, size, CUTS - 2).tolist()}):
        yield "truncated", content[:cut]
    for place in generator.integers(0, 8 * size, FLIPS).tolist():
        flipped = bytearray(content)
        flipped[place // 8] ^= 1 << place % 8
        yield "one bit flipped", bytes(flipped)
    yield "bytes added", content + b"\0"
    yield "emptied", b""
    yield "zeros of the same size", bytes(size)
    payload = pickle.dumps(Payload(marker))
    yield "pickle", payload
    yield "pickle of the same size", payload + bytes(max(0, size - len(payload)))
    if name.endswith(".npz"):
        yield "pickle inside an .npz", npz_with(marker)
    bomb = make_bomb(name)
    if bomb:
        yield "bomb", bomb
    yield "folder", "folder"
    yield "missing", None


def npz_with(marker: Path) -> bytes:
    """Return an archive whose arrays are pickled objects."""
    objects = np.empty(1, dtype=object)
    objects[0] = Payload(marker)
    buffer = io.BytesIO()
    np.savez(buffer, x_train=objects, y_train=objects, x_test=objects, y_test=objects)
    return buffer.getvalue()


def make_bomb(name: str) -> bytes:
    """Return a small file that unpacks to a large one; nothing for formats that do not pack."""
    if name.endswith(".xz"):
        return lzma.compress(bytes(BOMB), preset=0)
    if name.endswith(".gz"):
        return gzip.compress(bytes(BOMB), compresslevel=1)
    if name.endswith(".npz"):
        buffer = io.BytesIO()
        np.savez_compressed(buffer, x_train=np.zeros(BOMB, np.uint8))
        return buffer.getvalue()
    return b""


def put(path: Path, content: bytes | str | None) -> None:
    """Set in place what `damages` yields."""
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)


def attempt(load: Callable[[], Any], damaged: Path, originals: Path, right: str) -> str:
    """Load damaged data, and do what the message says; return "" or what is wrong.

    Right are an error that names the damaged file and whose command, carried
    out, brings the data back; and for a card also data that are right all the
    same, as when a letter of its prose is another.
    """
    try:
        loaded = load()
    except DatasetError as error:
        message = str(error)
        advice = re.search(r"run: git checkout -- (.+?) in the course's folder", message)
        if not advice:
            return f"the message does not say what to do: {message}"
        for name in advice.group(1).split():
            folder = damaged.parent
            put(folder / Path(name).name, (originals / folder.name / Path(name).name).read_bytes())
        try:
            return (
                "" if fingerprint(load()) == right else "after the advice, other data were loaded"
            )
        except Exception:
            return f"to do what the message says does not help: {message}"
    except BaseException as error:
        return f"{type(error).__name__} instead of DatasetError: {str(error)[:100]}"
    if damaged.name == "card.json":
        return "" if fingerprint(loaded) == right else "other data were loaded"
    return "it was loaded as if nothing were wrong"


class Watch:
    """Counts what is unpickled while it is on."""

    def __init__(self) -> None:
        """Begin to listen, switched off."""
        self.on, self.found = False, 0
        # A hook stays for as long as the process lives, so there is one for all trials.
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple) -> None:
        if self.on and event == "pickle.find_class":
            self.found += 1

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Count during the block."""
        self.on = True
        try:
            yield
        finally:
            self.on = False


def run(seed: int) -> Row:
    """Damage every file in every way; return the row."""
    start = time.monotonic()
    generator = np.random.default_rng(seed)
    watch, counts, details = Watch(), Counter(), []
    before_all = os.environ.get("COURSE_DATA")
    with temporary_folder() as folder:
        marker, data = folder / "marker", folder / "data"
        shutil.copytree(DATA, data)
        details += unknown_files(data)
        os.environ["COURSE_DATA"] = str(data)
        try:
            for name, load in LOADERS.items():
                load()
                with watch.listening():
                    for kind, problem in try_file(data / name, load, marker, generator):
                        counts[kind] += 1
                        if problem:
                            details.append(f"{name}, {kind}: {problem}")
                        if marker.exists() or watch.found:
                            details.append(f"{name}, {kind}: SOMETHING WAS UNPICKLED")
                            marker.unlink(missing_ok=True)
                            watch.found = 0
                        if kind == "pickle":
                            print(f"{name}: {sum(counts.values())} so far", flush=True)
        finally:
            restore_variable("COURSE_DATA", before_all)
    told = ", ".join(f"{kind} {count}" for kind, count in counts.items())
    executed = sum("UNPICKLED" in line for line in details)
    return Row(
        key="3_damaged_data",
        tried=f"{len(LOADERS)} data files and their cards, each damaged in every way and loaded "
        f"(seed {seed}): {told}",
        happened=f"{sum(counts.values()):,} trials; wrong or badly explained: "
        f"{len(details) - executed}; unpickled: {executed}; otherwise refused with a message "
        "whose command brings the data back, or, where only a card's prose was hit, right all "
        "the same; nothing left changed",
        verdict=FAILED if details else HELD,
        seconds=time.monotonic() - start,
        details=details,
    )


def unknown_files(data: Path) -> list[str]:
    """Return the files on cards that are not tried, and those that are on no card."""
    listed = {
        f"{name}/{entry['file']}"
        for name in datasets.names()
        for entry in datasets.card(name).files
    }
    return [f"{name} is on a card and not tried" for name in sorted(listed - LOADERS.keys())] + [
        f"{name} is tried and on no card" for name in sorted(LOADERS.keys() - listed)
    ]


def restore_variable(name: str, value: str | None) -> None:
    """Set a variable of the environment back to what it was."""
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def try_file(
    path: Path, load: Callable[[], Any], marker: Path, generator: np.random.Generator
) -> Iterator[tuple[str, str]]:
    """Try every damage of a file and of its card; yield the kind and the problem, if any."""
    card = path.with_name("card.json")
    content, card_content = path.read_bytes(), card.read_bytes()
    right = fingerprint(load())
    for damaged, original in ((path, content), (card, card_content)):
        prefix = "card: " if damaged is card else ""
        kinds = list(damages(original, damaged.name, marker, generator))
        if damaged is card:
            kinds.append(("another checksum", original.replace(b'"sha256": "', b'"sha256": "0')))
        for kind, damage in kinds:
            put(damaged, damage)
            before = digests(path.parent)
            with contextlib.suppress(Exception):
                load()
            touched = changed(before, digests(path.parent))
            problem = f"loading changed {touched[0]}" if touched else ""
            yield prefix + kind, problem or attempt(load, damaged, DATA, right)
            put(path, content)
            put(card, card_content)
    # Whoever changes the card, too, is believed; but even then nothing is executed.
    for damage in (pickle.dumps(Payload(marker)), npz_with(marker)):
        put(path, damage)
        put(card, matching_card(card_content, path.name, damage))
        with contextlib.suppress(Exception):
            load()
        yield "pickle with a card that matches it", ""
    put(path, content)
    put(card, card_content)


def fingerprint(data: Any) -> str:
    """Return a digest of what a loader returns."""
    if isinstance(data, dict):
        data = list(data.items())
    if isinstance(data, tuple | list):
        text = " ".join(fingerprint(entry) for entry in data)
    elif isinstance(data, np.ndarray):
        return hashlib.sha256(np.ascontiguousarray(data).tobytes()).hexdigest()
    elif isinstance(data, io.BytesIO):
        return hashlib.sha256(data.getvalue()).hexdigest()
    elif hasattr(data, "to_csv"):
        text = data.to_csv()
    else:
        text = repr(data)
    return hashlib.sha256(text.encode()).hexdigest()


def matching_card(card: bytes, file: str, content: bytes) -> bytes:
    """Return the card with the size and the checksum of other content."""
    parts = json.loads(card)
    for entry in parts["files"]:
        if entry["file"] == file:
            entry["bytes"] = len(content)
            entry["sha256"] = hashlib.sha256(content).hexdigest()
    return json.dumps(parts).encode()
