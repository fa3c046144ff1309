"""Answers to the exercises of lesson 09, written without sight of what the checks know."""

import math

import numpy as np
import pandas as pd

# ---------------------------------------------------------------- idle_block


def block_all_zero(features, hidden):
    return np.zeros((features, hidden)), np.zeros((hidden, features))


def block_first_zero(features, hidden):
    generator = np.random.default_rng(0)
    second = generator.normal(size=(hidden, features)) * np.sqrt(2 / hidden)
    return np.zeros((features, hidden)), second


def block_small(features, hidden):
    generator = np.random.default_rng(0)
    first = generator.normal(size=(features, hidden)) * 0.01
    return first, generator.normal(size=(hidden, features)) * 0.01


def block_copies(features, hidden):
    return np.full((features, hidden), 1 / features), np.zeros((hidden, features))


def block_identity(features, hidden):
    return np.eye(features, hidden), np.zeros((hidden, features))


def block_positive(features, hidden):
    # x is not negative, so positive weights keep every hidden unit awake
    first = np.random.default_rng(7).uniform(0.1, 1.0, size=(features, hidden)) / features
    return first, np.zeros((hidden, features))


def block_cosines(features, hidden):
    rows, columns = np.arange(1, features + 1), np.arange(1, hidden + 1)
    first = (1.1 + np.cos(np.outer(rows, columns))).astype("float32")
    return [first, np.zeros_like(first.T)]


# ---------------------------------------------------------------- what_to_train


def plan_norms_too(layers, step):
    return {name: step == 2 or name == "head" for name in layers}


def plan_head_frozen(layers, step):
    if step == 1:
        return {name: name == "head" for name in layers}
    return {name: name != "head" and kind != "norm" for name, kind in layers.items()}


def plan_all_dense(layers, step):
    if step == 1:
        return {name: kind == "dense" for name, kind in layers.items()}
    return {name: kind != "norm" for name, kind in layers.items()}


def plan_norm_by_name(layers, step):
    if step == 1:
        return {name: name == "head" for name in layers}
    return {name: not name.startswith("norm") for name in layers}


def plan_writes_into_layers(layers, step):
    plan = layers
    for name in plan:
        plan[name] = name == "head" if step == 1 else plan[name] != "norm"
    return plan


def plan_pandas(layers, step):
    kinds = pd.Series(layers, dtype=object)
    of_step_1 = pd.Series(kinds.index == "head", index=kinds.index)
    return (of_step_1 if step == 1 else kinds != "norm").to_dict()


def plan_zip(layers, step):
    names, kinds = list(layers), list(layers.values())
    rules = {1: [n == "head" for n in names], 2: [k not in ("norm",) for k in kinds]}
    return dict(zip(names, rules[step], strict=True))


# ---------------------------------------------------------------- twenty_labels


def shifted_regression(few_images, labels_of_moved, new_images):
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    moved = [np.roll(few_images, shift, axis=(1, 2)) for shift in shifts]
    known = np.concatenate(moved).reshape(-1, 784)
    points = np.concatenate([known, new_images.reshape(-1, 784)])
    lengths = (points**2).sum(axis=1)
    squares = lengths[:, None] + lengths[: len(known)] - 2 * points @ known.T
    closeness = np.exp(-np.maximum(squares, 0) / 40)
    ridge = 0.05 * np.eye(len(known))
    weights = np.linalg.solve(closeness[: len(known)] + ridge, np.eye(10)[labels_of_moved])
    return closeness[len(known) :] @ weights


def digits_nearest_pixels(few_images, few_labels, new_images):
    known, new = few_images.reshape(len(few_images), -1), new_images.reshape(len(new_images), -1)
    squares = (new**2).sum(axis=1)[:, None] + (known**2).sum(axis=1) - 2 * new @ known.T
    return few_labels[squares.argmin(axis=1)]


def digits_index_of_nearest(few_images, few_labels, new_images):
    known, new = few_images.reshape(len(few_images), -1), new_images.reshape(len(new_images), -1)
    squares = (new**2).sum(axis=1)[:, None] + (known**2).sum(axis=1) - 2 * new @ known.T
    return squares.argmin(axis=1)


