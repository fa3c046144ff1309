"""Train the networks whose weights the course ships, and write their files and card.

    python runs/train_networks.py digits
    python runs/train_networks.py shakespeare_gpt
    python runs/train_networks.py quatrain_gpt

A minute, six minutes and two minutes on two cores. The files and their
checksums on the card are replaced together. Another machine gives other weights
of the same quality, so the lessons' claims leave room.
"""

import argparse
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT)]

import stored  # noqa: E402

from course_lib import datasets, lesson  # noqa: E402
from course_lib.models import weights  # noqa: E402

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
    return {"digits.npz": packed(network)}


def train_shakespeare_gpt():
    """Return the GPT of seven plays, and its log."""
    from course_lib.models import pretrained

    model, characters = new_model(pretrained.shakespeare_gpt)
    ids = {part: characters.encode(t) for part, t in pretrained.shakespeare_parts().items()}
    log = train_gpt(model, ids, steps=3_000, length=128, batch_size=24, peak=2e-3)
    return gpt_files("shakespeare_gpt", model, log)


def train_quatrain_gpt():
    """Return the GPT of quatrains, and its log."""
    from course_lib.models import pretrained

    model, characters = new_model(pretrained.quatrain_gpt)
    rows = {
        part: pretrained.quatrain_rows(poems, characters)
        for part, poems in pretrained.quatrain_parts().items()
    }
    log = train_gpt(model, rows, steps=1_000, length=32, batch_size=64, peak=3e-3)
    return gpt_files("quatrain_gpt", model, log)


def new_model(make):
    """Return a model as it is before training, always the same, and its characters."""
    import keras

    keras.utils.set_random_seed(16)
    return make(trained=False)


def train_gpt(model, ids, steps, length, batch_size, peak):
    """Train with AdamW, warm-up and cosine, and return a row of losses for every 250 steps.

    The model ends with the weights of the row with the least validation loss.
    """
    from course_lib.training.language_model import (
        fit_language_model,
        language_model_loss,
        language_model_optimizer,
        ten_steps,
    )

    loop = ten_steps(model, language_model_optimizer(steps, peak))
    generator = np.random.default_rng(16)
    rows, best = [], None
    for step in range(LOGGED, steps + 1, LOGGED):
        losses = fit_language_model(loop, ids["training"], LOGGED, length, generator, batch_size)
        validation = language_model_loss(model, ids["validation"], length)
        rows.append((step, float(losses[-50:].mean()), validation))
        print(*rows[-1], flush=True)
        if validation == min(row[2] for row in rows):
            best = model.get_weights()
    model.set_weights(best)
    return rows


def gpt_files(name, model, log):
    """Return the files of a language model: weights in half precision, and the log."""
    lines = ["step,training_loss,validation_loss"]
    lines += [f"{step},{training:.4f},{validation:.4f}" for step, training, validation in log]
    content = "\n".join(lines) + "\n"
    return {f"{name}.npz": packed(model, np.float16), f"{name}_log.csv": content.encode()}


LOGGED = 250
NETWORKS: dict[str, Callable] = {
    "digits": train_digits,
    "shakespeare_gpt": train_shakespeare_gpt,
    "quatrain_gpt": train_quatrain_gpt,
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=sorted(NETWORKS))
    name = parser.parse_args(arguments).name
    lesson.begin(8)
    start = time.perf_counter()
    files = NETWORKS[name]()
    stored.write(FOLDER, files)
    sizes = ", ".join(f"{file} {len(content):,} bytes" for file, content in files.items())
    print(f"{sizes}; trained in {time.perf_counter() - start:.0f} s")
    return 0


def packed(network, kind=np.float32) -> bytes:
    """Return the weights as the bytes of a compressed .npz file."""
    buffer = io.BytesIO()
    arrays = {name: array.astype(kind) for name, array in weights.as_arrays(network).items()}
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
