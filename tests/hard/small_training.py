"""A small training with BackupAndRestore: python small_training.py WAY FOLDER EPOCHS KILLED.

WAY is 0 for one order of the examples, 1 for Keras's shuffling, 2 for dropout too.
In the middle of the epoch KILLED, counted from 0, the process kills itself; with -1
it does not.
"""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np

from course_lib.lesson import quiet_stderr

EXAMPLES, BATCHES = 512, 16


def main(way: int, folder: Path, epochs: int, killed_in: int) -> None:
    """Train, store the weights and print the number of epochs and the last loss."""
    with quiet_stderr():
        import keras
    keras.utils.set_random_seed(1)
    generator = np.random.default_rng(1)
    x = generator.normal(size=(EXAMPLES, 8)).astype("float32")
    y = np.sin(x.sum(axis=1, keepdims=True))
    layers = [keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)]
    if way == 2:
        layers.insert(1, keras.layers.Dropout(0.2))
    network = keras.Sequential([keras.Input((8,)), *layers])
    network.compile(keras.optimizers.Adam(0.01), "mse")

    class Killer(keras.callbacks.Callback):
        epoch = 0

        def on_epoch_begin(self, epoch, logs=None):
            self.epoch = epoch

        def on_train_batch_end(self, batch, logs=None):
            if self.epoch == killed_in and batch == BATCHES // 2:
                os.kill(os.getpid(), signal.SIGKILL)

    history = network.fit(
        x,
        y,
        batch_size=EXAMPLES // BATCHES,
        epochs=epochs,
        shuffle=way > 0,
        verbose=0,
        callbacks=[keras.callbacks.BackupAndRestore(folder / "backup"), Killer()],
    )
    np.savez(folder / "weights.npz", *network.get_weights())
    told = {
        "epochs": len(history.epoch),
        "initial": history.epoch[0],
        "loss": float(network.evaluate(x, y, verbose=0)),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