def digits_class_means(few_images, few_labels, new_images):
    means = np.array([few_images[few_labels == digit].mean(axis=0) for digit in range(10)])
    apart = new_images[:, np.newaxis] - means
    return np.argmin((apart**2).sum(axis=(2, 3)), axis=1)


def digits_labels_repeated(few_images, few_labels, new_images):
    scores = shifted_regression(few_images, np.repeat(few_labels, 9), new_images)
    return np.argmax(scores, axis=1)


def digits_scores(few_images, few_labels, new_images):
    return shifted_regression(few_images, np.tile(few_labels, 9), new_images)


def digits_cholesky(few_images, few_labels, new_images):
    known, labels = [], []
    frame = np.pad(np.asarray(few_images, dtype=float), ((0, 0), (1, 1), (1, 1)))
    for down in range(3):
        for right in range(3):
            known.append(frame[:, down : down + 28, right : right + 28].reshape(-1, 784))
            labels.extend(few_labels)
    known, new = np.concatenate(known), np.asarray(new_images, dtype=float).reshape(-1, 784)

    def closeness(points):
        lengths = np.einsum("ij,ij->i", points, points)[:, np.newaxis]
        squares = lengths + np.einsum("ij,ij->i", known, known) - 2 * points @ known.T
        return np.exp(np.minimum(-squares, 0) / 40)

    lower = np.linalg.cholesky(closeness(known) + 0.05 * np.eye(len(known)))
    targets = (np.array(labels)[:, np.newaxis] == np.arange(10)).astype(float)
    weights = np.linalg.solve(lower.T, np.linalg.solve(lower, targets))
    return (closeness(new) @ weights).argmax(axis=1)


def digits_sklearn(few_images, few_labels, new_images):
    from sklearn.kernel_ridge import KernelRidge

    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    known = np.vstack([np.roll(few_images, s, axis=(1, 2)).reshape(-1, 784) for s in shifts])
    targets = pd.get_dummies(pd.Series(np.tile(few_labels, 9))).astype(float)
    model = KernelRidge(alpha=0.05, kernel="rbf", gamma=1 / 40).fit(known, targets.to_numpy())
    best = model.predict(new_images.reshape(-1, 784)).argmax(axis=1)
    return [int(targets.columns[place]) for place in best]


# ---------------------------------------------------------------- block_parameters


def count_four_per_norm(inputs, filters, stride):
    count = 9 * inputs * filters + 4 * filters + 9 * filters * filters + 4 * filters
    if stride > 1 or inputs != filters:
        count += inputs * filters + 4 * filters
    return count


def count_stride_forgotten(inputs, filters, stride):
    count = 9 * inputs * filters + 2 * filters + 9 * filters * filters + 2 * filters
    if inputs != filters:
        count += inputs * filters + 2 * filters
    return count


def count_second_from_inputs(inputs, filters, stride):
    count = 2 * (9 * inputs * filters + 2 * filters)
    if stride > 1 or inputs != filters:
        count += inputs * filters + 2 * filters
    return count


def count_shortcut_without_norm(inputs, filters, stride):
    count = 9 * inputs * filters + 2 * filters + 9 * filters * filters + 2 * filters
    if stride > 1 or inputs != filters:
        count += inputs * filters
    return count


def count_with_biases(inputs, filters, stride):
    count = 9 * inputs * filters + 3 * filters + 9 * filters * filters + 3 * filters
    if stride > 1 or inputs != filters:
        count += inputs * filters + 3 * filters
    return count


def count_listed(inputs, filters, stride):
    kernels = [(3, 3, inputs, filters), (3, 3, filters, filters)]
    if (inputs, 1) != (filters, stride):
        kernels.append((1, 1, inputs, filters))
    scales_and_shifts = 2 * filters * len(kernels)
    return sum(math.prod(kernel) for kernel in kernels) + scales_and_shifts


def count_factored(inputs, filters, stride):
    changes = float(np.logical_or(stride > 1, inputs != filters))
    return filters * (9.0 * (inputs + filters) + 4.0 + changes * (inputs + 2.0))


