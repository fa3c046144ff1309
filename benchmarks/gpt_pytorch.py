"""The same GPT in plain PyTorch, eager or compiled (see gpt.py)."""

import json
import math
import sys

import numpy as np
import torch
from harness import serve
from torch import nn
from torch.nn import functional

CONTEXT, WIDTH, DEPTH, HEADS, BATCH_SIZE = 64, 128, 4, 4, 12
PEAK, CLIMB, DECAY = 1e-3, 100, 0.1
SETTINGS = json.loads(sys.argv[1])
TEXT = np.load(SETTINGS["text"])


class Block(nn.Module):
    """Pre-norm attention and two dense layers, without biases."""

    def __init__(self) -> None:
        super().__init__()
        self.norm_1 = nn.LayerNorm(WIDTH, bias=False)
        self.project = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.mix = nn.Linear(WIDTH, WIDTH, bias=False)
        self.norm_2 = nn.LayerNorm(WIDTH, bias=False)
        self.widen = nn.Linear(WIDTH, 4 * WIDTH, bias=False)
        self.narrow = nn.Linear(4 * WIDTH, WIDTH, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, _ = x.shape
        parts = self.project(self.norm_1(x)).view(batch, length, 3, HEADS, WIDTH // HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        read = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.mix(read.transpose(1, 2).reshape(batch, length, WIDTH))
        hidden = functional.gelu(self.widen(self.norm_2(x)), approximate="tanh")
        return x + self.narrow(hidden)


class GPT(nn.Module):
    """Token and place tables, blocks, and logits from the token table."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, WIDTH)
        self.places = nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.norm = nn.LayerNorm(WIDTH, bias=False)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                last = name.endswith(("mix.weight", "narrow.weight"))
                nn.init.normal_(weight, 0.0, 0.02 / math.sqrt(2 * DEPTH) if last else 0.02)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.tokens(tokens) + self.places(torch.arange(tokens.shape[1]))
        for block in self.blocks:
            x = block(x)
        return functional.linear(self.norm(x), self.tokens.weight)


torch.manual_seed(SETTINGS["seed"])
MODEL = GPT(SETTINGS["vocabulary"])
FAST = torch.compile(MODEL) if SETTINGS["compiled"] else MODEL
WEIGHTS = list(MODEL.parameters())
OPTIMIZER = torch.optim.AdamW(
    [
        {"params": [weight for weight in WEIGHTS if weight.dim() == 2], "weight_decay": DECAY},
        {"params": [weight for weight in WEIGHTS if weight.dim() < 2], "weight_decay": 0.0},
    ],
    lr=PEAK,
    betas=(0.9, 0.99),
    eps=1e-7,
)


def rate(step: int) -> float:
    """Return the share of the peak: a climb, then half a cosine down to a tenth."""
    climb = min(CLIMB, SETTINGS["steps"] // 10)
    if step < climb:
        return step / climb
    progress = min((step - climb) / (SETTINGS["steps"] - climb), 1.0)
    return 0.1 + 0.9 * (1 + math.cos(math.pi * progress)) / 2


SCHEDULE = torch.optim.lr_scheduler.LambdaLR(OPTIMIZER, rate)
GENERATOR = np.random.default_rng(SETTINGS["seed"])


def cross_entropy(model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean over all places, in nats."""
    return functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())


def train(steps: int) -> dict:
    """Take some steps, on the batches that Keras's side draws from the same seed."""
    text = TEXT["training"].astype("int64")
    for _ in range(steps // 10):
        starts = GENERATOR.integers(0, len(text) - CONTEXT, 10 * BATCH_SIZE)
        stretches = torch.from_numpy(text[starts[:, np.newaxis] + np.arange(CONTEXT + 1)])
        for batch in stretches.split(BATCH_SIZE):
            loss = cross_entropy(FAST, batch[:, :-1], batch[:, 1:])
            OPTIMIZER.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(WEIGHTS, 1.0)
            OPTIMIZER.step()
            SCHEDULE.step()
    return {"loss": loss.item()}


@torch.no_grad()
def validate() -> dict:
    """Return the mean cross-entropy in nats over the validation text."""
    text = torch.from_numpy(TEXT["validation"].astype("int64"))
    count = (len(text) - 1) // CONTEXT
    inputs = text[: count * CONTEXT].view(count, CONTEXT)
    targets = text[1 : count * CONTEXT + 1].view(count, CONTEXT)
    total = sum(
        cross_entropy(MODEL, x, y).item() * len(x)
        for x, y in zip(inputs.split(64), targets.split(64), strict=True)
    )
    return {"loss": total / count}


ABOUT = {"pytorch": torch.__version__, "parameters": sum(weight.numel() for weight in WEIGHTS)}
serve({"train": train, "validate": validate}, ABOUT)
