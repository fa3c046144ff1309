"""Training logs that the course keeps, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from course_lib.datasets.cards import open_checked

if TYPE_CHECKING:
    import pandas as pd


def cure_runs() -> pd.DataFrame:
    """Return each epoch of the runs behind lesson 05's cures for over-fitting.

    Columns: seed; cure ("nothing", "decay", "dropout", "2000 digits"); digits
    (learned from) and epoch (counts; 0 is before the first step); loss and
    val_loss (nats per digit); val_accuracy (share).

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    import pandas as pd

    return pd.read_csv(open_checked("cure_runs", "runs.csv"))


def digit_runs() -> pd.DataFrame:
    """Return each epoch of the training runs behind lesson 08, several seeds a run.

    Columns: run (name), seed, parameters, examples, batch_size, epoch, steps
    (counts), loss (nats), accuracy, val_loss, val_accuracy (missing where the
    run learned from all images), seconds (on a busy machine: not to be
    compared), test_accuracy (missing except after the last epoch of the runs
    that were tested).

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    import pandas as pd

    return pd.read_csv(open_checked("digit_runs", "runs.csv"))


def gpt_runs() -> pd.DataFrame:
    """Return what the small models behind lesson 16 reached, one seed a row.

    Columns: seed; "always a space", "reader, 8 before", "reader, 7 behind, too"
    and "GPT, 16 before" (shares of characters that were found); "characters" and
    "byte pairs" (bits per token of two GPTs).

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    import pandas as pd

    return pd.read_csv(open_checked("gpt_runs", "runs.csv"))


def scaling_runs() -> pd.DataFrame:
    """Return the training runs behind lesson 18, one a row.

    Columns: part ("grid", "seeds": the same again, or "held out"), width, depth,
    steps, seed, parameters, block_parameters (without the tables of characters
    and positions), tokens (characters read) (counts), training_loss,
    validation_loss (nats per character), seconds (on a busy machine: not to be
    compared).

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    import pandas as pd

    return pd.read_csv(open_checked("scaling_runs", "runs.csv"))


def transfer_runs() -> pd.DataFrame:
    """Return what three pretrained bodies are worth for other tasks, one network a row.

    Columns: seed (of the pretraining, the draws and the variations), task
    ("digits", "old classes": the eight of the pretraining, or "new classes": the
    pair that the body was tuned to), method ("frozen body", "from scratch",
    "fine-tuned"; "before", "with care", "reckless"), draw (of the labels), right
    (share of the images).

    Raises:
        DatasetError: when the file is missing or damaged.
    """
    import pandas as pd

    return pd.read_csv(open_checked("transfer_runs", "runs.csv"))
