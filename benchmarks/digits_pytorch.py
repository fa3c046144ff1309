"""Lesson 08's network and recipe in plain PyTorch (see digits.py)."""

import json
import sys
import time

import numpy as np
import torch
from harness import serve
from torch import nn

from course_lib.training.augmentation import shift_images

DATA = np.load(json.loads(sys.argv[1])["data"])
IMAGES = (DATA["x_train"][..., np.newaxis] / 255).astype("float32")
TEST_IMAGES = torch.from_numpy((DATA["x_test"][:, np.newaxis] / 255).astype("float32"))
EPOCHS, BATCH_SIZE, PEAK = 4, 128, 0.01


def digit_network() -> nn.Module:
    """Return the layers of course_lib.models.digits, with Keras's initial weights."""
    network = nn.Sequential(
        *convolution(1, 16, kernel_size=5, stride=2),
        *convolution(16, 48, kernel_size=3),
        nn.MaxPool2d(2),
        *convolution(48, 96, kernel_size=3),
        nn.Flatten(),
        nn.Linear(96 * 3 * 3, 10),
    )
    for layer in network:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(network[-1].bias)
    return network


def convolution(inputs: int, outputs: int, kernel_size: int, stride: int = 1) -> list[nn.Module]:
    """Return a convolution without bias, batch normalisation and ReLU."""
    return [
        nn.Conv2d(inputs, outputs, kernel_size, stride, bias=False),
        # PyTorch's momentum is the weight of the new batch, Keras's of the old average.
        nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.2),
        nn.ReLU(),
    ]


def train(seed: int) -> dict:
    """Train anew from a seed; test outside the clock."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    network = digit_network()
    labels = torch.from_numpy(DATA["y_train"].astype("int64"))
    start = time.perf_counter()
    optimizer = torch.optim.Adam(network.parameters(), PEAK, eps=1e-7)
    loss_function = nn.CrossEntropyLoss(label_smoothing=0.05)
    batches = -(-len(IMAGES) // BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, PEAK, total_steps=EPOCHS * batches, cycle_momentum=False
    )
    network.train()
    shifted = np.empty_like(IMAGES)
    for _ in range(EPOCHS):
        shift_images(IMAGES, 1, generator, out=shifted)
        # With one channel, moving its axis moves no number.
        images = torch.from_numpy(shifted.reshape(-1, 1, 28, 28))
        for batch in torch.randperm(len(images)).split(BATCH_SIZE):
            loss = loss_function(network(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "accuracies": [accuracy(network)]}


@torch.no_grad()
def accuracy(network: nn.Module) -> float:
    """Return the share of test digits that the network reads right."""
    network.eval()
    read = torch.cat([network(images).argmax(1) for images in TEST_IMAGES.split(500)])
    return float((read.numpy() == DATA["y_test"]).mean())


PARAMETERS = sum(weight.numel() for weight in digit_network().parameters())
serve({"train": train}, {"pytorch": torch.__version__, "parameters": PARAMETERS})
