"""Training steps of PyTorch's LSTM (see lstm.py)."""

import json
import sys
import time

import torch
from harness import serve
from torch import nn

SETTINGS = json.loads(sys.argv[1])


class Network(nn.Module):
    """An LSTM with one dense unit on its last state."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(SETTINGS["features"], SETTINGS["units"], batch_first=True)
        self.dense = nn.Linear(SETTINGS["units"], 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.dense(self.lstm(x)[0][:, -1])


torch.manual_seed(1)
NETWORK = Network()
OPTIMIZER = torch.optim.Adam(NETWORK.parameters())


def train(batches: int) -> dict:
    """Train on some batches."""
    x = torch.randn(batches, SETTINGS["batch"], SETTINGS["steps"], SETTINGS["features"])
    start = time.perf_counter()
    for batch in x:
        loss = nn.functional.mse_loss(NETWORK(batch), batch[:, 0, :1])
        OPTIMIZER.zero_grad()
        loss.backward()
        OPTIMIZER.step()
    return {"seconds": time.perf_counter() - start, "loss": loss.item()}


serve({"train": train}, {"pytorch": torch.__version__})