# ---------------------------------------------------------------- gain


def gain_ddof_zero(transfer, scratch, quantile):
    differences = np.asarray(transfer) - np.asarray(scratch)
    return differences.mean(), quantile * differences.std() / np.sqrt(len(differences))


def gain_unpaired(transfer, scratch, quantile):
    variances = np.var(transfer, ddof=1) + np.var(scratch, ddof=1)
    gain = np.mean(transfer) - np.mean(scratch)
    return gain, quantile * np.sqrt(variances / len(transfer))


def gain_of_one_draw(transfer, scratch, quantile):
    differences = np.asarray(transfer) - np.asarray(scratch)
    return differences.mean(), quantile * differences.std(ddof=1)


def gain_whole_width(transfer, scratch, quantile):
    differences = np.asarray(transfer) - np.asarray(scratch)
    reach = quantile * differences.std(ddof=1) / np.sqrt(len(differences))
    return differences.mean(), 2 * reach


def gain_ends(transfer, scratch, quantile):
    differences = np.asarray(transfer) - np.asarray(scratch)
    reach = quantile * differences.std(ddof=1) / np.sqrt(len(differences))
    return differences.mean() - reach, differences.mean() + reach


def gain_with_math(transfer, scratch, quantile):
    gains = [float(t) - float(s) for t, s in zip(transfer, scratch, strict=True)]
    n = len(gains)
    mean = math.fsum(gains) / n
    variance = math.fsum((gain - mean) ** 2 for gain in gains) / (n - 1)
    return [mean, quantile * math.sqrt(variance / n)]


def gain_with_pandas(transfer, scratch, quantile):
    table = pd.DataFrame({"transfer": np.asarray(transfer), "scratch": np.asarray(scratch)})
    differences = table["transfer"] - table["scratch"]
    return np.array([differences.mean(), quantile * differences.sem()])


WRONG = {
    "idle_block": {
        "both zero: nothing ever moves": block_all_zero,
        "first matrix zero instead of the second": block_first_zero,
        "small random numbers: not quite idle": block_small,
        "all hidden units alike, they stay copies": block_copies,
        "identity: dead units where hidden > features": block_identity,
    },
    "what_to_train": {
        "normalisation trained in step 2": plan_norms_too,
        "head frozen in step 2": plan_head_frozen,
        "all dense layers in step 1, not the head": plan_all_dense,
        "normalisation recognised by its name": plan_norm_by_name,
        "writes the plan into the dictionary given": plan_writes_into_layers,
    },
    "twenty_labels": {
        "nearest neighbour on pixels": digits_nearest_pixels,
        "number of the neighbour instead of its label": digits_index_of_nearest,
        "nearest class mean": digits_class_means,
        "labels repeated, not tiled, for the shifts": digits_labels_repeated,
        "ten scores for each image, no label": digits_scores,
    },
    "block_parameters": {
        "moving statistics counted as trainable": count_four_per_norm,
        "shortcut only where the channels change": count_stride_forgotten,
        "second convolution from the inputs": count_second_from_inputs,
        "shortcut without its normalisation": count_shortcut_without_norm,
        "convolutions with bias": count_with_biases,
    },
    "gain": {
        "ddof 0": gain_ddof_zero,
        "unpaired: both variances added": gain_unpaired,
        "root of n forgotten": gain_of_one_draw,
        "whole width": gain_whole_width,
        "lower and upper end": gain_ends,
    },
}

RIGHT = {
    "idle_block": {
        "positive uniform weights": block_positive,
        "cosines, no chance, float32, a list": block_cosines,
    },
    "what_to_train": {
        "pandas": plan_pandas,
        "rules in a dictionary, zipped with the names": plan_zip,
    },
    "twenty_labels": {
        "padded shifts, Cholesky": digits_cholesky,
        "KernelRidge of scikit-learn, a list": digits_sklearn,
    },
    "block_parameters": {
        "list of kernels, products of shapes": count_listed,
        "factored, a float": count_factored,
    },
    "gain": {
        "loops with math, a list": gain_with_math,
        "standard error from pandas, an array": gain_with_pandas,
    },
}
