"""Answers to the exercises of lesson 17, written without sight of what the checks know."""

import math

import numpy as np


# 1. highest_rank
def rank_equal_counts_as_fewer(shapes):
    return sum(n * m for n, m in shapes) // sum(n + m for n, m in shapes)


def rank_of_the_tightest_kernel(shapes):
    return min((n * m - 1) // (n + m) for n, m in shapes)


def rank_mean_over_kernels(shapes):
    return int(np.mean([(n * m - 1) // (n + m) for n, m in shapes]))


def rank_first_that_does_not_save(shapes):
    return math.ceil(sum(n * m for n, m in shapes) / sum(n + m for n, m in shapes))


def rank_half_the_smallest_side(shapes):
    return min(min(n, m) for n, m in shapes) // 2


def rank_by_trying(shapes):
    rank = 0
    while sum((rank + 1) * (n + m) for n, m in shapes) < sum(n * m for n, m in shapes):
        rank += 1
    return rank


def rank_by_ceiling(shapes):
    table = np.array(shapes, dtype=float)
    return np.ceil(table.prod(axis=1).sum() / table.sum()) - 1


# 2. forgetting
def forgotten_by_loop(before, after, lengths):
    nats, characters = 0.0, 0
    for old, new, length in zip(before, after, lengths, strict=False):
        nats += (float(new) - float(old)) * float(length)
        characters += float(length)
    return nats / characters * math.log2(math.e)


def forgotten_by_average(before, after, lengths):
    bits_after = np.average(np.asarray(after) / math.log(2), weights=lengths)
    bits_before = np.average(np.asarray(before) / math.log(2), weights=lengths)
    return np.array([bits_after - bits_before])


# 3. adapter
def adapter_with_numpy_numbers():
    return {"steps": np.int64(800), "learning_rate": np.float64(0.05), "rank": np.int64(3)}


def adapter_slower_and_longer():
    return {"rank": 3, "learning_rate": 0.03, "steps": 2_000}


# 4. merged_kernel
def merged_in_place(kernel, a, b, alpha):
    kernel += (alpha / a.shape[1] * (a @ b)).astype(kernel.dtype)
    return kernel


def merged_by_outer_products(kernel, a, b, alpha):
    merged = np.array(kernel, dtype=float)
    rank = len(b)
    for column, row in zip(np.transpose(a), b, strict=False):
        merged = merged + np.outer(column, row) * (alpha / rank)
    return merged


def merged_by_what_it_does(kernel, a, b, alpha):
    # send every unit vector through the kernel and the side path
    x = np.eye(kernel.shape[0])
    return (x @ kernel + np.einsum("xn,nr,rm->xm", x, a, b) * alpha / a.shape[-1]).tolist()


# 5. preference_loss
def loss_overflowing(chosen, rejected, chosen_before, rejected_before, beta):
    margin = beta * ((chosen - chosen_before) - (rejected - rejected_before))
    with np.errstate(over="ignore", divide="ignore"):
        return -np.log(1 / (1 + np.exp(np.float64(-margin))))


def loss_sign(chosen, rejected, chosen_before, rejected_before, beta):
    return np.logaddexp(0, beta * ((chosen - chosen_before) - (rejected - rejected_before)))


def loss_without_reference(chosen, rejected, chosen_before, rejected_before, beta):
    return np.logaddexp(0, -beta * (chosen - rejected))


def loss_beta_outside(chosen, rejected, chosen_before, rejected_before, beta):
    margin = (chosen - chosen_before) - (rejected - rejected_before)
    return beta * np.logaddexp(0, -margin)


def loss_reference_added(chosen, rejected, chosen_before, rejected_before, beta):
    # brackets lost: minus rejected, minus rejected_before
    return np.logaddexp(0, -beta * (chosen - chosen_before - rejected - rejected_before))


def loss_by_cases(chosen, rejected, chosen_before, rejected_before, beta):
    margin = float(beta * ((chosen - rejected) - (chosen_before - rejected_before)))
    if margin >= 0:
        return math.log1p(math.exp(-margin))
    return math.log1p(math.exp(margin)) - margin


def loss_as_cross_entropy(chosen, rejected, chosen_before, rejected_before, beta):
    # softmax over the two rewards, the right class is the first
    rewards = np.array([chosen - chosen_before, rejected - rejected_before]) * beta
    rewards = rewards - rewards[0]
    top = rewards.max()
    other = np.exp(rewards.min() - top)
    return np.array([top + np.log1p(other)])


# 6. kl_divergence
def kl_by_loop(now, old, real):
    total = 0.0
    for new_row, old_row, real_row in zip(now, old, real, strict=False):
        for new, before, is_real in zip(new_row, old_row, real_row, strict=False):
            if is_real:
                total += float(new) - float(before)
    return total / len(now)


def kl_by_einsum(now, old, real):
    new, before = np.einsum("ac,ac->a", now, real), np.einsum("ac,ac->a", old, real)
    return np.array([np.average(new - before)])


WRONG = {
    "highest_rank": {
        "as many counts as fewer": rank_equal_counts_as_fewer,
        "each kernel by itself, the smallest rank": rank_of_the_tightest_kernel,
        "mean of the ranks of the kernels": rank_mean_over_kernels,
        "rounded up: the first rank that saves nothing": rank_first_that_does_not_save,
        "half the smallest side, as for a square kernel": rank_half_the_smallest_side,
    },
    "forgetting": {
        "plain mean over the texts": lambda before, after, lengths: (
            np.mean(after - before) / np.log(2)
        ),
        "left in nats": lambda before, after, lengths: (
            np.sum((after - before) * lengths) / np.sum(lengths)
        ),
        "before minus after": lambda before, after, lengths: (
            np.sum((before - after) * lengths) / np.sum(lengths) / np.log(2)
        ),
        "multiplied by log 2": lambda before, after, lengths: (
            np.sum((after - before) * lengths) / np.sum(lengths) * np.log(2)
        ),
        "losses taken for sums over the text": lambda before, after, lengths: (
            np.sum(after - before) / np.sum(lengths) / np.log(2)
        ),
    },
    "adapter": {
        "rank 6 trains 6 * (24 + 16) = 240 weights": lambda: {
            "rank": 6,
            "learning_rate": 0.05,
            "steps": 500,
        },
        "rank 1 has too few directions": lambda: {"rank": 1, "learning_rate": 0.05, "steps": 500},
        "learning rate of fine-tuning a large model, far too few steps": lambda: {
            "rank": 3,
            "learning_rate": 1e-5,
            "steps": 100,
        },
        "more steps than allowed": lambda: {"rank": 3, "learning_rate": 0.05, "steps": 20_000},
        "no steps to speak of": lambda: {"rank": 3, "learning_rate": 0.001, "steps": 10},
    },
    "merged_kernel": {
        "alpha and rank forgotten": lambda kernel, a, b, alpha: kernel + a @ b,
        "alpha not divided by the rank": lambda kernel, a, b, alpha: kernel + alpha * (a @ b),
        "divided by the number of rows of a": lambda kernel, a, b, alpha: (
            kernel + alpha / len(a) * (a @ b)
        ),
        "returns the change alone": lambda kernel, a, b, alpha: alpha / a.shape[1] * (a @ b),
        "right values, but changes the old kernel": merged_in_place,
    },
    "preference_loss": {
        "sign of the margin": loss_sign,
        "reference forgotten": loss_without_reference,
        "beta outside the logarithm": loss_beta_outside,
        "infinite for a very wrong pair": loss_overflowing,
        "brackets lost: rejected_before subtracted": loss_reference_added,
    },
    "kl_divergence": {
        "nats a character: divided by the real characters": lambda now, old, real: (
            np.sum((now - old) * real) / np.sum(real)
        ),
        "old minus new": lambda now, old, real: np.mean(np.sum((old - now) * real, axis=1)),
        "padding counted": lambda now, old, real: np.mean(np.sum(now - old, axis=1)),
        "weighted with the probabilities once more": lambda now, old, real: np.mean(
            np.sum(np.exp(now) * (now - old) * real, axis=1)
        ),
        "mean over all places, padding too": lambda now, old, real: np.mean((now - old) * real),
    },
}
RIGHT = {
    "highest_rank": {
        "tries rank after rank": rank_by_trying,
        "ceiling minus 1 in NumPy, returns a float": rank_by_ceiling,
    },
    "forgetting": {
        "loop, times log2(e)": forgotten_by_loop,
        "difference of two weighted averages, one-element array": forgotten_by_average,
    },
    "adapter": {
        "dict() with NumPy numbers, a few more steps": adapter_with_numpy_numbers,
        "smaller learning rate, more steps": adapter_slower_and_longer,
    },
    "merged_kernel": {
        "sum of outer products": merged_by_outer_products,
        "unit vectors sent through, returns lists": merged_by_what_it_does,
    },
    "preference_loss": {
        "math.log1p, two cases": loss_by_cases,
        "cross-entropy over two rewards, one-element array": loss_as_cross_entropy,
    },
    "kl_divergence": {
        "loop over real characters": kl_by_loop,
        "einsum, one-element array": kl_by_einsum,
    },
}
