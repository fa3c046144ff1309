"""Train the networks whose weights the course ships, and write their files and card.

    python tools/train_networks.py digits

The file and its checksum on the card are replaced together. Another machine
gives other weights of the same quality, so the lessons' claims leave room.
"""

import argparse
import hashlib
import io
import json
import os
import sys
import time
from collections.abc import Callable

import numpy as np
from address import ROOT

from course_lib import datasets, lesson
from course_lib.models import weights

FOLDER = ROOT / "data" / weights.FOLDER


def train_digits():
    """Return lesson 08's network, trained on all 60,000 images."""
    import keras

    from course_lib.models.digits import digit_network
    from course_lib.training.recipe import fit_with_recipe

    keras.utils.set_random_seed(8)
    (images, labels), _ = datasets.mnist()
    network = digit_network()
    fit_with_recipe(
        network,
        images[..., np.newaxis].astype("float32") / 255,
        labels,
        epochs=5,
        peak=0.01,
        generator=np.random.default_rng(8),
    )
    return network


NETWORKS: dict[str, Callable] = {"digits": train_digits}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=sorted(NETWORKS))
    name = parser.parse_args(arguments).name
    lesson.begin(8)
    start = time.perf_counter()
    content = packed(NETWORKS[name]())
    write(f"{name}.npz", content)
    print(f"{name}: {len(content):,} bytes, trained in {time.perf_counter() - start:.0f} s")
    return 0


def packed(network) -> bytes:
    """Return the weights as the bytes of a compressed .npz file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **weights.as_arrays(network))
    return buffer.getvalue()


def write(file: str, content: bytes) -> None:
    """Write a file of weights, and its size and checksum on the card."""
    path = FOLDER / "card.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    entry = {"file": file, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    card["files"] = sorted(
        [other for other in card["files"] if other["file"] != file] + [entry],
        key=lambda item: item["file"],
    )
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    new = {FOLDER / file: content, path: text.encode()}
    for target, data in new.items():
        target.with_name(f".{target.name}.new").write_bytes(data)
    for target in new:
        os.replace(target.with_name(f".{target.name}.new"), target)


if __name__ == "__main__":
    sys.exit(main())
